"""Deliveries over sockets: verified, accepted or turned away, and answered by script."""

from __future__ import annotations

import asyncio
import time

import pytest
from standardwebhooks import Webhook

from tests.helpers.signed import (
    OTHER_SECRET,
    SECRET,
    github_headers,
    standard_headers,
    stripe_headers,
)
from tests.helpers.waiting import until
from tests.helpers.webhooks import delivery, signed_by
from wedload.clock import MonotonicClock
from wedload.plan.channels import Answer
from wedload.units import NS_PER_MS, NS_PER_S

BODY = b'{"id": "s-1", "of": "venue 7", "number": 3}'
SMALL = b'{"id": 1}'


async def test_a_signed_delivery_is_heard_with_its_key_and_when_it_came(listen):
    receiver = await listen(
        signature=signed_by("standard-webhooks"), entity="json.of", sequence="json.number"
    )
    sender = await receiver.sender()
    before_ns = MonotonicClock.now_ns()
    status, _, _ = await sender.post(BODY, standard_headers(BODY, "msg_1"))
    after_ns = MonotonicClock.now_ns()
    assert status == 200
    ((key, at_ns, subscriber, place, message),) = receiver.hearing.messages
    assert (key, subscriber, place) == ("s-1", 0, ("venue 7", 3.0))
    assert before_ns < at_ns < after_ns
    assert (message.at_ns, message.body, message.status) == (at_ns, BODY, 200)
    assert message.headers["webhook-id"] == "msg_1"
    assert receiver.hearing.counts == {("webhook_attempts", ""): 1}


async def test_it_is_stamped_when_its_last_byte_comes(listen):
    receiver = await listen()
    sender = await receiver.sender()
    data = b"POST /hooks HTTP/1.1\r\nContent-Length: 13\r\n\r\n"
    sender.writer.write(data + BODY[:5])
    await until(lambda: receiver.hearing.counted("webhook_attempts") == 1)
    begun_ns = MonotonicClock.now_ns()
    sender.writer.write(BODY[5:12] + b"}")
    assert (await sender.answer())[0] == 200
    assert receiver.hearing.messages[0][1] > begun_ns


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        ("stripe", stripe_headers), ("github", github_headers), ("none", lambda _: {}),
        ("standard-webhooks", standard_headers),
    ],
)  # fmt: skip
async def test_deliveries_of_every_scheme_are_heard_and_repeats_are_duplicates(
    listen, scheme, headers
):
    receiver = await listen(signature=signed_by(scheme))
    sender = await receiver.sender()
    assert [(await sender.post(BODY, headers(BODY)))[0] for _ in range(3)] == [200] * 3
    assert receiver.hearing.keys == ["s-1"]
    assert receiver.hearing.counted("webhook_attempts") == 3
    assert receiver.hearing.counted("webhook_duplicates") == 2


async def test_a_delivery_that_is_not_genuine_is_turned_away_and_says_why(listen):
    receiver = await listen(signature=signed_by("standard-webhooks"))
    sender = await receiver.sender()
    good, now_s = standard_headers(BODY), time.time()
    tries = [
        ({}, 401, "missing-header"),
        (good | {"webhook-signature": "gibberish"}, 400, "malformed"),
        (standard_headers(BODY, secret=OTHER_SECRET), 401, "bad-signature"),
        (good | {"webhook-id": "msg_2"}, 401, "bad-signature"),
        (standard_headers(BODY, at_s=now_s - 400), 401, "stale"),
        (standard_headers(BODY, at_s=now_s + 400), 401, "future"),
    ]
    for headers, status, reason in tries:
        found, _, text = await sender.post(BODY, headers)
        assert (found, text.decode().split(":")[0]) == (status, reason)
    hearing = receiver.hearing
    assert hearing.messages == hearing.arrivals == []
    assert hearing.rejections == {
        "missing-header": 1, "malformed": 1, "bad-signature": 2, "stale": 1, "future": 1,
    }  # fmt: skip
    assert hearing.counted("webhook_invalid_signature") == 6
    assert receiver.ear.report()["rejections"] == dict(sorted(hearing.rejections.items()))
    assert (await sender.post(BODY, good))[0] == 200
    assert hearing.keys == ["s-1"]


async def test_a_signature_with_the_old_of_two_secrets_is_good(listen):
    receiver = await listen(
        signature=signed_by("standard-webhooks", f"{OTHER_SECRET} {SECRET}"),
    )
    sender = await receiver.sender()
    for number, secret in enumerate((SECRET, OTHER_SECRET)):
        headers = standard_headers(BODY, f"m{number}", secret=secret)
        Webhook(secret).verify(BODY, headers)
        assert (await sender.post(BODY, headers))[0] == 200


async def test_what_has_no_key_is_unexpected(listen):
    receiver = await listen()
    sender = await receiver.sender()
    for body in (b"{}", b"no json", b"[" * 9_999, b'{"id": null}'):
        assert (await sender.post(body))[0] == 200
    assert receiver.hearing.counted("webhook_unexpected") == 4
    assert receiver.hearing.messages == []


async def test_a_sender_that_is_told_to_wait_comes_again_and_its_schedule_is_in_the_report(listen):
    busy = Answer(status=429, retry_after=1_200 * NS_PER_MS)
    receiver = await listen(
        signature=signed_by("standard-webhooks"), answers=(Answer(status=503, times=2), busy)
    )
    sender = await receiver.sender()
    answers = [await sender.post(BODY, standard_headers(BODY)) for _ in range(5)]
    assert [status for status, _, _ in answers] == [503, 503, 429, 200, 200]
    assert [headers.get("retry-after") for _, headers, _ in answers] == [
        None,
        None,
        "2",
        None,
        None,
    ]
    hearing = receiver.hearing
    ((key, arrived_ns),) = hearing.arrivals
    assert (key, hearing.keys) == ("s-1", ["s-1"])
    assert arrived_ns < hearing.messages[0][1]
    assert hearing.counts == {
        ("webhook_attempts", ""): 5, ("webhook_retries", ""): 3, ("webhook_duplicates", ""): 1,
    }  # fmt: skip
    report = receiver.ear.report()
    assert (report["kind"], report["url"], report["attempts"]) == ("webhook", receiver.url, 5)
    assert [(row["attempt"], row["after"], row["count"]) for row in report["retries"]] == [
        (2, 503, 1), (3, 503, 1), (4, 429, 1),
    ]  # fmt: skip
    assert all(0 < row["min_ms"] <= row["med_ms"] <= row["max_ms"] for row in report["retries"])


async def test_gone_is_told_to_a_share_of_the_messages(listen):
    receiver = await listen(answers=(Answer(status=410, times=1_000),), answers_ratio=0.5)
    sender = await receiver.sender()
    statuses = [
        [(await sender.post(SMALL, {"webhook-id": f"m{number}"}))[0] for _ in range(2)]
        for number in range(60)
    ]
    assert {tuple(pair) for pair in statuses} == {(200, 200), (410, 410)}
    accepted = statuses.count([200, 200])
    assert len(receiver.hearing.messages) == accepted
    assert len(receiver.hearing.arrivals) == 60 - accepted


async def test_silence_holds_up_nobody_else_and_ends_the_connection(listen):
    receiver = await listen(answers=(Answer(hang=300 * NS_PER_MS),), answers_ratio=0.5)
    waiting = []
    for number in range(20):
        sender = await receiver.sender()
        headers = {"webhook-id": f"m{number}"}
        sender.writer.write(delivery(SMALL, headers) * 2)  # the second is not read
        waiting.append((sender, MonotonicClock.now_ns()))
    other = await receiver.sender()
    assert (await other.post(b'{"id": "other"}', {"webhook-id": "m0"}))[0] == 200
    hung = 0
    for sender, begun_ns in waiting:
        first = await sender.reader.read(1)
        if first:
            assert (await sender.answer(begun=first))[0] == 200
        else:
            hung += 1
            assert MonotonicClock.now_ns() - begun_ns >= 290 * NS_PER_MS
    assert 0 < hung < 20
    # once is a hang, the attempt after it success
    assert receiver.hearing.counted("webhook_retries") <= 1


async def test_a_sender_that_gives_up_waiting_ends_the_silence(listen):
    receiver = await listen(answers=(Answer(hang=3_600 * NS_PER_S),))
    sender = await receiver.sender()
    sender.writer.write(delivery(SMALL, {"webhook-id": "m"}))
    await until(lambda: receiver.hearing.arrivals != [])
    await sender.close()
    await until(lambda: not receiver.ear._service.connections)
    again = await receiver.sender()
    assert (await again.post(SMALL, {"webhook-id": "m"}))[0] == 200
    (row,) = receiver.ear.report()["retries"]
    assert (row["attempt"], row["after"]) == (2, "hang")
    assert receiver.hearing.rejections == {}


async def test_ids_beyond_those_remembered_are_forgotten_and_counted(listen):
    receiver = await listen(remember=2)
    sender = await receiver.sender()
    for message_id in ("a", "b", "c", "a"):
        await sender.post(BODY, {"webhook-id": message_id})
    assert receiver.ear.report()["forgotten"] == 2
    assert receiver.hearing.counted("webhook_duplicates") == 0


async def test_many_senders_at_once_are_all_heard_once(listen):
    receiver = await listen(signature=signed_by("standard-webhooks"))

    async def deliver(of: int) -> None:
        sender = await receiver.sender()
        for number in range(20):
            body = b'{"id": "%d-%d"}' % (of, number)
            headers = standard_headers(body, f"m-{of}-{number}")
            assert (await sender.post(body, headers))[0] == 200

    await asyncio.gather(*(deliver(of) for of in range(25)))
    assert len(set(receiver.hearing.keys)) == len(receiver.hearing.keys) == 500
    stamps = [at_ns for _, at_ns, *_ in receiver.hearing.messages]
    assert stamps == sorted(stamps)
