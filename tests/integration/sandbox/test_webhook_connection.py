"""The connection of webhooks against receivers that answer byte by byte what they are told to."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from wedload.sandbox.webhook_connection import LARGEST_ANSWER_BYTES, Connection, Reply
from wedload.sandbox.webhook_target import parse_target

REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


@asynccontextmanager
async def receiver(*answers, then_close=False):
    """Answers the n-th request of any connection with the n-th of these; notes connections."""
    left, connections = list(answers), []

    async def serve(reader, writer):
        connections.append(writer)
        try:
            while True:
                await reader.readexactly(len(REQUEST))
                for part in left.pop(0):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
                if then_close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield parse_target(f"http://127.0.0.1:{port}/"), connections
    finally:
        server.close()
        for writer in connections:
            writer.close()


async def replies(target, number):
    connection = await Connection.open(target)
    found = [await connection.post(REQUEST) for _ in range(number)]
    is_open = connection.is_open
    connection.close()
    return found, is_open


async def test_nobody_is_asked_where_localhost_is_whatever_they_would_answer(monkeypatch):
    asked = []

    async def lie(host, port, **_):
        asked.append(host)
        raise OSError("of the test")

    async with receiver([NO_CONTENT]) as (target, connections):
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lie)
        found, _ = await replies(parse_target(f"http://localhost:{target.port}/"), 1)
        assert (found, len(connections), asked) == ([Reply(204)], 1, [])


async def test_connection_is_kept_for_the_next_request():
    answers = [[NO_CONTENT], [b"HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\nabc"], [NO_CONTENT]]
    async with receiver(*answers) as (target, connections):
        found, is_open = await replies(target, 3)
        assert found == [Reply(204), Reply(500), Reply(204)]
        assert is_open
        assert len(connections) == 1


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (NO_CONTENT, Reply(204)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Reply(200)),
        (b"HTTP/1.1 429 No\r\nretry-AFTER: 7\r\nContent-Length: 0\r\n\r\n", Reply(429, "7")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Yes\r\nContent-Length: 0\r\n\r\n", Reply(202)),
    ],
)
async def test_answer_is_understood_however_it_comes_in_pieces(answer, reply):
    for size in (1, 7, len(answer)):
        pieces = [answer[at : at + size] for at in range(0, len(answer), size)]
        async with receiver(pieces, [NO_CONTENT]) as (target, _):
            assert await replies(target, 2) == ([reply, Reply(204)], True)


async def test_answer_may_end_with_the_connection():
    async with receiver([b"HTTP/1.0 200 OK\r\n\r\nand more"], then_close=True) as (target, _):
        found, _ = await replies(target, 1)
    assert found == [Reply(200)]


async def test_receiver_that_wants_to_close_is_not_sent_to_again():
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    async with receiver([answer]) as (target, _):
        connection = await Connection.open(target)
        assert await connection.post(REQUEST) == Reply(200)
        assert not connection.is_open
        with pytest.raises(ConnectionResetError, match="closed the connection"):
            await connection.post(REQUEST)


async def test_closed_connection_without_an_answer_is_an_error():
    async with receiver([], then_close=True) as (target, _):
        connection = await Connection.open(target)
        with pytest.raises(ConnectionResetError, match="without an answer"):
            await connection.post(REQUEST)
        assert not connection.is_open


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"\x00\x01\x02",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_what_is_not_an_answer_is_an_error(garbage):
    async with receiver([garbage]) as (target, _):
        connection = await Connection.open(target)
        with pytest.raises(ConnectionError, match="not HTTP"):
            await connection.post(REQUEST)
        assert not connection.is_open


async def test_endless_answer_is_not_listened_to_but_its_status_counts():
    endless = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 4096] * (LARGEST_ANSWER_BYTES // 4096 + 8)]
    async with receiver(endless) as (target, _):
        connection = await Connection.open(target)
        assert await connection.post(REQUEST) == Reply(200)
        assert not connection.is_open


async def test_what_nobody_asked_for_ends_the_connection():
    # In one piece and in two: the second answer is to no request.
    for pieces in ([NO_CONTENT * 2], [NO_CONTENT, NO_CONTENT]):
        await assert_closed_after_the_first(pieces)


async def assert_closed_after_the_first(pieces):
    async with receiver(pieces) as (target, connections):
        connection = await Connection.open(target)
        assert await connection.post(REQUEST) == Reply(204)
        while connection.is_open:
            await asyncio.sleep(0.001)
        with pytest.raises(ConnectionResetError):
            await connection.post(REQUEST)
        assert len(connections) == 1


async def test_second_address_of_localhost_is_tried_if_nobody_listens_at_the_first():
    server = await asyncio.start_server(lambda _, writer: writer.close(), "::1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        connection = await Connection.open(parse_target(f"http://localhost:{port}/"))
        connection.close()
    finally:
        server.close()
