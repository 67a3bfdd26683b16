"""Connections of HTTP clients: when they are made, kept, given up, and what stays behind."""

from __future__ import annotations

import asyncio
import os
import socket
import time

import psutil
import pytest

from tests.helpers.ports import free_port
from tests.helpers.responses import CLOSE, OK
from tests.helpers.waiting import GENEROUS_S, until
from wedload.clock import MonotonicClock
from wedload.protocols.aiohttp.connector import GuardedConnector
from wedload.protocols.aiohttp.pool import AiohttpPool
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.pool import WirePool
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.request import Origin, Request


async def test_many_requests_share_one_connection(serve, talk, answering, adds_up):
    server = await serve(answering(OK))
    responses = [await talk(server) for _ in range(200)]
    assert (server.connections, len(server.requests)) == (1, 200)
    assert responses[0].connecting is not None
    assert all(response.connecting is None for response in responses[1:])
    for response in responses:
        adds_up(response)


async def test_each_virtual_user_has_a_connection_of_its_own(serve, talk, answering):
    server = await serve(answering(OK))
    clients = [talk.pool.client() for _ in range(5)]
    for _ in range(2):
        await asyncio.gather(*(talk(server, client=client) for client in clients))
    assert (server.connections, len(server.requests)) == (5, 10)


async def test_each_origin_has_a_connection_of_its_own(serve, talk, answering):
    one, other = await serve(answering(OK)), await serve(answering(OK))
    for server in (one, other, one, other):
        await talk(server)
    assert (one.connections, other.connections) == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [CLOSE, b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ids=["connection-close", "http-1.0"],
)
async def test_a_response_that_ends_its_connection_is_followed_by_a_new_one(
    serve, talk, answering, answer
):
    server = await serve(answering(answer))
    for _ in range(3):
        response = await talk(server)
        assert (response.outcome, response.body) == ("ok", b"hello")
        assert not response.connecting.again  # it was told beforehand
    assert server.connections == 3


async def test_an_http_1_0_server_can_ask_to_keep_its_connection(serve, talk, answering):
    answer = b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello"
    server = await serve(answering(answer))
    for _ in range(3):
        assert (await talk(server)).body == b"hello"
    assert server.connections == 1


@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_an_idle_connection_that_the_server_closes_is_replaced_without_an_error(
    serve, talk, how
):
    async def play(peer):
        await peer.request()
        await peer.send(OK)
        if how == "rst":
            await rest.wait()
            peer.reset()

    rest = asyncio.Event()
    server = await serve(play)
    for number in range(3):
        rest.clear()
        response = await talk(server)
        assert (response.outcome, response.connecting.again) == ("ok", number > 0)
        rest.set()
        await server.all_ended()
        await until(lambda: not talk.connected)
    assert (server.connections, len(server.requests)) == (3, 3)


async def test_a_request_in_flight_when_the_connection_closes_is_not_sent_again(serve, talk):
    async def play(peer):
        while await peer.request() is not None:
            if len(peer.server.requests) == 2:
                return
            await peer.send(OK)

    server = await serve(play)
    outcomes = [
        (await talk(server, method="POST", body=b"%d" % number)).outcome for number in range(4)
    ]
    assert outcomes == ["ok", "reset", "ok", "ok"]
    assert [request[-1:] for request in server.requests] == [b"0", b"1", b"2", b"3"]
    assert server.connections == 2


async def test_a_reset_in_flight_is_told_from_a_refusal(serve, talk, adds_up):
    async def play(peer):
        await peer.request()
        peer.reset()

    server = await serve(play)
    response = await talk(server, method="POST", body=b"x" * 10_000)
    assert response.outcome == "reset"
    adds_up(response)


@pytest.fixture
def slow_to_send(monkeypatch):
    """Clients that find a connection ended when they come to send the request it was made for."""
    connect, create = WirePool.connect, GuardedConnector._create_connection

    async def connect_and_wait(*arguments):
        connection, times = await connect(*arguments)
        await until(lambda: not connection.usable)
        return connection, times

    async def create_and_wait(*arguments):
        connection = await create(*arguments)
        await until(lambda: not connection.is_connected())
        return connection

    monkeypatch.setattr(WirePool, "connect", connect_and_wait)
    monkeypatch.setattr(GuardedConnector, "_create_connection", create_and_wait)


@pytest.mark.parametrize("body", [None, b"x" * 1000])
async def test_a_request_whose_connection_ended_before_it_was_sent_has_nothing_to_time(
    serve, talk, slow_to_send, body
):
    async def play(peer):
        peer.reset()

    server = await serve(play)
    response = await talk(server, body=body)
    assert response.outcome == "reset"
    assert response.problem == "connection closed before the request was sent"
    assert (response.sent_ns, response.sent_bytes, response.received_bytes) == (0, 0, 0)
    assert response.connecting is not None
    assert not talk.connected


async def test_a_refused_connection_is_a_connect_failure_that_was_never_sent(talk):
    origin = Origin("http", "127.0.0.1", free_port())
    response = await talk(origin)
    assert (response.outcome, response.sent_ns, response.sent_bytes) == ("connect", 0, 0)
    assert response.problem == f"{origin}: Connection refused"


async def test_a_server_that_comes_up_later_is_reached(talk, serve, answering):
    server = await serve(answering(OK))
    origin = server.origin()
    await server.stop()
    assert (await talk(origin)).outcome == "connect"
    again = socket.socket()
    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    again.bind((origin.host, origin.port))
    async with await asyncio.start_server(_answer_once, sock=again):
        assert (await talk(origin)).outcome == "ok"


async def _answer_once(reader, writer) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(CLOSE)
    writer.close()
    await writer.wait_closed()


# --- time-outs ------------------------------------------------------------------------------


async def test_a_connection_that_is_not_made_in_time_is_recorded_with_its_full_wait(
    talk, full_backlog, adds_up
):
    for timeout_ms in (100.9, 50.9, 10.9, 10.7, 10.5, 10.3, 10.1):  # uvloop counts whole ms
        response = await talk(full_backlog, timeout_s=timeout_ms / 1000)
        assert (response.outcome, response.sent_bytes) == ("timeout", 0)
        assert response.duration >= int(timeout_ms * NS_PER_MS)
        adds_up(response)


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nno end",
    ],
    ids=["nothing", "status-line", "interim", "length", "chunked", "to-the-end"],
)
async def test_a_response_that_does_not_end_in_time_is_recorded_with_its_full_wait(
    serve, talk, adds_up, beginning
):
    async def play(peer):
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(beginning)
        await peer.gone()

    server = await serve(play)
    await talk(server)
    response = await talk(server, timeout_s=0.1)
    assert response.outcome == "timeout"
    assert response.duration >= 100 * NS_PER_MS
    assert response.received_bytes == len(beginning)
    adds_up(response)
    await server.all_ended()  # the client has closed the connection
    assert len(server.requests) == 2


async def test_a_body_that_comes_drop_by_drop_does_not_put_the_time_out_off(serve, talk):
    async def play(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            await peer.send(b"x")
            await asyncio.sleep(0.005)

    server = await serve(play)
    response = await talk(server, timeout_s=0.2)
    assert response.outcome == "timeout"
    assert response.duration + response.connecting.blocked_ns >= 200 * NS_PER_MS


async def test_a_time_out_counts_from_before_the_connection_is_made(serve, talk):
    async def play(peer):
        await peer.request()
        await peer.gone()

    server = await serve(play)
    before_ns = time.perf_counter_ns()
    response = await talk(server, timeout_s=0.1)
    assert response.outcome == "timeout"
    assert response.duration + response.connecting.blocked_ns >= 100 * NS_PER_MS
    assert response.ended_ns - before_ns >= 100 * NS_PER_MS


async def test_a_request_that_cannot_be_sent_in_time_is_a_time_out(serve, talk, adds_up):
    async def play(peer):
        await hold.wait()

    hold = asyncio.Event()
    server = await serve(play, receive_buffer=65_536)
    response = await talk(server, method="POST", body=bytes(10_000_000), timeout_s=0.2)
    hold.set()
    assert response.outcome == "timeout"
    adds_up(response)


async def test_a_request_after_a_time_out_is_sent_on_a_new_connection(serve, talk):
    async def play(peer):
        while await peer.request() is not None:
            if len(peer.server.requests) == 1:
                await peer.gone()
                return
            await peer.send(OK)

    server = await serve(play)
    assert (await talk(server, timeout_s=0.1)).outcome == "timeout"
    assert (await talk(server)).outcome == "ok"
    assert server.connections == 2


async def test_the_sweep_goes_on_after_a_time_out(serve, talk):
    async def play(peer):
        await peer.request()
        await peer.gone()

    server = await serve(play)
    for _ in range(3):
        assert (await talk(server, timeout_s=0.05)).outcome == "timeout"


# --- sending --------------------------------------------------------------------------------


async def test_a_large_request_is_sent_when_the_last_of_it_is_handed_over(serve, talk, adds_up):
    async def play(peer):
        first = await peer.reader.read(
            1
        )  # the client has begun; a connection alone does not say so
        peer.server.received_bytes += len(first)
        released_ns.append(time.perf_counter_ns())
        await peer.request()
        await peer.send(OK)

    released_ns = []
    body = os.urandom(1000) * 10_000
    server = await serve(play, receive_buffer=65_536)
    response = await talk(server, method="POST", body=body)
    assert response.outcome == "ok"
    # far more than the socket's buffers hold: it cannot have been sent before anybody read
    assert response.started_ns < released_ns[0] < response.sent_ns
    assert server.requests[0].endswith(body)
    assert response.sent_bytes == server.received_bytes
    adds_up(response)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", "ok"),
        (b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "ok"),
        (b"garbage\r\n", "protocol"),
    ],
    ids=["keeps", "closes", "garbage"],
)
async def test_an_answer_before_the_request_is_sent_ends_it_and_its_connection(
    serve, talk, adds_up, answer, outcome
):
    async def play(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        if peer.server.connections == 1:
            await peer.send(answer)
            await first_is_over.wait()
            await peer.gone()
        else:
            peer.server.requests.append(b"second")
            await peer.send(OK)

    first_is_over = asyncio.Event()
    server = await serve(play, receive_buffer=65_536)
    response = await talk(server, method="POST", body=bytes(20_000_000))
    assert response.outcome == outcome
    assert response.waiting == 0
    adds_up(response)
    first_is_over.set()
    # the rest of the body must not be taken for the next request, nor delay it
    assert (await talk(server)).body == b"hello"
    await server.all_ended()
    assert server.connections == 2


async def test_bytes_are_those_that_the_server_counts(serve, talk, answering):
    server = await serve(answering(OK, CLOSE, OK))
    responses = [
        await talk(
            server, method="POST", target=b"/a?b=c", body=b"x" * 1000, headers=(b"X: y\r\n",)
        )
        for _ in range(6)
    ]
    assert sum(response.sent_bytes for response in responses) == server.received_bytes
    assert sum(response.received_bytes for response in responses) == server.sent_bytes


async def test_a_request_arrives_as_it_was_rendered(serve, talk, answering):
    server = await serve(answering(OK))
    await talk(server, method="PUT", target=b"/a%20b?c=d", body=b"", headers=(b"X-A: 1\r\n",))
    assert server.requests == [
        b"PUT /a%%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"
        % server.port
    ]


async def test_phases_follow_the_server(serve, talk, adds_up):
    async def play(peer):
        while await peer.request() is not None:
            await asyncio.sleep(0.1)
            await peer.send(OK[:-2])
            await asyncio.sleep(0.05)
            await peer.send(OK[-2:])

    server = await serve(play)
    for _ in range(2):
        response = await talk(server)
        adds_up(response)
        assert response.waiting >= 99 * NS_PER_MS  # loop timers may fire 1 ms early
        assert response.ended_ns - response.first_byte_ns >= 49 * NS_PER_MS


# --- cancelling -----------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["no-response", "headers", "body", "sending"])
async def test_a_cancelled_request_closes_its_connection(serve, talk, where):
    async def play(peer):
        if where == "sending":
            reached.set()
            await cancelled.wait()
        else:
            await peer.request()
            beginnings = {"headers": b"HTTP/1.1 200 OK\r\nX:", "body": OK[:-2]}
            await peer.send(beginnings.get(where, b""))
            reached.set()
        await peer.gone()

    reached, cancelled = asyncio.Event(), asyncio.Event()
    server = await serve(play, receive_buffer=65_536)
    body = bytes(10_000_000) if where == "sending" else None
    began_ns = MonotonicClock().now_ns()
    asking = asyncio.create_task(talk(server, method="POST", body=body))
    await reached.wait()
    asking.cancel()
    with pytest.raises(Interrupted) as found:
        await asking
    cancelled.set()
    await server.all_ended()
    assert server.connections == 1
    assert began_ns < found.value.started_ns <= found.value.ended_ns
    assert found.value.sent_bytes > 0 or where == "sending"  # it may still be connecting
    assert found.value.received_bytes <= server.sent_bytes


async def test_a_request_cancelled_while_connecting_leaves_no_socket(talk, full_backlog):
    before = psutil.Process().num_fds()
    for _ in range(20):
        asking = asyncio.create_task(talk(full_backlog))
        await asyncio.sleep(0.005)
        asking.cancel()
        with pytest.raises(Interrupted) as found:
            await asking
        assert found.value.sent_bytes == 0
        # it wanted a connection for so long; loop timers may fire 1 ms early
        assert found.value.ended_ns - found.value.started_ns >= 3 * NS_PER_MS
    await until(lambda: psutil.Process().num_fds() <= before)


async def test_a_client_goes_on_after_a_cancelled_request(serve, talk):
    async def play(peer):
        while await peer.request() is not None:
            if len(peer.server.requests) == 1:
                waiting.set()
                await peer.gone()
                return
            await peer.send(OK)

    waiting = asyncio.Event()
    server = await serve(play)
    asking = asyncio.create_task(talk(server))
    await waiting.wait()
    asking.cancel()
    assert (await talk(server)).outcome == "ok"
    assert asking.cancelled()


async def test_closing_a_client_closes_its_connections(serve, talk, answering):
    one, other = await serve(answering(OK)), await serve(answering(OK))
    await talk(one)
    await talk(other)
    talk.client.close()
    await one.all_ended()
    await other.all_ended()
    assert (await talk(one)).outcome == "ok"  # and it can be used again


@pytest.mark.parametrize("pool_of", [WirePool, AiohttpPool], ids=["wire", "aiohttp"])
async def test_closing_the_pool_closes_all_connections_and_leaves_no_task(
    serve, answering, pool_of
):
    server = await serve(answering(OK))
    tasks = asyncio.all_tasks()
    pool = pool_of(MonotonicClock())
    clients = [pool.client() for _ in range(10)]
    request = Request(server.origin(), "GET", b"/", b"", None)
    await asyncio.gather(*(c.exchange(request, (), NS_PER_S * GENEROUS_S, 1000) for c in clients))
    await pool.close()
    await server.all_ended()
    if serving := {task for task in asyncio.all_tasks() - tasks if task in server._tasks}:
        await asyncio.wait(serving, timeout=GENEROUS_S)  # and what they wait for
    assert asyncio.all_tasks() - tasks == set()


async def test_many_short_connections_do_not_pile_up_sockets(serve, talk, answering):
    server = await serve(answering(CLOSE))
    await talk(server)
    await server.all_ended()
    process = psutil.Process()
    before = process.num_fds()
    for _ in range(300):
        assert (await talk(server)).outcome == "ok"
    await server.all_ended()
    await until(lambda: process.num_fds() <= before)
    assert server.connections == 301


@pytest.mark.parametrize("talk", ["wire"], indirect=True)  # the other one's pool has none
async def test_connections_that_are_gone_are_forgotten_by_the_pool(serve, talk, answering):
    server = await serve(answering(CLOSE))
    for _ in range(20):
        await talk(server)
    await until(lambda: not talk.pool._open)


async def test_failed_connections_do_not_pile_up_sockets(talk):
    origin = Origin("http", "127.0.0.1", free_port())
    process = psutil.Process()
    await talk(origin)
    before = process.num_fds()
    for _ in range(50):
        assert (await talk(origin)).outcome == "connect"
    assert process.num_fds() <= before


@pytest.fixture
async def client():
    pool = WirePool(MonotonicClock())
    yield pool.client()
    await pool.close()


async def sent_by_turn(client, origin, turn):
    request = Request(origin, "GET", b"/", b"", None)
    return await client.exchange(request, (), GENEROUS_S * NS_PER_S, 1_000, turn=turn)


async def test_a_turn_is_taken_when_there_is_a_connection_and_before_anything_is_sent(
    serve, answering, client
):
    server, seen = await serve(answering(OK)), []

    async def turn():
        seen.append((client.has(server.origin()), len(server.requests)))

    for _ in range(2):
        assert (await sent_by_turn(client, server.origin(), turn)).outcome == "ok"

    assert seen == [(True, 0), (True, 1)]


async def test_a_connection_that_is_lost_before_its_turn_is_made_anew_and_takes_another_turn(
    serve, client
):
    ends = asyncio.Event()

    async def play(peer):
        await peer.request()
        await peer.send(OK)
        await ends.wait()  # and closes the connection

    server, seen = await serve(play), []

    async def turn():
        seen.append(server.connections)
        if len(seen) == 2:
            ends.set()
            await until(lambda: not client.has(server.origin()))

    await sent_by_turn(client, server.origin(), turn)
    response = await sent_by_turn(client, server.origin(), turn)

    assert response.outcome == "ok"
    assert response.connecting is not None
    assert seen == [1, 1, 2]


async def test_who_cannot_connect_takes_a_turn_as_well(client):
    turns = []

    async def turn():
        turns.append(1)

    response = await sent_by_turn(client, Origin("http", "127.0.0.1", free_port()), turn)

    assert (response.outcome, turns) == ("connect", [1])
