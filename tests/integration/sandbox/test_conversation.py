"""Plain WebSocket conversations: questions and answers, and topics that many listen to."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest

from .conftest import COUPLE_KEY, DEADLINE_S

PATH = "/api/realtime/ws"


class Talk:
    def __init__(self, ws):
        self.ws = ws

    async def say(self, **message):
        await self.ws.send_json(message)

    async def next(self):
        async with asyncio.timeout(DEADLINE_S):
            return await self.ws.receive_json()

    async def ask(self, **message):
        await self.say(**message)
        return await self.next()


@pytest.fixture
async def talk(http):
    """Opens conversations, which end with the test."""
    async with AsyncExitStack() as stack:

        async def connect(client):
            ws = http.ws_connect(f"{client.url}{PATH}", headers=client.headers)
            return Talk(await stack.enter_async_context(ws))

        yield connect


async def test_ping_is_answered_with_its_id(talk, supplier):
    one = await talk(supplier)
    assert await one.ask(type="ping", id=7) == {"type": "pong", "id": 7}
    assert await one.ask(type="ping") == {"type": "pong"}


async def test_what_is_published_reaches_all_who_subscribed_in_order(talk, supplier, couple):
    topic = f"topic of {supplier.id}"
    sender, *listeners = [await talk(client) for client in (couple, supplier, couple)]
    for listener in listeners:
        answer = await listener.ask(type="subscribe", topic=topic, id="s")
        assert answer == {"type": "subscribed", "topic": topic, "id": "s"}
    for n in range(3):
        await sender.say(type="publish", topic=topic, data={"n": n})
    published = await sender.ask(type="publish", topic=topic, data=None, id="p")
    assert published == {"type": "published", "topic": topic, "sequence": 4, "id": "p"}
    for listener in listeners:
        for n in range(3):
            expected = {"type": "message", "topic": topic, "data": {"n": n}, "sequence": n + 1}
            assert await listener.next() == expected
        assert (await listener.next())["sequence"] == 4


async def test_subscribing_twice_is_hearing_once_and_unsubscribing_is_hearing_no_more(
    talk, supplier
):
    topic = f"topic of {supplier.id}"
    one = await talk(supplier)
    for _ in range(2):
        await one.ask(type="subscribe", topic=topic)
    await one.say(type="publish", topic=topic, data=1)
    assert (await one.next())["data"] == 1
    assert await one.ask(type="unsubscribe", topic=topic) == {
        "type": "unsubscribed",
        "topic": topic,
    }
    assert (await one.ask(type="unsubscribe", topic=topic))["type"] == "unsubscribed"
    await one.say(type="publish", topic=topic, data=2)
    assert (await one.ask(type="ping"))["type"] == "pong"


async def test_what_the_platform_tells_of_itself_is_a_topic(talk, supplier, couple):
    form = await supplier.create_form()
    await couple.connect(form)
    one = await talk(supplier)
    await one.ask(type="subscribe", topic="submission.created")
    submission = (await couple.submit(form)).body["id"]
    message = await one.next()
    assert message["data"]["id"] == submission
    assert message["topic"] == "submission.created"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "dance"}, "there are ping, subscribe, unsubscribe and publish"),
        ({}, "there are ping, subscribe, unsubscribe and publish"),
        ({"type": "subscribe"}, "To subscribe, give a topic"),
        ({"type": "publish", "topic": 7}, "To publish, give a topic"),
        ({"type": "unsubscribe", "topic": ""}, "To unsubscribe, give a topic"),
    ],
)
async def test_what_makes_no_sense_is_answered_by_an_error(talk, supplier, message, said):
    one = await talk(supplier)
    answer = await one.ask(**message, id=1)
    assert (answer["type"], answer["id"]) == ("error", 1)
    assert said in answer["message"]
    for wrong in ("{", "[]", '{"type":"publish","topic":"t","data":' + "[" * 900 + "]" * 900 + "}"):
        await one.ws.send_str(wrong)
        assert (await one.next())["type"] == "error"
    assert (await one.ask(type="ping"))["type"] == "pong"


async def test_connection_has_at_most_a_hundred_subscriptions(talk, supplier):
    one = await talk(supplier)
    for n in range(100):
        assert (await one.ask(type="subscribe", topic=f"{n}"))["type"] == "subscribed"
    assert "at most 100" in (await one.ask(type="subscribe", topic="x"))["message"]


async def test_binary_messages_close_the_connection(talk, supplier):
    one = await talk(supplier)
    await one.ask(type="subscribe", topic="x")
    await one.ws.send_bytes(b"x")
    assert (await one.ws.receive()).type is aiohttp.WSMsgType.CLOSE
    assert one.ws.close_code == 1007


async def test_key_opens_a_conversation_and_nothing_does_not(visitor, http):
    async with http.ws_connect(f"{visitor.url}{PATH}", params={"apikey": COUPLE_KEY}) as ws:
        assert await Talk(ws).ask(type="ping") == {"type": "pong"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{visitor.url}{PATH}")
    assert refused.value.status == 401


async def test_conversations_suffer_weaknesses_but_their_answers_do_not(start, visit, talk):
    server = start("--realtime-weakness", "duplicate=1/2", "--suppliers", "10")
    one = await talk(await visit(server).sign_in("couple"))
    await one.ask(type="subscribe", topic="t")
    for n in range(4):
        await one.say(type="publish", topic="t", data=n)
    assert [(await one.next())["data"] for _ in range(6)] == [0, 1, 1, 2, 3, 3]
    for _ in range(4):
        assert await one.ask(type="ping") == {"type": "pong"}
