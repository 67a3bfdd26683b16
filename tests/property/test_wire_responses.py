"""A response is the same in whatever pieces it comes; broken, it is a failure, never a defect."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import re
import sys
import zlib
from typing import TYPE_CHECKING

import brotli
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wedload.protocols.http.wire import Connection

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES = 10_000
OUTCOMES = {"ok", "reset", "protocol", "too_large"}

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
        connection.send(b"request", head=head, timeout_ns=0, max_bytes=MAX_BYTES)
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


HEADERS = st.lists(
    st.tuples(TOKEN, VALUE)
    .filter(lambda header: not RESERVED.match(header[0]))
    .map(lambda header: (header[0].encode(), header[1].encode())),
    max_size=4,
)
ENCODERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
}
INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nContent-Encoding: gzip\r\n\r\n",
)


def lines_of(headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


def heard(response) -> tuple:
    """What a response says, all of it."""
    return response.status, response.raw_headers, response.body


@st.composite
def responses(draw):
    """A valid response: its bytes, what it says, and whether its connection goes on."""
    status = draw(st.sampled_from([200, 201, 301, 404, 429, 500, 599, 204, 304]))
    headers = draw(HEADERS)
    body = b"" if status in {204, 304} else draw(st.binary(max_size=300))
    encoded = body
    if body:
        for name in draw(st.lists(st.sampled_from(list(ENCODERS)), max_size=3)):
            encoded = ENCODERS[name](encoded)
            headers.append((b"Content-Encoding", name.encode()))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    wire, kept = encoded, True
    if status in {204, 304}:
        wire = b""
    elif framing == "length":
        headers.append((b"Content-Length", b"%d" % len(encoded)))
    elif framing == "chunked":
        headers.append((b"Transfer-Encoding", b"chunked"))
        size = draw(st.integers(1, 50))
        extension = draw(st.sampled_from([b"", b";a", b';a="b;c";d=e']))
        chunks = [encoded[at : at + size] for at in range(0, len(encoded), size)]
        wire = b"".join(b"%x%b\r\n%b\r\n" % (len(one), extension, one) for one in chunks)
        wire += b"0%b\r\n%b\r\n" % (extension, lines_of(draw(HEADERS)))
    else:
        kept = False
    interim = b"".join(draw(st.lists(st.sampled_from(INTERIM), max_size=3)))
    reason = draw(st.sampled_from([b" Reason", b" ", b""]))
    data = b"HTTP/1.1 %d%b\r\n%b\r\n%b" % (status, reason, lines_of(headers), wire)
    return interim + data, (status, headers, body), kept


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
        assert heard(response) == expected
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
    assert heard(response) == expected
    assert not still_usable


PIECES = (
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b":",
    b"0\r\n\r\n",
    b"ffffffffffffffffff\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Upgrade: x\r\nConnection: upgrade\r\n",
)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "drop", "double", "insert", "swap"]),
        st.integers(0, 2_000),
        st.integers(0, 2_000),
        st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from(PIECES)),
    ),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, mutations) -> bytes:
    for how, place, length, piece in mutations:
        at = place % (len(data) + 1)
        end = at + length % 20
        match how:
            case "flip":
                data = data[:at] + bytes(b ^ piece[0] for b in data[at : at + 1]) + data[at + 1 :]
            case "drop":
                data = data[:at] + data[end:]
            case "double":
                data = data[:end] + data[at:]
            case "insert":
                data = data[:at] + piece + data[at:]
            case "swap":
                data = data[at:] + data[:at]
    return data


@settings(deadline=None, max_examples=300)
@given(responses(), MUTATIONS, st.lists(st.integers(0, 2_000), max_size=6), st.booleans())
def test_a_mutated_response_has_some_outcome_however_it_is_split(made, mutations, cuts, head):
    data = mutated(made[0], mutations)
    response, _ = asyncio.run(receive(cut(data, cuts), head=head))
    assert response.outcome in OUTCOMES
    assert (response.outcome == "ok") is (response.problem is None)
    assert len(response.body) <= MAX_BYTES
    assert response.received_bytes <= len(data)
    assert response.started_ns <= response.sent_ns <= response.first_byte_ns <= response.ended_ns
    if response.outcome == "ok":
        assert response.status >= 200
    if head and response.outcome == "ok":
        assert response.body == b""


@settings(deadline=None)
@given(responses(), MUTATIONS, st.lists(st.integers(0, 2_000), max_size=6))
def test_a_mutated_response_is_the_same_however_it_is_split(made, mutations, cuts):
    data = mutated(made[0], mutations)
    assume(len(data) < 100_000)  # limits are noticed at the end of what was read at once
    whole, pieces = (
        asyncio.run(receive(split, head=False))[0] for split in ([data], cut(data, cuts))
    )
    assert whole.outcome == pieces.outcome
    if whole.outcome == "ok":
        assert heard(whole) == heard(pieces)
