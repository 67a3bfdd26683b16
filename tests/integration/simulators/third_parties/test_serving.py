"""HTTP as third parties serve it: good requests of every kind, bad ones, and what is counted."""

from __future__ import annotations

import json

import pytest

from tests.helpers.played import EMAIL
from tests.helpers.waiting import SOON_S, until
from wedload.plan.distribution import Distribution
from wedload.plan.fields import RequestLine
from wedload.plan.third_parties import Dependency, Quota, Route
from wedload.simulators.limits import Limits
from wedload.units import NS_PER_MS, NS_PER_S

MAIL = Dependency(simulate="email")
LATE = Dependency(simulate="email", latency=Distribution.parse("uniform(0ms, 4ms)"))
BODY = json.dumps(EMAIL).encode()
POST = b"POST /emails HTTP/1.1\r\nAuthorization: Bearer t\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = POST + b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
#: of third parties that lose their patience soon
SOON_NS = round(SOON_S * NS_PER_S)
IMPATIENT = Limits(whole_ns=SOON_NS, linger_ns=SOON_NS, sweep_ns=10 * NS_PER_MS)


async def test_a_connection_serves_one_request_after_another(play):
    party = await play(LATE)
    peer = await party.peer()
    for number in range(20):
        assert (await peer.ask("POST /emails", EMAIL))[0] == 200
        attempts = await party.tells(number + 1)
        assert attempts[-1].ended_ns - attempts[-1].arrived_ns >= attempts[-1].drawn_ns


async def test_pipelined_requests_are_answered_in_their_order_and_none_is_lost(play):
    party = await play(LATE)
    peer = await party.peer()
    for number in range(100):  # more than may wait
        peer.send("POST /emails", {**EMAIL, "subject": f"no. {number}"})
    ids = [json.loads((await peer.answer())[2])["id"] for _ in range(100)]
    subjects = [json.loads((await peer.ask(f"GET /emails/{one}"))[2])["subject"] for one in ids]
    assert subjects == [f"no. {number}" for number in range(100)]
    assert len(await party.tells(200)) == 200


@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_a_request_may_come_in_pieces_and_its_body_in_chunks(play, step):
    party = await play(MAIL)
    peer = await party.peer()
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(BODY[at : at + 9]), BODY[at : at + 9])
        for at in range(0, len(BODY), 9)
    )
    for data in (CHUNKED + chunks + b"0\r\nTrailer: x\r\n\r\n", WHOLE):
        for at in range(0, len(data), step):
            peer.writer.write(data[at : at + step])
            await peer.writer.drain()
        assert (await peer.answer())[0] == 200


async def test_a_length_may_have_zeros_before_it(play):
    peer = await (await play(MAIL)).peer()
    peer.writer.write(POST + b"Content-Length: %05000d\r\n\r\n%b" % (len(BODY), BODY))
    assert (await peer.answer())[0] == 200


async def test_a_client_that_asks_first_is_told_to_go_on(play):
    peer = await (await play(MAIL)).peer()
    peer.writer.write(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
    assert (await peer.answer())[0] == 100
    peer.writer.write(BODY)
    assert (await peer.answer())[0] == 200


@pytest.mark.parametrize(
    ("head", "connection", "stays"),
    [
        (b"HTTP/1.1\r\n", None, True),
        (b"HTTP/1.1\r\nConnection: close\r\n", "close", False),
        (b"HTTP/1.0\r\n", "close", False),
        (b"HTTP/1.0\r\nConnection: keep-alive\r\n", "keep-alive", True),
        (b"HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", None, True),
    ],
)
async def test_a_connection_stays_as_client_and_version_have_it(play, head, connection, stays):
    peer = await (await play(MAIL)).peer()
    peer.writer.write(
        b"POST /emails " + head
        + b"Authorization: Bearer t\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
    )  # fmt: skip
    status, headers, _ = await peer.answer()
    assert (status, headers.get("connection")) == (200, connection)
    if stays:
        assert (await peer.ask("POST /emails", EMAIL))[0] == 200
    else:
        assert await peer.rest() == b""


async def test_an_answer_to_head_has_no_body(play):
    routes = (Route(http=RequestLine.parse("HEAD /a"), json=None, status=404),)
    peer = await (await play(Dependency(simulate="http", routes=routes))).peer()
    peer.send("HEAD /a")
    assert (await peer.answer(head_only=True))[0] == 404
    peer.send("HEAD /b")
    _, headers, _ = await peer.answer(head_only=True)
    assert int(headers["content-length"]) > 0
    peer.send("HEAD /a", connection="close")
    assert (await peer.rest()).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400, "garbage"),
        (b"hello\r\n\r\n", 400, "garbage"),
        (b"GET /\r\n\r\n", 400, "garbage"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "garbage"),
        (POST + b"no colon\r\n\r\n", 400, "garbage"),
        (POST + b"Content-Length: five\r\n\r\n", 400, "garbage"),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, "garbage"),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "garbage"),
        (CHUNKED + b"five\r\n", 400, "garbage"),
        (CHUNKED + b"1\r\nab\r\n", 400, "garbage"),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413, "too-large"),
        (CHUNKED + b"186a1\r\n" + bytes(100_001), 413, "too-large"),
        (POST + b"X: " + b"x" * 70_000 + b"\r\n\r\n", 431, "long-head"),
        (POST + b"X: " + b"x" * 200_000, 431, "long-head"),
    ],
)
async def test_what_is_no_request_is_refused_and_the_next_client_served(play, data, status, reason):
    party = await play(MAIL, limits=Limits(body_bytes=100_000))
    peer = await party.peer()
    peer.writer.write(data)
    found, headers, text = await peer.answer()
    assert (found, text.decode().split(":")[0]) == (status, reason)
    assert headers["connection"] == "close"
    assert await peer.rest() == b""
    assert party.simulator.report()["refused"] == {reason: 1}
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200
    assert len(await party.tells(1)) == 1  # it was no attempt


async def test_a_refusal_waits_for_the_answers_before_it(play):
    party = await play(LATE)
    peer = await party.peer()
    peer.writer.write(WHOLE + b"nonsense\r\n\r\n")
    assert [(await peer.answer())[0] for _ in range(2)] == [200, 400]
    assert await peer.rest() == b""
    await party.tells(1)


@pytest.mark.parametrize(
    "begun", [b"P", POST, POST + b"Content-Length: 5\r\n\r\nab", CHUNKED + b"5\r\nab"]
)
async def test_a_client_that_never_ends_its_request_is_told_so(play, begun):
    party = await play(MAIL, limits=IMPATIENT)
    peer = await party.peer()
    peer.writer.write(begun)
    status, _, text = await peer.answer()
    assert (status, text[:4]) == (408, b"slow")
    assert await peer.rest() == b""
    assert party.simulator.report()["refused"] == {"slow": 1}


async def test_a_client_that_asks_for_nothing_may_stay(play):
    party = await play(MAIL, limits=IMPATIENT)
    peer = await party.peer()
    await peer.ask("POST /emails", EMAIL)
    other = await party.peer()
    other.writer.write(b"P")
    assert (await other.answer())[0] == 408  # so much time has passed
    assert (await peer.ask("POST /emails", EMAIL))[0] == 200


@pytest.mark.parametrize("begun", [b"", b"POST /em", CHUNKED + b"5\r\nab"])
async def test_a_client_that_ends_its_half_before_it_has_asked_is_let_go(play, begun):
    party = await play(MAIL)
    peer = await party.peer()
    peer.writer.write(begun)
    peer.writer.write_eof()
    assert await peer.rest() == b""
    assert party.simulator.report()["refused"] == ({"cut-off": 1} if begun else {})
    assert party.told == []
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200


async def test_a_client_that_ends_its_half_has_the_answer_that_is_ready(play):
    party = await play(MAIL)
    peer = await party.peer()
    peer.writer.write(WHOLE)
    peer.writer.write_eof()
    assert (await peer.answer())[0] == 200
    assert await peer.rest() == b""
    assert (await party.tells(1))[0].outcome == "ok"


async def test_a_client_that_does_not_read_is_let_go_and_stops_nobody(play):
    party = await play(MAIL, limits=IMPATIENT)
    deaf = await party.peer()
    deaf.writer.transport.pause_reading()
    hub = party.simulator._hub
    (connection,) = hub.connections
    connection._transport.set_write_buffer_limits(high=0)
    while not connection._blocked:  # all buffers between are full
        for _ in range(1_000):
            deaf.send("GET /nothing")
        await (await party.peer()).ask("POST /emails", EMAIL)
    await until(lambda: connection not in hub.connections)


async def test_more_connections_than_there_is_room_for_are_told_so(play):
    party = await play(MAIL, limits=Limits(connections=2))
    first, _ = await party.peer(), await party.peer()
    assert (await first.ask("POST /emails", EMAIL))[0] == 200
    third = await party.peer()
    assert (await third.answer())[0] == 503
    assert await third.rest() == b""
    first.hang_up()
    await until(lambda: len(party.simulator._hub.connections) < 2)
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200


async def test_counts_are_told_on_a_side_path_and_count_as_no_attempt(play):
    party = await play(Dependency(simulate="email", quota=Quota(2, 3_600 * NS_PER_S)))
    peer = await party.peer()
    for _ in range(3):
        await peer.ask("POST /emails", EMAIL)
    _, _, body = await peer.ask("GET /_simulator/counts")
    counts = json.loads(body)
    assert (counts["requests"], counts["accepted"], counts["over_quota"]) == (3, 2, 1)
    assert counts["kept"]["emails"] == 2
    status, headers, body = await peer.ask("GET /metrics")
    assert (status, headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert b'outcome="quota",status="429"} 1\n' in body
    assert len(await party.tells(3)) == 3
    report = party.simulator.report()
    assert {key: report[key] for key in counts} == counts


async def test_a_route_of_the_plan_goes_before_the_side_paths(play):
    routes = (Route(http=RequestLine.parse("GET /metrics"), status=202),)
    party = await play(Dependency(simulate="http", routes=routes))
    assert (await (await party.peer()).ask("GET /metrics"))[0] == 202
    assert (await party.tells(1))[0].endpoint == "GET /metrics"


async def test_the_log_has_a_line_for_each_attempt_that_is_told(play, tmp_path):
    place = tmp_path / "attempts.jsonl"
    dependency = Dependency(
        simulate="email", latency=LATE.latency, quota=Quota(5, 3_600 * NS_PER_S), log=str(place)
    )
    party = await play(dependency)
    peer = await party.peer()
    for number in range(8):
        await peer.ask("POST /emails", EMAIL, idempotency_key=f"k{number // 2}")
    await until(lambda: place.read_text().count("\n") == 8)  # flushed while it runs
    lines = [json.loads(line) for line in place.read_text().splitlines()]
    assert [
        (one["operation"], one["outcome"], one["status"], one["done"], one["duration_ms"])
        for one in lines
    ] == [
        (one.operation, one.outcome, one.status, one.done,
         (one.ended_ns - one.arrived_ns) / NS_PER_MS)
        for one in await party.tells(8)
    ]  # fmt: skip
    assert "a-token" not in place.read_text()


async def test_nothing_of_a_token_is_kept(play, tmp_path):
    place = tmp_path / "log"
    dependency = Dependency(
        simulate="google-calendar", user_quota=Quota(5, NS_PER_S), log=str(place)
    )
    party = await play(dependency)
    peer = await party.peer()
    await peer.ask("GET /calendar/v3/calendars/a/events", authorization="Bearer canary-secret")
    party.simulator.flush()
    kept = place.read_text() + repr(party.told) + json.dumps(party.simulator.report())
    assert "canary" not in kept
