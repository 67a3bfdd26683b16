"""Publishing to a channel: what is sent, and what becomes of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from tests.helpers.ports import free_port
from tests.helpers.realtime import ear_context, realtime_channel
from tests.helpers.waiting import until
from wedload.channels.realtime.publisher import Publisher
from wedload.clock import MonotonicClock
from wedload.errors import EarError
from wedload.plan.model import Target, Tls
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ROOM = "realtime:room"
PATIENTLY_NS = 30 * NS_PER_S


@pytest.fixture
async def publisher_to(server) -> AsyncIterator[Callable[..., Publisher]]:
    made: list[Publisher] = []

    def make(realtime: str = "supabase", url: str | None = None, **said: object) -> Publisher:
        channel = realtime_channel(realtime, **said)
        made.append(Publisher(ear_context(channel, url or server.url)))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
async def test_a_broadcast_is_handed_over_and_acknowledged(server, publisher_to, vsn):
    publisher = publisher_to(topic=ROOM, vsn=vsn)
    await publisher.open()
    assert server.joins[0]["config"]["broadcast"] == {"ack": True, "self": False}
    before_ns = MonotonicClock.now_ns()
    publication = publisher.publish("say", b'{"id": 1.50}')
    after_ns = MonotonicClock.now_ns()
    assert before_ns <= publication.sent_ns <= after_ns
    answer = await publication.acknowledged(PATIENTLY_NS)
    assert answer.outcome == "ok"
    assert answer.at_ns > publication.sent_ns
    payload = {"type": "broadcast", "event": "say", "payload": {"id": 1.5}}
    assert server.pushed == [(ROOM, "broadcast", payload)]


async def test_another_server_gets_the_event_itself(server, publisher_to):
    publisher = publisher_to("phoenix", topic="room:1")
    await publisher.open()
    answer = await publisher.publish("shout", {"id": 1}).acknowledged(PATIENTLY_NS)
    assert answer.outcome == "ok"
    assert server.pushed == [("room:1", "shout", {"id": 1})]


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("MessagePerSecondRateLimitReached: slow down", "MessagePerSecondRateLimitReached"),
        ("payload_size_exceeded", "refused"),
    ],
)
async def test_a_refusal_is_its_outcome(server, publisher_to, reason, outcome):
    server.push_refusal = reason
    publisher = publisher_to(topic=ROOM)
    await publisher.open()
    answer = await publisher.publish("say", {}).acknowledged(PATIENTLY_NS)
    assert (answer.outcome, answer.problem) == (outcome, reason)


async def test_what_nobody_acknowledges_runs_out_of_time(server, publisher_to):
    server.answers_pushes = False
    publisher = publisher_to(topic=ROOM)
    await publisher.open()
    answer = await publisher.publish("say", {}).acknowledged(NS_PER_S // 50)
    assert answer.outcome == "timeout"
    assert publisher._waiting == {}


async def test_a_connection_that_ends_ends_what_waits_and_is_made_again(server, publisher_to, soon):
    server.answers_pushes = False
    publisher = publisher_to(topic=ROOM)
    await publisher.open()
    waiting = publisher.publish("say", {"id": 1})
    await until(lambda: len(server.pushed) == 1)
    await server.drop()
    assert (await waiting.acknowledged(PATIENTLY_NS)).outcome == "reset"
    server.answers_pushes = True
    await until(lambda: len(server.joins) == 2 and bool(server.members(ROOM)))
    async with asyncio.timeout(30):
        while (await publisher.publish("say", {}).acknowledged(PATIENTLY_NS)).outcome != "ok":
            await asyncio.sleep(0.002)


async def test_what_is_published_without_a_connection_is_said_to_be(publisher_to):
    answer = await publisher_to(topic=ROOM).publish("say", {}).acknowledged(PATIENTLY_NS)
    assert (answer.outcome, answer.problem) == ("reset", "the publisher's connection has ended")


async def test_many_publications_are_told_apart(server, publisher_to):
    publisher = publisher_to(topic=ROOM)
    await publisher.open()
    published = [publisher.publish("say", {"id": number}) for number in range(100)]
    answers = await asyncio.gather(*(one.acknowledged(PATIENTLY_NS) for one in published))
    assert [answer.outcome for answer in answers] == ["ok"] * 100
    assert [payload["payload"]["id"] for _, _, payload in server.pushed] == list(range(100))


async def test_a_plain_websocket_gets_the_payload_itself(server, publisher_to):
    publisher = publisher_to("websocket", subscribe="not by publishers")
    await publisher.open()
    payload = {"join_ref": None, "ref": "1", "topic": "t", "event": "e", "payload": {"id": 1}}
    publication = publisher.publish("ignored", payload)
    assert (await publication.acknowledged(0)).outcome == "ok"
    await until(lambda: server.pushed == [("t", "e", {"id": 1})])


async def test_messages_of_others_are_nothing_to_a_publisher(server, publisher_to):
    publisher = publisher_to(topic=ROOM)
    await publisher.open()
    await server.broadcast(ROOM, "say", {"id": 1})
    answer = await publisher.publish("say", {}).acknowledged(PATIENTLY_NS)
    assert answer.outcome == "ok"


async def test_nor_over_a_plain_websocket(publisher_to, caplog):
    async def echo(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        opened.append(request)
        async for message in socket:
            told.append(message.data)
            await socket.send_str(message.data)
        return socket

    told: list[str] = []
    opened: list[web.Request] = []
    app = web.Application()
    app.router.add_get("/{path:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    publisher = publisher_to("websocket", url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    await publisher.open()

    for number in (1, 2, 3):
        answer = await publisher.publish("", {"id": number}).acknowledged(0)
        assert answer.outcome == "ok"
        await until(lambda number=number: len(told) == number)
        await asyncio.sleep(0.02)  # what it says comes back

    await publisher.close()
    await runner.cleanup()

    assert told == ['{"id":1}', '{"id":2}', '{"id":3}']
    assert len(opened) == 1
    assert [record.getMessage() for record in caplog.records] == []


async def test_who_cannot_join_says_why(server, publisher_to, soon):
    server.refusal = lambda _: "Unauthorized: no"
    with pytest.raises(EarError, match=r"publishing to .*Unauthorized: no"):
        await publisher_to(topic=ROOM).open()


async def test_a_server_that_is_not_there_is_named(publisher_to, soon):
    with pytest.raises(EarError, match="Connection refused"):
        await publisher_to(topic=ROOM, url=f"http://127.0.0.1:{free_port()}").open()


async def test_an_event_stream_goes_one_way(publisher_to):
    with pytest.raises(EarError, match="goes one way") as raised:
        await publisher_to("sse").open()
    assert "http step" in str(raised.value)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"topic": "${missing}"}, "missing"),
        ({"topic": ROOM, "url": "ftp://x"}, "is not a ws or wss URL"),
    ],
)
async def test_a_channel_that_leads_nowhere_says_why(said, problem):
    channel = realtime_channel("supabase", **said)
    with pytest.raises(EarError, match=problem):
        await Publisher(ear_context(channel)).open()


async def test_a_file_of_tls_that_is_missing_is_named():
    target = Target(base_url="https://127.0.0.1:9", tls=Tls(ca="/no/such/ca.pem"))
    context = ear_context(realtime_channel(topic=ROOM), target=target)
    with pytest.raises(EarError, match=r"/no/such/ca\.pem"):
        await Publisher(context).open()
