"""Quotas are told by the protocol's own errors, and counted."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.helpers.phoenix import phoenix
from wedload.sandbox.options import parse_options

from .conftest import DEADLINE_S, SUPPLIER_KEY

TOPIC = "realtime:room"
TOO_MANY = "Too many messages per second"


async def quota_errors(visitor):
    return (await visitor.get("/_sandbox/counts")).body["realtime"]["quota"]


@pytest.fixture
async def connections(http):
    """Opens connections to a server, which end with the test."""
    async with AsyncExitStack() as stack:

        async def connect(server, count):
            return [
                await stack.enter_async_context(phoenix(http, server.url, SUPPLIER_KEY, 1 + n % 2))
                for n in range(count)
            ]

        yield connect


async def test_connections_beyond_the_quota_cannot_join(start, visit, connections):
    server = start("--realtime-connections", "2", "--suppliers", "10")
    one, two, three = await connections(server, 3)
    for socket in (one, two):
        assert (await socket.join(TOPIC))["status"] == "ok"
    assert (await one.join("realtime:second topic"))["status"] == "ok"
    refused = await three.join(TOPIC)
    assert refused == {
        "status": "error",
        "response": {"reason": "ConnectionRateLimitReached: Too many connected users"},
    }
    assert await quota_errors(visit(server)) == {"connections": 1, "joins": 0, "messages": 0}
    await two.ask(TOPIC, "phx_leave", {})
    assert (await three.join(TOPIC))["status"] == "ok"


async def test_joins_beyond_the_quota_are_refused_until_the_next_second(start, visit, connections):
    server = start("--realtime-joins", "5", "--suppliers", "10")
    (socket,) = await connections(server, 1)
    refs = [await socket.send(f"{TOPIC}{n}", "phx_join", {"config": {}}) for n in range(60)]
    replies = [await socket.get() for _ in refs]
    reasons = [reply["payload"]["response"].get("reason") for reply in replies]
    assert reasons[:5] == [None] * 5
    refused = [reason for reason in reasons if reason is not None]
    assert set(refused) == {"ClientJoinRateLimitReached: Too many joins per second"}
    assert (await quota_errors(visit(server)))["joins"] == len(refused)
    async with asyncio.timeout(DEADLINE_S):
        while (await socket.join(TOPIC))["status"] != "ok":
            await asyncio.sleep(0.02)


async def test_copies_beyond_the_quota_close_the_channels_that_they_were_for(
    start, visit, connections
):
    # The message itself and four copies; the other five are too many.
    server = start("--realtime-messages", "5", "--suppliers", "10")
    sockets = await connections(server, 10)
    for socket in sockets:
        await socket.join(TOPIC, broadcast={"self": True})
    await sockets[0].broadcast(TOPIC, "hello", {})
    await sockets[0].silence()
    heard = [await socket.silence() for socket in sockets]
    heard[0] = [{"event": "broadcast"}]
    assert [[each["event"] for each in got] for got in heard] == (
        [["broadcast"]] * 4 + [["system", "phx_close"]] * 6
    )
    system = heard[9][0]["payload"]
    assert system == {
        "channel": "room", "extension": "system", "message": TOO_MANY, "status": "error",
    }  # fmt: skip
    counts = (await visit(server).get("/_sandbox/counts")).body["realtime"]
    assert (counts["quota"]["messages"], counts["copies"], counts["joined"]) == (6, 4, 4)


async def test_message_beyond_the_quota_closes_the_channel_of_its_sender(start, connections):
    server = start("--realtime-messages", "1", "--suppliers", "10")
    (socket,) = await connections(server, 1)
    await socket.join(TOPIC, broadcast={"ack": True})
    for _ in range(50):
        await socket.broadcast(TOPIC, "hello", {})
    said = await socket.silence()
    events = [each["event"] for each in said]
    at = events.index("system")
    assert {each["payload"]["status"] for each in said[:at]} == {"ok"}
    assert said[at]["payload"]["message"] == TOO_MANY
    assert events[at + 1] == "phx_close"
    reasons = {each["payload"]["response"]["reason"] for each in said[at + 2 :]}
    assert reasons == {"unmatched topic"}


async def test_message_by_http_beyond_the_quota_is_429(start, visit):
    visitor = visit(start("--realtime-messages", "1", "--suppliers", "10"))
    body = {"messages": [{"topic": "t", "event": "e", "payload": {}}] * 3}
    answer = await visitor.post(
        "/realtime/v1/api/broadcast", body, headers={"apikey": SUPPLIER_KEY}
    )
    assert (answer.status, answer.body["error"]["code"]) == (429, "rate_limited")


async def test_without_options_there_is_no_quota(visitor, http):
    async with phoenix(http, visitor.url, SUPPLIER_KEY, 2) as socket:
        await socket.join(TOPIC, broadcast={"self": True})
        for n in range(2000):
            await socket.broadcast(TOPIC, "hello", {"n": n})
        assert len(await socket.silence()) == 2000


@pytest.mark.parametrize("option", ["connections", "joins", "messages"])
def test_limit_that_is_no_number_is_refused(option, capsys):
    with pytest.raises(SystemExit):
        parse_options([f"--realtime-{option}", "-1"], {})
    assert "is no limit; give 0 to 1000000000" in capsys.readouterr().err
