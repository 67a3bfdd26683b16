"""Supabase's own client talks to the sandbox as to Supabase: an oracle for its protocol."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from realtime import AsyncRealtimeClient
from realtime.exceptions import RealtimeHTTPError
from websockets.exceptions import InvalidStatus

from .conftest import DEADLINE_S, SUPPLIER_KEY

SUBMISSION = {"id", "form_id", "supplier_id", "couple_id", "status", "created_at"}


class Ear:
    """What callbacks were called with."""

    def __init__(self):
        self._heard = asyncio.Queue()

    def __call__(self, *said):
        self._heard.put_nowait(said[0] if len(said) == 1 else said)

    async def next(self):
        return await asyncio.wait_for(self._heard.get(), DEADLINE_S)


@asynccontextmanager
async def supabase(url, token=SUPPLIER_KEY):
    client = AsyncRealtimeClient(f"{url}/realtime/v1", token, auto_reconnect=False)
    await client.connect()
    try:
        yield client
    finally:
        await client.remove_all_channels()


def config(*, ack=False, to_self=False, key="", private=False):
    return {
        "config": {
            "broadcast": {"ack": ack, "self": to_self},
            "presence": {"key": key, "enabled": False},
            "private": private,
        }
    }


async def joined(channel):
    states = Ear()
    await channel.subscribe(states)
    state, error = await states.next()
    assert (state, error) == ("SUBSCRIBED", None)
    return channel


async def test_broadcast_reaches_other_clients_and_its_sender_only_if_it_asked_for_it(visitor):
    async with supabase(visitor.url) as one, supabase(visitor.url) as two:
        heard, own = Ear(), Ear()
        sender = one.channel("talk", config(to_self=True))
        await joined(sender.on_broadcast("*", own))
        await joined(two.channel("talk").on_broadcast("hello", heard))
        await sender.send_broadcast("hello", {"n": 1})
        assert await heard.next() == {"event": "hello", "payload": {"n": 1}}
        assert await own.next() == {"event": "hello", "payload": {"n": 1}}

        silent = two.channel("talk")
        await silent.send_broadcast("hello", {"n": 2})
        await sender.send_broadcast("hello", {"n": 3})
        assert (await own.next())["payload"] == {"n": 2}
        assert (await heard.next())["payload"] == {"n": 3}


async def test_broadcast_that_wants_an_acknowledgement_gets_it(visitor):
    async with supabase(visitor.url) as client:
        channel = await joined(client.channel("talk", config(ack=True)))
        acknowledged = Ear()
        push = await channel.push("broadcast", {"type": "broadcast", "event": "x", "payload": {}})
        push.receive("ok", acknowledged)
        await acknowledged.next()


async def test_broadcast_by_http_reaches_those_who_joined(visitor):
    async with supabase(visitor.url) as client:
        heard = Ear()
        channel = await joined(client.channel("talk").on_broadcast("hello", heard))
        await channel.http_send("hello", {"n": 1})
        assert await heard.next() == {"event": "hello", "payload": {"n": 1}}
        messages = [{"topic": "talk", "event": "hello", "payload": {"n": n}} for n in (2, 3)]
        answer = await visitor.post(
            "/realtime/v1/api/broadcast", {"messages": messages}, headers={"apikey": SUPPLIER_KEY}
        )
        assert (answer.status, answer.body) == (202, None)
        assert [(await heard.next())["payload"]["n"] for _ in messages] == [2, 3]


async def test_presence_is_synchronised_as_others_come_and_go(visitor):
    async with supabase(visitor.url) as one:
        came, left, synced = Ear(), Ear(), Ear()
        channel = one.channel("room", config(key="ann"))
        channel.on_presence_join(came).on_presence_leave(left).on_presence_sync(synced)
        await joined(channel)
        await synced.next()
        assert channel.presence_state() == {}

        await channel.track({"mood": "good"})
        key, _, (meta,) = await came.next()
        assert (key, meta["mood"]) == ("ann", "good")

        async with supabase(visitor.url) as two:
            other = await joined(two.channel("room", config(key="bob")))
            await other.track({"mood": "fine"})
            assert (await came.next())[0] == "bob"
            assert set(channel.presence_state()) == {"ann", "bob"}
            await other.untrack()
            assert (await left.next())[0] == "bob"
            await other.track({"mood": "fine"})
            assert (await came.next())[0] == "bob"
        # Its connection has ended.
        assert (await left.next())[0] == "bob"
        assert set(channel.presence_state()) == {"ann"}


async def test_changes_reach_who_subscribed_to_them(visitor, supplier, couple):
    form, other = await supplier.create_form(), await supplier.create_form()
    for each in (form, other):
        await couple.connect(each)
    async with supabase(visitor.url) as client:
        system, inserted, filtered, started = Ear(), Ear(), Ear(), Ear()
        channel = client.channel("changes").on_system(system)
        channel.on_postgres_changes("INSERT", inserted, table="submissions")
        channel.on_postgres_changes(
            "INSERT", filtered, table="submissions", filter=f"form_id=eq.{form}"
        )
        channel.on_postgres_changes("UPDATE", started, table="journeys")
        await joined(channel)
        subscribed = await system.next()
        assert subscribed.message == "Subscribed to PostgreSQL"
        assert subscribed.extension == "postgres_changes"

        ids = {(await couple.submit(each)).body["id"]: each for each in (other, form)}
        for submission, its_form in ids.items():
            data = (await inserted.next())["data"]
            assert (data["schema"], data["table"], data["type"]) == (
                *("public", "submissions", "INSERT"),
            )
            assert set(data["record"]) == SUBMISSION
            assert data["record"]["id"] == submission
            assert data["record"]["form_id"] == its_form
            assert data["record"]["supplier_id"] == supplier.id
            assert data["record"]["couple_id"] == couple.id
        assert (await filtered.next())["data"]["record"]["form_id"] == form
        running = [(await started.next())["data"] for _ in ids]
        assert {each["record"]["submission_id"] for each in running} == set(ids)
        assert {each["record"]["state"] for each in running} == {"running"}


async def test_private_channel_needs_a_token_and_hears_only_private_messages(visitor, supplier):
    token = supplier.headers["Authorization"].removeprefix("Bearer ")
    async with supabase(visitor.url) as stranger, supabase(visitor.url) as member:
        states = Ear()
        await stranger.channel("secret", config(private=True)).subscribe(states)
        state, error = await states.next()
        assert state == "CHANNEL_ERROR"
        assert "Unauthorized" in str(error)

        await member.set_auth(token)
        heard = Ear()
        channel = member.channel("secret", config(private=True)).on_broadcast("*", heard)
        await joined(channel)
        public = await joined(stranger.channel("other"))
        public.topic = "realtime:secret"
        await public.http_send("hello", {"from": "outside"})
        await channel.http_send("hello", {"from": "inside"})
        assert (await heard.next())["payload"] == {"from": "inside"}


async def test_wrong_key_is_refused_at_the_handshake_and_by_http(visitor):
    client = AsyncRealtimeClient(f"{visitor.url}/realtime/v1", "wrong", auto_reconnect=False)
    with pytest.raises(InvalidStatus) as refused:
        await client.connect()
    assert refused.value.response.status_code == 401
    with pytest.raises(RealtimeHTTPError) as unsent:
        await client.channel("talk").http_send("hello", {})
    assert unsent.value.status == 401
