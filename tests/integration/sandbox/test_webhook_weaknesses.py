"""Weaknesses of the dispatcher are what the receiver sees, exactly."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ONE_AT_A_TIME = ("--rate-limit", "0", "--webhook-concurrency", "1")


def options(*weaknesses):
    return [part for weakness in weaknesses for part in ("--webhook-weakness", weakness)]


@pytest.fixture
def everything_settled(eventually):
    """Waits until nothing is left to be sent; what the dispatcher says it did."""

    async def wait(client, deliveries):
        async def counts():
            return (await client.get("/_sandbox/counts")).body

        def settled(counts):
            did = counts["webhooks"]
            return did["deliveries"] == deliveries and did["pending"] == 0

        return await eventually(counts, settled)

    return wait


class Checking:
    """A receiver's script that verifies as any receiver would, and answers 401 if it cannot."""

    def __init__(self, secret):
        self._webhook = Webhook(secret)
        self.accepted = []
        self.refused = []

    def __call__(self, arrival):
        try:
            self._webhook.verify(arrival.body, arrival.headers)
        except WebhookVerificationError:
            self.refused.append(arrival)
            return 401
        self.accepted.append(arrival)
        return 204

    def out_of_order(self):
        """First arrivals whose sequence is lower than one that came before."""
        highest, behind, seen = 0, 0, set()
        for arrival in self.accepted:
            sequence = arrival.json["sequence"]
            if arrival.id in seen:
                continue
            seen.add(arrival.id)
            behind += sequence < highest
            highest = max(highest, sequence)
        return behind


async def trigger_all(supplier, messages, at_once=16):
    """Triggers so many; when each was asked for, by id."""
    asked_s = {}
    left = iter(range(messages))

    async def worker():
        for n in left:
            now_s = time.monotonic()
            asked_s[await supplier.trigger(payload={"n": n})] = now_s

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return asked_s


async def test_ten_thousand_messages_suffer_exactly_what_was_asked_for(
    start, visit, receiver, everything_settled
):
    weak = options("lose=1/1428", "duplicate=1/909", "missign=1/2000", "delay=1/769:2s")
    quick = ("--webhook-retries", "5ms,5ms")
    server = start(*ONE_AT_A_TIME, *quick, *weak, *options("reorder=1/500"))
    supplier = await visit(server).sign_in("supplier")
    checking = Checking((await supplier.listen(f"{receiver.url}/"))["secret"])
    receiver.scripts["/"] = checking

    asked_s = await trigger_all(supplier, 10_000)
    counts = await everything_settled(supplier, 10_000)

    exactly = {"lose": 7, "duplicate": 11, "missign": 5, "delay": 13, "reorder": 20}
    assert counts["weaknesses"]["webhook"] == exactly
    assert counts["webhooks"]["by_weakness"] == exactly
    times = Counter(arrival.id for arrival in checking.accepted)
    refused = Counter(arrival.id for arrival in checking.refused)
    assert len(asked_s) == 10_000
    assert len(asked_s.keys() - times.keys() - refused.keys()) == 7
    assert Counter(times.values()) == {1: 10_000 - 7 - 5 - 11, 2: 11}
    assert sorted(refused.values()) == [3] * 5
    assert times.keys() & refused.keys() == set()
    assert checking.out_of_order() == 20
    came_s = {arrival.id: arrival.at_s for arrival in reversed(checking.accepted)}
    assert sum(at_s - asked_s[message] >= 1.99 for message, at_s in came_s.items()) >= 13
    gaps = set(range(1, 10_001)) - {a.json["sequence"] for a in receiver.arrivals}
    assert len(gaps) == 7
    assert (await supplier.get("/_sandbox/counts")).body["rows"]["webhook_deliveries"] == 10_000


async def test_delayed_message_comes_no_sooner_than_the_delay_and_not_out_of_order(
    start, database, visit, receiver, everything_settled
):
    server = start(*database(), *ONE_AT_A_TIME, *options("delay=1/4:600ms"))
    supplier = await visit(server).sign_in("supplier")
    checking = Checking((await supplier.listen(f"{receiver.url}/"))["secret"])
    receiver.scripts["/"] = checking
    asked_s = await trigger_all(supplier, 8, at_once=1)
    await everything_settled(supplier, 8)
    came_s = {arrival.id: arrival.at_s for arrival in checking.accepted}
    late = [n for n, message in enumerate(asked_s, 1) if came_s[message] - asked_s[message] >= 0.59]
    assert {4, 8} <= set(late)
    assert checking.out_of_order() == 0
    assert [arrival.json["sequence"] for arrival in checking.accepted] == list(range(1, 9))


async def test_lost_message_is_called_delivered_and_never_sent(
    start, database, visit, receiver, everything_settled
):
    server = start(*database(), *ONE_AT_A_TIME, *options("lose=1/3"))
    supplier = await visit(server).sign_in("supplier")
    await supplier.listen(f"{receiver.url}/")
    messages = [await supplier.trigger() for _ in range(7)]
    await everything_settled(supplier, 7)
    lost = [messages[2], messages[5]]
    assert [arrival.id for arrival in receiver.arrivals] == [m for m in messages if m not in lost]
    for message in lost:
        status = await supplier.delivery(message)
        assert (status["delivered"], status["attempts"]) == (True, 0)


async def test_duplicate_and_wrong_signature_and_swap_on_either_database(
    start, database, visit, receiver, everything_settled
):
    weak = options("duplicate=1/20", "missign=1/20", "reorder=1/20")
    server = start(*database(), *ONE_AT_A_TIME, "--webhook-retries", "1ms", *weak)
    supplier = await visit(server).sign_in("supplier")
    checking = Checking((await supplier.listen(f"{receiver.url}/"))["secret"])
    receiver.scripts["/"] = checking
    await trigger_all(supplier, 200)
    counts = await everything_settled(supplier, 200)
    assert counts["weaknesses"]["webhook"] == {"duplicate": 10, "missign": 10, "reorder": 10}
    times = Counter(arrival.id for arrival in checking.accepted)
    assert Counter(times.values()) == {1: 180, 2: 10}
    assert sorted(Counter(a.id for a in checking.refused).values()) == [2] * 10
    assert checking.out_of_order() == 10


async def test_message_to_be_swapped_goes_alone_if_no_other_comes(
    start, visit, receiver, everything_settled
):
    supplier = await visit(start(*options("reorder=1/2"))).sign_in("supplier")
    await supplier.listen(f"{receiver.url}/")
    message = await supplier.trigger()
    counts = await everything_settled(supplier, 1)
    assert [arrival.id for arrival in receiver.arrivals] == [message]
    assert counts["weaknesses"]["webhook"] == {"reorder": 0}
    assert counts["webhooks"]["by_weakness"]["reorder"] == 0


async def test_wrong_signature_and_delay_outlast_a_restart(
    start, visit, database, tmp_path, receiver, eventually
):
    kept = database() or ("--dsn", f"sqlite:///{tmp_path / 'kept.db'}")
    weak = options("missign=1/2", "delay=1/3:1200ms")
    server = start(*kept, *ONE_AT_A_TIME, "--webhook-retries", "1ms,300ms,300ms", *weak)
    supplier = await visit(server).sign_in("supplier", "kept@example.com")
    secret = "whsec_" + "A" * 32
    checking = Checking(secret)
    receiver.scripts["/"] = checking
    await supplier.listen(f"{receiver.url}/", secret=secret)
    _, missigned, delayed = [await supplier.trigger() for _ in range(3)]
    while not checking.refused:
        await asyncio.sleep(0.002)
    assert server.stop() == 0
    before = len(checking.refused)

    server = start(*kept, "--webhook-retries", "1ms,1ms,1ms")
    supplier = await visit(server).sign_in("supplier", "kept@example.com")

    async def came():
        return [arrival.id for arrival in checking.accepted]

    assert (await eventually(came, lambda ids: len(ids) == 2))[1] == delayed
    status = await eventually(
        lambda: supplier.delivery(missigned), lambda status: status["state"] == "failed"
    )
    assert status["attempts"] == 4
    assert len(checking.refused) >= before
    assert {arrival.id for arrival in checking.refused} == {missigned}
    assert [a.json["sequence"] for a in checking.accepted] == [1, 3]
