"""Subscribers that cannot join: what is tried again, what ends a run, and what is said of it."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from tests.helpers.ports import free_port
from tests.helpers.realtime import realtime_channel
from tests.helpers.waiting import until
from wedload.units import NS_PER_S

TOPIC = "realtime:public:orders"
ROOM = "realtime:room"


async def test_a_refusal_is_tried_again_and_told_apart_from_quotas(server, ear_on, soon):
    server.refusal = {
        1: "UnableToConnectToProject: the database is away",
        2: "ClientJoinRateLimitReached: Too many joins per second",
    }.get
    listening = ear_on(realtime_channel("supabase", topic=ROOM), server.url)
    assert await listening.join() == []
    assert listening.book.counts == {("realtime_quota_errors", "ClientJoinRateLimitReached"): 1}
    assert listening.ear.report()["join_failures"] == {
        "UnableToConnectToProject": 1, "ClientJoinRateLimitReached": 1,
    }  # fmt: skip
    assert len(server.requests) == 1  # over the same socket
    assert (
        "a subscriber could not join: UnableToConnectToProject: the database is \
away"
        in listening.book.notes
    )


async def test_nobody_being_able_to_join_ends_it_with_what_the_server_says(server, ear_on, soon):
    server.refusal = lambda _: "Unauthorized: no permission for s3cret-token"
    channel = realtime_channel(
        "supabase", topic=ROOM, subscribers=3, access_token="${env.WEDLOAD_TOKEN}"
    )
    listening = ear_on(channel, server.url, env={"WEDLOAD_TOKEN": "s3cret-token"})
    (problem,) = await listening.join()
    assert problem.startswith("subscribers could not join: Unauthorized: no perm")
    assert "Unauthorized: no permission for [redacted]" in problem
    assert problem.endswith("(is `access_token` right, and may it read the topic?)")
    assert "s3cret" not in "".join(listening.book.notes)
    assert listening.progress == []


async def test_a_server_that_is_not_there_is_named(ear_on, soon):
    listening = ear_on(realtime_channel(topic="x"), f"http://127.0.0.1:{free_port()}")
    (problem,) = await listening.join()
    assert "Connection refused" in problem
    assert problem.endswith("(is the server running, and is `url` right?)")


@pytest.mark.parametrize(
    ("status", "body", "said", "attempts"),
    [
        (401, {"error": "API key is missing"}, "API key is missing", 1),
        (404, None, "status 404", 1),
        (429, {"error": "Too many connected users"}, "Too many connected users", 4),
    ],
)
async def test_a_refused_handshake_says_why(server, ear_on, soon, status, body, said, attempts):
    server.answer = lambda _: web.Response(
        status=status, text=None if body is None else json.dumps(body)
    )
    channel = realtime_channel("supabase", topic=ROOM, params={"apikey": "${env.WEDLOAD_KEY}"})
    listening = ear_on(channel, server.url, env={"WEDLOAD_KEY": "s3cret-key"})
    (problem,) = await listening.join()
    assert f"/realtime/v1/websocket answered with status {status}" in problem
    assert said in problem
    assert "s3cret" not in problem
    assert len(server.requests) == attempts
    quotas = listening.ear.report()["quota_errors"]
    assert quotas == ({"ConnectionRateLimitReached": 4} if status == 429 else {})


async def test_a_server_that_answers_as_if_to_a_request_is_told_in_one_line(server, ear_on):
    server.answer = lambda _: web.Response(text="data: 1\n\nretry: 1000\n")
    listening = ear_on(realtime_channel("supabase", topic=ROOM), server.url)
    (problem,) = await listening.join()
    assert problem.endswith(
        "answered with status 200, and opens no WebSocket (is `url` that of a WebSocket?)"
    )
    assert len(server.requests) == 1


async def test_not_everybody_joining_in_time_ends_it(server, ear_on, soon, monkeypatch):
    monkeypatch.setattr("wedload.channels.realtime.schedule._PATIENCE_NS", 2 * NS_PER_S)
    server.refusal = lambda number: None if number <= 3 else "ConnectionRateLimitReached: full"
    listening = ear_on(realtime_channel("supabase", topic=ROOM, subscribers=8), server.url)
    (problem,) = await listening.join()
    assert "5 of 8 subscribers did not join within" in problem
    assert "ConnectionRateLimitReached: full (lower `subscribers`" in problem
    await until(lambda: not server.clients)  # nobody is left behind


async def test_addresses_beyond_loopback_are_never_connected_to(ear_on):
    listening = ear_on(realtime_channel(url="ws://192.0.2.1/x", topic="x"), "http://127.0.0.1:9")
    (problem,) = await listening.join()
    assert "192.0.2.1 is not on loopback" in problem


async def test_a_template_without_a_value_is_a_problem(ear_on):
    listening = ear_on(realtime_channel(topic="${missing}"), "http://127.0.0.1:9")
    (problem,) = await listening.join()
    assert problem.startswith("")
    assert "missing" in problem


@pytest.mark.parametrize("changes", [True, False])
async def test_a_join_that_nobody_answers_runs_out_of_time(
    server, ear_on, soon, monkeypatch, changes
):
    short_ns = NS_PER_S // 2
    monkeypatch.setattr("wedload.channels.realtime.phoenix_subscriber.JOIN_TIMEOUT_NS", short_ns)
    monkeypatch.setattr("wedload.channels.realtime.schedule._PATIENCE_NS", 4 * short_ns)
    server.answers_joins = changes
    server.tells_changes = False
    listening = ear_on(realtime_channel("supabase", topic=TOPIC), server.url)
    (problem,) = await listening.join()
    assert ("changes are subscribed to did not come" in problem) is changes
    assert ("the join was not answered within 500ms" in problem) is not changes
