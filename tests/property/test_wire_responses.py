"""Whatever a server sends, in whatever pieces: `exchange` ends with an outcome."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import zlib
from typing import TYPE_CHECKING

import pytest
import uvloop
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from wedload.clock import MonotonicClock
from wedload.protocols.http.client import WirePool
from wedload.protocols.http.wire import Connection
from wedload.units import NS_PER_S
from wedload.workload.request import Origin, Request

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response

MAX_BYTES = 10_000
OUTCOMES = {"ok", "reset", "protocol", "too_large"}

# --- arbitrary bytes, over a real socket ----------------------------------------------------

FRAGMENTS = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 101 Switching Protocols\r\n", b"HTTP/1.1 304\r\n",
    b"Upgrade: x\r\nConnection: upgrade\r\n", b"Connection: close\r\n", b"Content-Length: 3\r\n",
    b"Content-Length: 99999\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n", b"Content-Encoding: br\r\n", b"Set-Cookie: a=b\r\n", b"\r\n",
    b"\n", b":", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"ffffffffffffffffff\r\n", b"\x00",
    gzip.compress(b"abc"), gzip.compress(bytes(100_000)), zlib.compress(b"abc"), bytes(11_000),
])  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=5)), max_size=8).map(b"".join),
    st.lists(FRAGMENTS, max_size=6).map(lambda rest: b"HTTP/1.1 200 OK\r\n" + b"".join(rest)),
)


class NoisyServer:
    """Sends what it is told to whoever connects and asks, then closes."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.noise = b""
        self.asked = 0
        runner.run(self._start())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.pool = WirePool(MonotonicClock())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            writer.write(self.noise)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()

    async def ask(self, method: str) -> Response:
        request = Request(Origin("http", "127.0.0.1", self.port), method, b"/", b"", None)
        client = self.pool.client()
        try:
            async with asyncio.timeout(30):
                return await client.exchange(request, (), 60 * NS_PER_S, MAX_BYTES)
        finally:
            client.close()

    async def stop(self) -> None:
        await self.pool.close()
        self._server.close()


@pytest.fixture(scope="module", params=[uvloop.new_event_loop, asyncio.new_event_loop])
def noisy(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        server = NoisyServer(runner)
        yield server
        runner.run(server.stop())


@settings(deadline=None, max_examples=200)
@given(NOISE, st.sampled_from(["GET", "HEAD", "POST"]))
@example(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x00", "GET")
@example(b"HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc", "GET")
def test_any_answer_ends_with_an_outcome_and_is_asked_for_once(noisy, noise, method):
    noisy.noise, before = noise, noisy.asked
    response = noisy.runner.run(noisy.ask(method))
    assert response.outcome in OUTCOMES
    assert (response.outcome == "ok") is (response.problem is None)
    assert noisy.asked == before + 1
    assert response.started_ns <= response.sent_ns <= response.first_byte_ns <= response.ended_ns
    assert response.received_bytes <= len(noise)
    assert len(response.body) <= MAX_BYTES
    if response.outcome == "ok":
        assert response.status >= 200


# --- valid responses in arbitrary pieces ----------------------------------------------------
# straight into the protocol: sockets would join the pieces again


class Wire(asyncio.Transport):
    """The place of a socket's transport; what is written is of no interest here."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def set_write_buffer_limits(self, high=None, low=None) -> None: ...
    def write(self, data) -> None: ...
    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True

    abort = close


async def receive(pieces: list[bytes], *, head: bool) -> tuple[Response, bool]:
    """What becomes of a request answered by these pieces, and whether its connection is kept."""
    ticks = itertools.count(1)
    connection = Connection(lambda: next(ticks))
    wire = Wire()
    connection.connection_made(wire)
    asking = asyncio.ensure_future(
        connection.send(b"request", head=head, deadline_ns=0, max_bytes=MAX_BYTES)
    )
    await asyncio.sleep(0)
    for piece in pieces:
        if not wire.closed:
            connection.data_received(piece)
    kept = connection.usable
    connection.connection_lost(None)
    return await asking, kept


async def test_a_connection_is_not_used_any_more_once_the_server_has_ended_it():
    connection = Connection(lambda: 1)
    connection.connection_made(Wire())
    assert connection.usable
    connection.eof_received()  # and `connection_lost` follows in a later turn of the loop
    assert not connection.usable


TOKEN = st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True)
VALUE = st.from_regex(r"([!-~]([ -~]{0,20}[!-~])?)?", fullmatch=True)
RESERVED = re.compile(
    "connection|content-|transfer-|upgrade|proxy-connection|keep-alive", re.IGNORECASE
)


@st.composite
def responses(draw):
    """A valid response: its bytes, what it says, and whether its connection goes on."""
    status = draw(st.sampled_from([200, 201, 301, 404, 429, 500, 599, 204, 304]))
    headers = [
        (name.encode(), value.encode())
        for name, value in draw(st.lists(st.tuples(TOKEN, VALUE), max_size=4))
        if not RESERVED.match(name)
    ]
    body = b"" if status in {204, 304} else draw(st.binary(max_size=300))
    encoded = body
    if body:
        encoding = draw(st.sampled_from([None, "gzip", "deflate"]))
        if encoding:
            encoded = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
            headers.append((b"Content-Encoding", encoding.encode()))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    wire, kept = encoded, True
    if status in {204, 304}:
        wire = b""
    elif framing == "length":
        headers.append((b"Content-Length", b"%d" % len(encoded)))
    elif framing == "chunked":
        headers.append((b"Transfer-Encoding", b"chunked"))
        size = draw(st.integers(1, 50))
        chunks = [encoded[at : at + size] for at in range(0, len(encoded), size)]
        wire = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    else:
        kept = False
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"]))
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    data = interim + b"HTTP/1.1 %d Reason\r\n%b\r\n%b" % (status, lines, wire)
    return data, (status, headers, body), kept


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(at % (len(data) + 1) for at in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@settings(deadline=None)
@given(responses(), st.lists(st.integers(0, 2_000), max_size=12))
def test_a_valid_response_is_the_same_however_it_is_split(made, cuts):
    data, expected, kept = made
    for pieces in ([data], cut(data, cuts), [data[i : i + 1] for i in range(len(data))]):
        response, still_usable = asyncio.run(receive(pieces, head=False))
        assert response.outcome == "ok"
        assert (response.status, response.raw_headers, response.body) == expected
        assert response.received_bytes == len(data)
        assert still_usable is kept


@settings(deadline=None)
@given(responses(), st.lists(st.integers(0, 2_000), max_size=12), st.data())
def test_a_response_that_is_cut_short_is_never_taken_for_a_whole_one(made, cuts, data):
    whole, expected, kept = made
    at = data.draw(st.integers(0, len(whole) - 1))
    response, _ = asyncio.run(receive(cut(whole[:at], cuts), head=False))
    if kept:
        assert response.outcome == "reset"
    elif response.outcome == "ok":  # without a length there is no telling
        assert expected[2].startswith(response.body)
    else:
        assert response.outcome in {"reset", "protocol"}


@settings(deadline=None)
@given(responses(), st.binary(min_size=1, max_size=20), st.lists(st.integers(0, 2_000), max_size=4))
def test_bytes_after_a_response_never_change_it_and_end_its_connection(made, more, cuts):
    data, expected, kept = made
    assume(kept)
    assume(more.strip(b"\r\n"))  # empty lines between messages are allowed
    response, still_usable = asyncio.run(receive([data + more], head=False))
    assert (response.status, response.raw_headers, response.body) == expected
    assert not still_usable
