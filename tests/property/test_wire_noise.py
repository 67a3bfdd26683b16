"""Whatever a server sends over a real socket: `exchange` ends with an outcome."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.noise import LOOPS, NoisyServer, check_sound
from wedload.clock import MonotonicClock
from wedload.protocols.http.pool import WirePool

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FRAGMENTS = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 101 Switching Protocols\r\n", b"HTTP/1.1 304\r\n",
    b"Upgrade: x\r\nConnection: upgrade\r\n", b"Connection: close\r\n", b"Content-Length: 3\r\n",
    b"Content-Length: 99999\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Encoding: deflate\r\n", b"Content-Encoding: br\r\n", b"Content-Encoding: zstd\r\n",
    b"Content-Encoding: gzip, br\r\n", brotli.compress(b"abc"), brotli.compress(bytes(100_000)),
    zstd.compress(b"abc"), zstd.compress(bytes(100_000)), b"HTTP/1.1 103 E\r\n\r\n" * 101,
    b"0\r\nX-Trailer: 1\r\n\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"X: " + b"v" * 400_000,
    b"5;" + b"e" * 400_000, b"Set-Cookie: a=b\r\n", b"\r\n",
    b"\n", b":", b"abc", b"3\r\nabc\r\n", b"0\r\n\r\n", b"ffffffffffffffffff\r\n", b"\x00",
    gzip.compress(b"abc"), gzip.compress(bytes(100_000)), zlib.compress(b"abc"), bytes(11_000),
])  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=5)), max_size=8).map(b"".join),
    st.lists(FRAGMENTS, max_size=6).map(lambda rest: b"HTTP/1.1 200 OK\r\n" + b"".join(rest)),
)


@pytest.fixture(scope="module", params=LOOPS)
def noisy(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        server = NoisyServer(
            runner,
            make_pool=lambda: WirePool(MonotonicClock()),
            hears=lambda reader: reader.readuntil(b"\r\n\r\n"),
        )
        yield server
        runner.run(server.stop())


@settings(deadline=None, max_examples=200)
@given(NOISE, st.sampled_from(["GET", "HEAD", "POST"]))
@example(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n\x00", "GET")
@example(b"HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc", "GET")
def test_any_answer_ends_with_an_outcome_and_is_asked_for_once(noisy, noise, method):
    noisy.noise, before = noise, noisy.asked
    (response,) = noisy.runner.run(noisy.ask(method))
    check_sound(response)
    assert noisy.asked == before + 1
    assert response.received_bytes <= len(noise)
