"""Reading an Envoy's admin interface: what it says, and every way in which it may not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from tests.helpers.ports import free_port
from tests.helpers.waiting import GENEROUS_S
from wedload.dependencies.envoy import QUERY
from wedload.fleet import envoy_admin
from wedload.fleet.envoy_admin import EnvoyAdmin, EnvoyError

STATS = b'{"stats":[{"name":"cluster.a.upstream_rq_total","value":3}]}'


def answer(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@asynccontextmanager
async def admin(*pieces: bytes):
    """An admin interface that answers so; what it was asked is added to the list."""
    asked: list[bytes] = []

    async def handle(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        for piece in pieces:
            writer.write(piece)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield EnvoyAdmin(f"http://gateway.test:{port}/admin/", "127.0.0.1"), asked


async def test_its_counters_are_asked_for_by_name_at_the_address_that_was_looked_up():
    async with admin(answer(STATS)) as (one, asked):
        assert await one.read() == {"a": {"upstream_rq_total": 3}}
    (request,) = asked
    line, *headers = request.decode().split("\r\n")
    assert line == f"GET /admin{QUERY} HTTP/1.1"
    assert any(header.startswith("Host: gateway.test:") for header in headers)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((answer(b"no", "404 Not Found"),), "it answered 404; is that its admin interface?"),
        ((answer(b"<html>"),), "its answer cannot be read"),
        ((answer(b'{"a": 1}'),), "its answer cannot be read: it has no `stats`"),
        ((answer(b"[" * 1000),), "its answer cannot be read"),
        ((b"SSH-2.0-OpenSSH\r\n",), "it did not answer: SSH-2.0-OpenSSH"),
        ((), "it did not answer: Remote end closed connection without response"),
    ],
)
async def test_what_is_no_answer_is_said(pieces, said):
    async with admin(*pieces) as (one, _):
        with pytest.raises(EnvoyError, match="^" + said.replace("?", r"\?")):
            await one.read()


async def test_nobody_there_is_said():
    with pytest.raises(EnvoyError, match="it did not answer: Connection refused; is `envoy` right"):
        await EnvoyAdmin(f"http://127.0.0.1:{free_port()}", "127.0.0.1").read()


async def test_an_answer_is_read_within_a_limit_of_size(monkeypatch):
    monkeypatch.setattr(envoy_admin, "_MOST_BYTES", 10)
    async with admin(answer(STATS)) as (one, _):
        with pytest.raises(EnvoyError, match="is larger than"):
            await one.read()


@pytest.mark.parametrize(
    "begun",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"],
    ids=["line", "headers", "body"],
)
async def test_an_answer_that_comes_byte_by_byte_is_not_read_for_ever(monkeypatch, begun):
    monkeypatch.setattr(envoy_admin, "_TIMEOUT_S", 0.3)

    dripping = []

    async def drip(reader, writer):
        dripping.append(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begun)
        gone = asyncio.create_task(reader.read(1))
        while not gone.done():
            writer.write(b"1")
            await asyncio.wait([gone], timeout=0.02)
        gone.exception()
        writer.transport.abort()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server, asyncio.timeout(GENEROUS_S):
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(EnvoyError, match=r"was not there within 0\.3 s"):
            await EnvoyAdmin(f"http://127.0.0.1:{port}", "127.0.0.1").read()
        await asyncio.gather(*dripping)
