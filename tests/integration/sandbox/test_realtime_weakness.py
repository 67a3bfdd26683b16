"""What the sandbox does to copies on purpose is what its subscribers get, exactly."""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import AsyncExitStack

import pytest

from tests.helpers.phoenix import phoenix

from .conftest import DEADLINE_S, SUPPLIER_KEY

TOPIC = "realtime:room"
SUBSCRIBERS, MESSAGES = 50, 40
KEY = {"apikey": SUPPLIER_KEY}


@pytest.fixture
async def subscribers(http):
    """Connections to a server that have joined, in both versions."""
    async with AsyncExitStack() as stack:

        async def connect(server):
            sockets = [
                await stack.enter_async_context(phoenix(http, server.url, SUPPLIER_KEY, 1 + n % 2))
                for n in range(SUBSCRIBERS)
            ]
            for socket in sockets:
                assert (await socket.join(TOPIC))["status"] == "ok"
            return sockets

        yield connect


async def publish(visitor, *payloads):
    messages = [{"topic": "room", "event": "x", "payload": payload} for payload in payloads]
    answer = await visitor.post("/realtime/v1/api/broadcast", {"messages": messages}, headers=KEY)
    assert answer.status == 202


async def heard_by(socket):
    return [each["payload"]["payload"]["n"] for each in await socket.silence()]


async def counts(visitor):
    body = (await visitor.get("/_sandbox/counts")).body
    return body["weaknesses"]["realtime"], body["realtime"]


def weak(*weaknesses):
    return [word for each in weaknesses for word in ("--realtime-weakness", each)]


async def test_each_copy_that_is_lost_sent_twice_or_swapped_is_counted(start, visit, subscribers):
    server = start(*weak("lose=1/83", "duplicate=1/71", "reorder=1/97"), "--suppliers", "10")
    visitor = visit(server)
    sockets = await subscribers(server)
    await publish(visitor, *({"n": n} for n in range(MESSAGES)))
    heard = [await heard_by(socket) for socket in sockets]

    lost = sum(len(set(range(MESSAGES)) - set(each)) for each in heard)
    twice = sum(len(each) - len(set(each)) for each in heard)
    once = [list(dict.fromkeys(each)) for each in heard]
    inversions = [(one, two) for each in once for one, two in itertools.pairwise(each) if one > two]
    copies = SUBSCRIBERS * MESSAGES
    seen = {"lose": lost, "duplicate": twice, "reorder": len(inversions)}
    assert seen == {"lose": copies // 83, "duplicate": copies // 71, "reorder": copies // 97}
    assert all(one == two + 1 for one, two in inversions)
    told, realtime = await counts(visitor)
    assert told == seen
    assert (realtime["published"]["broadcasts"], realtime["copies"]) == (
        MESSAGES,
        copies - lost + twice,
    )


async def test_copy_that_is_delayed_comes_later_by_at_least_so_much(start, visit, subscribers):
    server = start(*weak("delay=1/40:150ms"), "--suppliers", "10")
    visitor = visit(server)
    sockets = await subscribers(server)
    published = time.perf_counter()
    await publish(visitor, *({"n": n} for n in range(MESSAGES)))

    async def arrivals(socket):
        arrived = {}
        while len(arrived) < MESSAGES:
            message = await socket.get()
            n = message["payload"]["payload"]["n"]
            assert n not in arrived
            arrived[n] = time.perf_counter() - published
        return arrived

    all_arrived = await asyncio.gather(*map(arrivals, sockets))
    hits = SUBSCRIBERS * MESSAGES // 40
    late = sum(s >= 0.15 for arrived in all_arrived for s in arrived.values())
    assert late >= hits
    assert (await counts(visitor))[0] == {"delay": hits}


async def test_connection_that_ends_while_its_copy_waits_to_be_swapped_does_no_harm(
    start, visit, http, eventually
):
    server = start(*weak("reorder=1/1"), "--suppliers", "10")
    visitor = visit(server)
    async with phoenix(http, server.url, SUPPLIER_KEY) as socket:
        await socket.join(TOPIC)
        await publish(visitor, {"n": 1})
        assert await heard_by(socket) == []
        await publish(visitor, {"n": 2}, {"n": 3})
        assert await heard_by(socket) == [2, 1]

    async def joined():
        return (await counts(visitor))[1]["joined"]

    await eventually(joined, lambda count: count == 0)
    assert (await counts(visitor))[0] == {"reorder": 1}


async def test_who_does_not_read_is_cut_off_and_counted_and_others_are_not(
    start, visit, http, eventually
):
    server = start("--suppliers", "10")
    visitor = visit(server)
    slow = await http.ws_connect(f"{server.url}/realtime/v1/websocket", params=KEY)
    await slow.send_json({"topic": TOPIC, "event": "phx_join", "payload": {}, "ref": "1"})
    await slow.receive()
    async with phoenix(http, server.url, SUPPLIER_KEY, 2) as socket, asyncio.timeout(DEADLINE_S):
        await socket.join(TOPIC)
        sent = 0
        while (await counts(visitor))[1]["slow_consumers"] == 0:
            await publish(visitor, {"n": sent, "pad": "x" * 400_000})
            assert (await socket.get())["payload"]["payload"]["n"] == sent
            sent += 1
        await publish(visitor, {"n": sent})
        assert await heard_by(socket) == [sent]

        async def realtime():
            return (await counts(visitor))[1]

        after = await eventually(realtime, lambda seen: seen["joined"] == 1)
        assert after["slow_consumers"] == 1
    await slow.close()
