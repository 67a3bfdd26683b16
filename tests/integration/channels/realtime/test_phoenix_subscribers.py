"""Subscribers to Phoenix channels, Supabase's among them: join, hear, drop, come back."""

from __future__ import annotations

import pytest

from tests.helpers.realtime import realtime_channel
from tests.helpers.waiting import until
from wedload.plan.channels import Changes
from wedload.units import NS_PER_S

TOPIC = "realtime:public:orders"
ROOM = "realtime:room"


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
async def test_subscribers_join_and_hear_changes_of_a_table(server, ear_on, vsn):
    channel = realtime_channel(
        "supabase", "json.record.id", topic=TOPIC, subscribers=3, vsn=vsn, sequence="json.record.n"
    )
    listening = ear_on(channel, server.url)
    assert await listening.ear.listen() is None
    assert await listening.join() == []
    assert listening.progress == [(1, 3), (2, 3), (3, 3)]
    await server.change(TOPIC, {"id": "a", "n": 1})
    await server.change(TOPIC, {"id": "b", "n": 2})
    book = listening.book
    await until(lambda: len(book.messages) == 6)
    for subscriber in range(3):
        assert book.keys_of(subscriber) == ["a", "b"]
    message = book.messages[0].message
    assert message.headers == {"event": "INSERT", "topic": TOPIC, "kind": "postgres_changes"}
    assert [one.place.sequence for one in book.messages if one.subscriber == 0] == [1, 2]
    joined_ns = {who: at_ns for _, who, at_ns in book.stays}
    assert all(one.at_ns > joined_ns[one.subscriber] for one in book.messages)


async def test_what_was_joined_is_what_the_plan_says(server, ear_on):
    channel = realtime_channel(
        "supabase",
        topic="realtime:room-${vu}",
        subscribers=2,
        url="/rt",
        params={"apikey": "k-${env.WEDLOAD_KEY}"},
        headers={"X-Of": "${vu}"},
        access_token="${token}",
        private=True,
        changes=(Changes(table="orders"),),
    )
    env = {"WEDLOAD_KEY": "1"}
    listening = ear_on(channel, server.url, env=env, variables={"token": "from set-up"})
    assert await listening.join() == []
    assert sorted(str(one.rel_url) for one in server.requests) == ["/rt?apikey=k-1&vsn=1.0.0"] * 2
    assert sorted(one.headers["X-Of"] for one in server.requests) == ["1", "2"]
    topics = sorted(topic for client in server.clients for topic in client.joined)
    assert topics == ["realtime:room-1", "realtime:room-2"]
    for payload in server.joins:
        assert payload["access_token"] == "from set-up"
        assert payload["config"]["private"] is True
        assert payload["config"]["postgres_changes"] == [
            {"event": "*", "schema": "public", "table": "orders"}
        ]


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
async def test_a_broadcast_is_heard_with_the_users_event(server, ear_on, vsn):
    channel = realtime_channel("supabase", "json.id", topic=ROOM, vsn=vsn)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    await server.broadcast(ROOM, "say", {"id": 5})
    await until(lambda: bool(listening.book.messages))
    assert listening.book.messages[0].key == "5"
    headers = listening.book.messages[0].message.headers
    assert headers == {"event": "say", "topic": ROOM, "kind": "broadcast"}


async def test_a_binary_broadcast_of_version_2_is_heard(server, ear_on):
    channel = realtime_channel("supabase", "json.id", topic=ROOM, vsn="2.0.0")
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    head = bytes([4, len(ROOM), 3, 0, 1])
    await server.clients[0].socket.send_bytes(head + ROOM.encode() + b"say" + b'{"id":6}')
    await until(lambda: bool(listening.book.messages))
    assert listening.book.messages[0].key == "6"


async def test_a_plain_phoenix_server_gets_params_and_its_events_are_messages(server, ear_on):
    channel = realtime_channel("phoenix", "json.id", topic="room:1", params={"user": "${vu}"})
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    assert server.joins == [{"user": "1"}]
    assert server.requests[0].path == "/socket/websocket"
    await server.tell("room:1", "shout", {"id": 7})
    await until(lambda: bool(listening.book.messages))
    assert listening.book.messages[0].message.headers["event"] == "shout"


async def test_messages_that_nobody_can_expect_are_counted(server, ear_on):
    listening = ear_on(realtime_channel("supabase", "json.id", topic=ROOM), server.url)
    assert await listening.join() == []
    await server.broadcast(ROOM, "say", {"no": "id"})
    await server.broadcast(ROOM, "say", {"id": None})
    await until(lambda: listening.book.surprises == 2)
    assert listening.book.messages == []


async def test_frames_that_cannot_be_read_are_counted_and_do_no_harm(server, ear_on):
    listening = ear_on(realtime_channel("supabase", "json.id", topic=ROOM), server.url)
    assert await listening.join() == []
    for noise in ("", "{", "[]", '{"topic":1}', "nil"):
        await server.clients[0].socket.send_str(noise)
    await server.clients[0].socket.send_bytes(b"\xff\x00")
    await server.broadcast(ROOM, "say", {"id": 1})
    await until(lambda: bool(listening.book.messages))
    assert listening.ear.report()["unreadable"] == 6
    assert any("is not JSON" in note for note in listening.book.notes)


async def test_messages_of_other_topics_and_of_earlier_joins_are_not_heard(server, ear_on):
    listening = ear_on(realtime_channel("supabase", "json.id", topic=ROOM), server.url)
    assert await listening.join() == []
    content = {"type": "broadcast", "event": "say", "payload": {"id": "other"}}
    await server.clients[0].say("realtime:other", "broadcast", content)
    await server.clients[0].say(ROOM, "broadcast", content, join="0")
    await server.broadcast(ROOM, "say", {"id": "mine"})
    await until(lambda: bool(listening.book.messages))
    assert [one.key for one in listening.book.messages] == ["mine"]


async def test_who_comes_and_goes_is_not_unexpected_where_the_plan_wants_to_know(server, ear_on):
    channel = realtime_channel("supabase", "json.id", topic=ROOM, presence=True)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    await server.tell(ROOM, "presence_state", {"ann": {"metas": [{"phx_ref": "1"}]}})
    await server.tell(ROOM, "presence_diff", {"joins": {}, "leaves": {}})
    await server.tell(ROOM, "broadcast", {"event": "a", "payload": {"text": "no key"}})
    await until(lambda: listening.book.surprises > 0)
    assert listening.book.surprises == 1
    assert listening.book.messages == []


@pytest.mark.parametrize("presence", [True, False])
async def test_who_comes_and_goes_is_heard_if_asked_for(server, ear_on, presence):
    channel = realtime_channel("supabase", "headers.kind", topic=ROOM, presence=presence)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    assert server.joins[0]["config"]["presence"]["enabled"] is presence
    await server.tell(ROOM, "presence_diff", {"joins": {}, "leaves": {}})
    await server.broadcast(ROOM, "say", {})
    await until(lambda: "broadcast" in listening.book.keys_of(0))
    assert listening.book.keys_of(0) == ["presence"] * presence + ["broadcast"]


# --- drops and rejoins ----------------------------------------------------------------------


async def test_who_was_dropped_joins_again(server, ear_on, soon):
    channel = realtime_channel("supabase", "json.id", topic=ROOM, subscribers=5)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    await server.drop()
    book = listening.book
    await until(lambda: len(book.stays) == 15)
    assert listening.present == 5
    assert book.counts == {("realtime_drops", "code 1001"): 5}
    assert len(book.times) == 10
    assert all(name == "realtime_joining" and ns > 0 for name, ns in book.times)
    assert "a subscriber was dropped: it was closed with code 1001" in book.notes
    await server.broadcast(ROOM, "say", {"id": 1})
    await until(lambda: len(book.messages) == 5)
    report = listening.ear.report()
    assert report == {
        "kind": "realtime", "protocol": "supabase", "topic": ROOM, "subscribers": 5,
        "joined_most": 5, "joined_least": report["joined_least"],
        "away_share": report["away_share"], "drops": 5, "rejoins": 5,
        "join_failures": {}, "quota_errors": {}, "unreadable": 0,
    }  # fmt: skip
    assert 0 <= report["joined_least"] < 5
    assert 0 < report["away_share"] < 1


@pytest.mark.parametrize("event", ["phx_close", "phx_error"])
async def test_a_channel_that_the_server_ends_is_joined_again_over_the_same_socket(
    server, ear_on, soon, event
):
    listening = ear_on(realtime_channel("supabase", topic=ROOM), server.url)
    assert await listening.join() == []
    await server.end(ROOM, event, stale=True)  # of no interest
    await server.end(ROOM, event)
    await until(lambda: len(listening.book.stays) == 3)
    assert [what for what, _, _ in listening.book.stays] == ["joined", "left", "joined"]
    assert listening.book.counts == {("realtime_drops", event): 1}
    assert len(server.requests) == 1
    await server.broadcast(ROOM, "say", {"id": 1})
    await until(lambda: bool(listening.book.messages))


async def test_too_many_messages_are_a_quota_error_and_a_drop(server, ear_on, soon):
    listening = ear_on(realtime_channel("supabase", topic=ROOM), server.url)
    assert await listening.join() == []
    await server.system(server.clients[0], ROOM, "error", "Too many messages per second", "system")
    await server.end(ROOM)
    await until(lambda: len(listening.book.stays) == 3)
    assert listening.book.counts == {
        ("realtime_quota_errors", "MessagePerSecondRateLimitReached"): 1,
        ("realtime_drops", "MessagePerSecondRateLimitReached"): 1,
    }
    assert listening.ear.report()["quota_errors"] == {"MessagePerSecondRateLimitReached": 1}


async def test_a_heartbeat_that_is_answered_is_followed_by_the_next(server, ear_on):
    channel = realtime_channel("supabase", topic=ROOM, heartbeat=NS_PER_S // 2)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    await until(lambda: server.clients[0].beats >= 2)
    assert listening.book.counts == {}


async def test_an_unanswered_heartbeat_means_that_the_socket_is_dead(server, ear_on, soon):
    server.answers_beats = False
    channel = realtime_channel("supabase", topic=ROOM, heartbeat=30_000_000)
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    await until(lambda: len(listening.book.stays) >= 3)
    assert "a subscriber was dropped: a heartbeat was not answered until the next" in (
        listening.book.notes
    )
    assert set(listening.book.counts) == {("realtime_drops", "heartbeat")}
    assert len(server.requests) >= 2


# --- many -----------------------------------------------------------------------------------


async def test_three_hundred_subscribers_ramp_in_few_at_a_time(server, ear_on, monkeypatch):
    monkeypatch.setattr("wedload.channels.realtime.population.MOST_JOINING", 20)
    server.join_delay_s = 0.001
    channel = realtime_channel("supabase", "json.id", topic=ROOM, subscribers=300, joins="1000/s")
    listening = ear_on(channel, server.url)
    assert await listening.join() == []
    assert listening.progress == [(number, 300) for number in range(1, 301)]
    assert server.most_joining <= 20
    for number in range(5):
        await server.broadcast(ROOM, "say", {"id": number})
    await until(lambda: len(listening.book.messages) == 1_500)
    for subscriber in range(300):
        assert listening.book.keys_of(subscriber) == ["0", "1", "2", "3", "4"]
    assert len({id(one.message) for one in listening.book.messages}) == 5
    await listening.ear.close()
    await until(lambda: not server.clients)
    assert listening.present == 300  # an end of ours is no drop
    report = listening.ear.report()
    assert (report["joined_least"], report["drops"]) == (300, 0)
