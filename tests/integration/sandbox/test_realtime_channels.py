"""The realtime server's frames, in both versions of the protocol, as they are on the wire."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.helpers.phoenix import phoenix

from .conftest import COUPLE_KEY, SUPPLIER_KEY

TOPIC = "realtime:room"
DEEP = b"[" * 900 + b"]" * 900


@pytest.fixture(params=[1, 2])
def connect(request, http, visitor):
    """Opens a connection, in one of the two versions."""
    return lambda key=SUPPLIER_KEY: phoenix(http, visitor.url, key, request.param)


def token_of(client):
    return client.headers["Authorization"].removeprefix("Bearer ")


async def counts(visitor):
    return (await visitor.get("/_sandbox/counts")).body["realtime"]


async def test_heartbeat_is_answered_with_its_reference(connect):
    async with connect() as socket:
        ref = await socket.send("phoenix", "heartbeat", {})
        answer = await socket.get()
        assert (answer["topic"], answer["event"], answer["ref"]) == ("phoenix", "phx_reply", ref)
        assert answer["payload"] == {"status": "ok", "response": {}}


async def test_every_key_and_the_token_of_anyone_signed_in_opens_a_connection(connect, couple):
    for key in (SUPPLIER_KEY, COUPLE_KEY, token_of(couple)):
        async with connect(key) as socket:
            assert (await socket.join(TOPIC))["status"] == "ok"


@pytest.mark.parametrize("query", ["", "?apikey=", "?apikey=wrong", "?apikey=%00"])
async def test_no_other_opens_one(visitor, http, query):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{visitor.url}/realtime/v1/websocket{query}")
    assert refused.value.status == 401


async def test_header_that_is_no_text_is_no_key(visitor):
    reader, writer = await asyncio.open_connection(*visitor.url.removeprefix("http://").split(":"))
    writer.write(b"GET /realtime/v1/websocket HTTP/1.1\r\nHost: x\r\napikey: \xff\xfe\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


async def test_unknown_version_and_a_request_that_is_no_handshake_are_400(visitor):
    path = f"/realtime/v1/websocket?apikey={SUPPLIER_KEY.replace(' ', '%20')}"
    for query in ("&vsn=3.0.0", ""):
        assert (await visitor.get(path + query)).status == 400


async def test_join_is_answered_with_the_ids_of_what_it_subscribed_to(connect):
    changes = [
        {"event": "*", "schema": "public", "table": "submissions"},
        {"event": "UPDATE", "schema": "public", "table": "journeys"},
    ]
    async with connect() as socket:
        reply = await socket.join(TOPIC, postgres_changes=changes)
        assert reply["status"] == "ok"
        subscribed = reply["response"]["postgres_changes"]
        assert [{k: v for k, v in each.items() if k != "id"} for each in subscribed] == changes
        assert len({each["id"] for each in subscribed}) == 2
        (system,) = await socket.silence()
        assert (system["topic"], system["event"], system["ref"]) == (TOPIC, "system", None)
        assert system["payload"] == {
            "channel": "room",
            "extension": "postgres_changes",
            "message": "Subscribed to PostgreSQL",
            "status": "ok",
        }


async def test_subscription_that_cannot_be_is_told_and_leaves_the_channel_open(connect):
    wrong = [{"event": "*", "schema": "public", "table": "nothing"}]
    async with connect() as socket:
        assert (await socket.join(TOPIC, postgres_changes=wrong))["status"] == "ok"
        (system,) = await socket.silence()
        assert system["payload"]["status"] == "error"
        assert system["payload"]["extension"] == "postgres_changes"
        assert "there is no table nothing" in system["payload"]["message"]
        assert (await socket.ask(TOPIC, "presence", {"event": "untrack"}))["status"] == "ok"


async def test_broadcast_comes_without_references_and_as_it_was_sent(connect):
    async with connect() as sender, connect() as listener:
        await sender.join(TOPIC, broadcast={"ack": False, "self": False})
        await listener.join(TOPIC)
        await sender.broadcast(TOPIC, "hello", {"n": [1, None, "ü"]})
        assert await sender.silence() == []
        (heard,) = await listener.silence()
        assert (heard["event"], heard["topic"], heard["ref"]) == ("broadcast", TOPIC, None)
        assert heard.get("join_ref") is None
        expected = {"type": "broadcast", "event": "hello", "payload": {"n": [1, None, "ü"]}}
        assert heard["payload"] == expected


async def test_both_versions_hear_each_other(http, visitor):
    async with (
        phoenix(http, visitor.url, SUPPLIER_KEY, 1) as one,
        phoenix(http, visitor.url, SUPPLIER_KEY, 2) as two,
    ):
        for socket in (one, two):
            await socket.join(TOPIC, broadcast={"self": True})
        for sender in (one, two):
            await sender.broadcast(TOPIC, "hello", {"from": sender.version})
            for socket in (one, two):
                heard = await socket.get()
                assert heard["payload"]["payload"] == {"from": sender.version}


async def test_acknowledgement_is_a_reply(connect):
    async with connect() as socket:
        await socket.join(TOPIC, broadcast={"ack": True, "self": True})
        ref = await socket.broadcast(TOPIC, "hello", {})
        heard = await socket.silence()
        assert [each["event"] for each in heard] == ["broadcast", "phx_reply"]
        assert heard[1]["ref"] == ref
        assert heard[1]["payload"] == {"status": "ok", "response": {}}


async def test_leave_is_answered_and_the_channel_closed(connect):
    async with connect() as socket, connect() as other:
        await socket.join(TOPIC)
        await other.join(TOPIC)
        assert (await socket.ask(TOPIC, "phx_leave", {}))["status"] == "ok"
        (closed,) = await socket.silence()
        assert (closed["event"], closed["topic"]) == ("phx_close", TOPIC)
        await other.broadcast(TOPIC, "hello", {})
        await other.silence()
        assert await socket.silence() == []
        reply = await socket.ask(TOPIC, "broadcast", {"event": "x"})
        assert reply == {"status": "error", "response": {"reason": "unmatched topic"}}


async def test_leaving_what_was_not_joined_or_was_joined_anew_does_no_harm(connect):
    async with connect() as socket:
        assert (await socket.ask(TOPIC, "phx_leave", {}))["status"] == "ok"
        await socket.join(TOPIC, broadcast={"self": True})
        assert (await socket.ask(TOPIC, "phx_leave", {}, join_ref="old"))["status"] == "ok"
        await socket.broadcast(TOPIC, "hello", {})
        assert [each["event"] for each in await socket.silence()] == ["broadcast"]


async def test_joining_again_replaces_the_first_join(connect):
    async with connect() as socket:
        await socket.join(TOPIC)
        ref = await socket.send(TOPIC, "phx_join", {"config": {"broadcast": {"self": True}}})
        closed, reply = await socket.silence()
        assert closed["event"] == "phx_close"
        assert (reply["event"], reply["ref"]) == ("phx_reply", ref)
        await socket.broadcast(TOPIC, "hello", {})
        assert len(await socket.silence()) == 1


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("room", {"config": {}}, "unmatched topic"),
        ("realtime:", {"config": {}}, "TopicNameRequired: "),
        (TOPIC, [], "InvalidJoinPayload: "),
        (TOPIC, {"config": {"private": True}}, "Unauthorized: "),
        (TOPIC, {"config": {}, "access_token": "wrong"}, "Unauthorized: "),
        (TOPIC, {"config": {}, "access_token": 7}, "Unauthorized: "),
    ],
)
async def test_join_that_is_refused_says_why(connect, topic, payload, reason):
    async with connect() as socket:
        reply = await socket.ask(topic, "phx_join", payload)
        assert reply["status"] == "error"
        assert reply["response"]["reason"].startswith(reason)


async def test_connection_has_at_most_a_hundred_channels(connect):
    async with connect() as socket:
        for n in range(100):
            assert (await socket.join(f"{TOPIC}{n}"))["status"] == "ok"
        reply = await socket.join(TOPIC)
        assert reply["response"]["reason"] == "ChannelRateLimitReached: Too many channels"


async def test_presence_is_told_on_joining_and_by_its_changes(connect):
    async with connect() as watcher, connect() as member:
        await watcher.join(TOPIC, presence={"enabled": True, "key": "watcher"})
        (state,) = await watcher.silence()
        assert (state["event"], state["payload"]) == ("presence_state", {})
        await member.join(TOPIC, presence={"key": "ann"})
        track = {"type": "presence", "event": "track", "payload": {"mood": "good"}}
        assert (await member.ask(TOPIC, "presence", track))["status"] == "ok"
        (came,) = await watcher.silence()
        assert came["event"] == "presence_diff"
        (meta,) = came["payload"]["joins"]["ann"]["metas"]
        assert meta["mood"] == "good"
        assert meta["phx_ref"]
        async with connect() as late:
            await late.join(TOPIC, presence={"enabled": True})
            (state,) = await late.silence()
            assert state["payload"] == {"ann": {"metas": [meta]}}
        await member.ask(TOPIC, "phx_leave", {})
        (left,) = await watcher.silence()
        assert left["payload"] == {"joins": {}, "leaves": {"ann": {"metas": [meta]}}}


@pytest.mark.parametrize(
    ("payload", "response"),
    [
        ({"event": "track", "payload": [1]}, {"reason": "Presence track payload must be a map"}),
        ({"event": "dance"}, {}),
        ({}, {}),
        (None, {}),
    ],
)
async def test_presence_of_another_form_is_an_error(connect, payload, response):
    async with connect() as socket:
        await socket.join(TOPIC)
        reply = await socket.ask(TOPIC, "presence", payload)
        assert reply == {"status": "error", "response": response}


async def test_private_channel_opens_with_a_token_and_closes_when_it_is_replaced_by_none(
    connect, supplier
):
    async with connect() as socket:
        assert (await socket.join(TOPIC, token_of(supplier), private=True))["status"] == "ok"
        await socket.send(TOPIC, "access_token", {"access_token": token_of(supplier)})
        await socket.send(TOPIC, "access_token", {"access_token": SUPPLIER_KEY})
        await socket.send(TOPIC, "access_token", {"access_token": None})
        assert await socket.silence() == []
        await socket.send(TOPIC, "access_token", {"access_token": "expired"})
        system, closed = await socket.silence()
        assert system["payload"]["status"] == "error"
        assert system["payload"]["extension"] == "system"
        assert "Token has expired" in system["payload"]["message"]
        assert closed["event"] == "phx_close"


async def test_private_channel_closes_when_its_token_expires(start, visit, http):
    visitor = visit(start("--token-ttl", "0.2", "--suppliers", "10"))
    supplier = await visitor.sign_in("supplier")
    async with phoenix(http, visitor.url, SUPPLIER_KEY, 2) as socket:
        reply = await socket.join(TOPIC, token_of(supplier), private=True)
        assert reply["status"] == "ok"
        assert (await socket.get())["payload"]["message"] == "Token has expired"
        assert (await socket.get())["event"] == "phx_close"


@pytest.mark.parametrize(
    "said",
    [
        *("", "{", "[1,2]", '{"topic":1}', b"\x03\x01\x01"),
        '{"topic":"realtime:room","event":"broadcast","payload":' + DEEP.decode() + "}",
        '[null,null,"realtime:room","broadcast",' + DEEP.decode() + "]",
    ],
)
async def test_what_is_no_message_closes_the_connection(connect, said):
    async with connect() as socket:
        await (socket.ws.send_bytes if isinstance(said, bytes) else socket.ws.send_str)(said)
        assert (await socket.ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.ws.close_code == 1007


async def test_connection_that_stays_silent_is_closed_and_counted(start, visit, http):
    visitor = visit(start("--realtime-silence", "0.1", "--suppliers", "10"))
    async with phoenix(http, visitor.url, SUPPLIER_KEY) as socket:
        await socket.join(TOPIC)
        assert (await socket.ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.ws.close_code == 1000
    after = await counts(visitor)
    assert (after["silent"], after["joined"]) == (1, 0)


async def test_counts_are_exact(start, visit, http, eventually):
    visitor = visit(start("--suppliers", "10"))
    async with (
        phoenix(http, visitor.url, SUPPLIER_KEY, 1) as one,
        phoenix(http, visitor.url, SUPPLIER_KEY, 2) as two,
    ):
        for socket in (one, two):
            for topic in (TOPIC, "realtime:other"):
                await socket.join(topic, broadcast={"self": True})
        for n in range(5):
            await one.broadcast(TOPIC, "hello", {"n": n})
        await two.broadcast("realtime:nobody else", "hello", {})
        await one.silence()
        await two.silence()
        open_ = await counts(visitor)
        assert (open_["connections"], open_["connected"]) == (2, 2)
        assert (open_["joined"], open_["joins"]) == (4, 4)
        assert (open_["published"]["broadcasts"], open_["copies"]) == (5, 10)
        requests = (await visitor.get("/_sandbox/counts")).body["requests"]
        assert requests == {"GET /realtime/v1/websocket": {"101": 2}}
    closed = await eventually(lambda: counts(visitor), lambda seen: seen["connections"] == 0)
    assert (closed["joined"], closed["joins"], closed["connected"]) == (0, 4, 2)


async def test_server_that_stops_takes_leave_of_everybody(start, visit, http):
    server = start("--suppliers", "10")
    async with phoenix(http, server.url, SUPPLIER_KEY) as socket:
        await socket.join(TOPIC)
        server.signal(15)
        assert (await socket.ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.ws.close_code == 1001
    assert server.wait() == 0
    assert server.errors == ""


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"messages"}),
        ({"messages": [1]}, {"messages"}),
        ({"messages": [{"topic": "t", "payload": {}}]}, {"messages[0].event"}),
        ({"messages": [{"event": "e", "topic": ""}]}, {"messages[0].topic"}),
        (
            b'{"messages":[{"topic":"t","event":"e","payload":' + DEEP + b"}]}",
            {"messages[0].payload"},
        ),
    ],
)
async def test_broadcast_by_http_of_another_form_is_422(visitor, body, wrong):
    answer = await visitor.post(
        "/realtime/v1/api/broadcast", body, headers={"apikey": SUPPLIER_KEY}
    )
    assert set(answer.wrong_fields) == wrong


async def test_one_message_by_http_is_as_deep_as_a_message_may_be(visitor):
    path = "/realtime/v1/api/broadcast/room/events/hello"
    answer = await visitor.post(path, DEEP, headers={"apikey": SUPPLIER_KEY})
    assert set(answer.wrong_fields) == {""}


async def test_private_broadcast_by_http_needs_a_token(visitor, supplier):
    body = {"messages": [{"topic": "t", "event": "e", "payload": {}, "private": True}]}
    key = {"apikey": SUPPLIER_KEY}
    assert (await visitor.post("/realtime/v1/api/broadcast", body, headers=key)).status == 403
    assert (await supplier.post("/realtime/v1/api/broadcast", body)).status == 202
    assert (await visitor.post("/realtime/v1/api/broadcast", body)).status == 401
