"""Requests of the wire client that can be sent at once, without a coroutine of its own."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.responses import CLOSE, OK
from wedload.clock import MonotonicClock
from wedload.protocols.http.pool import WirePool
from wedload.units import NS_PER_S
from wedload.workload.request import Request, StreamedBody


@pytest.fixture
async def client():
    pool = WirePool(MonotonicClock())
    yield pool.client()
    await pool.close()


def request_to(server, method="GET", body=None):
    return Request(server.origin(), method, b"/", b"", body)


def begin(client, request, *, timeout_s=30, max_bytes=1_000, keep_body=True):
    return client.begin(request, (), timeout_s * NS_PER_S, max_bytes, keep_body)


async def connect(client, server):
    """Make a connection, as the first request does."""
    response = await client.exchange(request_to(server), (), 30 * NS_PER_S, 1_000)
    assert response.connecting is not None


async def test_a_request_needs_a_connection_to_be_sent_at_once(client, serve, answering):
    server = await serve(answering(OK))
    assert begin(client, request_to(server)) is None
    await connect(client, server)
    response = await begin(client, request_to(server, "POST", b"body"))
    assert (response.outcome, response.status, response.connecting) == ("ok", 200, None)
    assert server.connections == 1
    assert server.requests[-1].endswith(b"Content-Length: 4\r\n\r\nbody")


async def test_a_connection_that_has_ended_is_none(client, serve, answering):
    server = await serve(answering(CLOSE))
    await connect(client, server)
    assert begin(client, request_to(server)) is None


async def test_a_body_from_disk_is_not_sent_at_once(client, serve, answering):
    server = await serve(answering(OK))
    await connect(client, server)
    assert begin(client, request_to(server, "POST", StreamedBody((b"a",)))) is None


@pytest.mark.parametrize("keep_body", [True, False])
async def test_a_body_is_kept_if_it_is_asked_for(client, serve, answering, keep_body):
    server = await serve(answering(OK))
    await connect(client, server)
    response = await begin(client, request_to(server), keep_body=keep_body)
    assert bool(response.body) == keep_body


@pytest.mark.parametrize("begun", [True, False])
async def test_to_give_up_ends_the_connection_and_tells_what_was_seen(client, serve, begun):
    async def play(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        if begun:
            await peer.send(OK[:-2])
        reached.set()
        await peer.gone()

    reached = asyncio.Event()
    server = await serve(play)
    await connect(client, server)
    request = request_to(server)
    began_ns = MonotonicClock().now_ns()
    waiting = begin(client, request)
    await reached.wait()
    await asyncio.sleep(0.05)  # for what the server has sent
    assert waiting.cancel()  # as the cancellation of who awaits it does
    cut = client.give_up(request, (), 30 * NS_PER_S)
    await server.all_ended()
    assert began_ns < cut.started_ns <= cut.ended_ns
    assert cut.sent_bytes == len(request.encode())
    assert cut.received_bytes == (len(OK) - 2 if begun else 0)
    assert begin(client, request) is None


async def test_an_answer_that_nobody_took_is_given_up_as_what_was_sent(client, serve, answering):
    server = await serve(answering(OK))
    await connect(client, server)
    request = request_to(server)
    began_ns = MonotonicClock().now_ns()
    await begin(client, request)
    cut = client.give_up(request, (), 30 * NS_PER_S)
    assert began_ns < cut.started_ns <= cut.ended_ns
    assert (cut.sent_bytes, cut.received_bytes) == (len(request.encode()), 0)
