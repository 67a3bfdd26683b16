"""Whatever frames a server sends over a real socket: requests of HTTP/2 end with an outcome."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import uvloop
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wedload.clock import MonotonicClock
from wedload.protocols.http2.pool import Http2Pool
from wedload.units import NS_PER_S
from wedload.workload.request import Origin, Request

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response

MAX_BYTES = 10_000
OUTCOMES = {"ok", "reset", "protocol", "too_large"}
AT_ONCE = 3


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


HELLO = frame(4, 0, 0, b"")
PAYLOADS = st.one_of(
    st.sampled_from([
        b"\x88", b"\x89", b"\x88\x0f\x0d\x013", b"\x88\x0f\x0b\x04gzip", b"\x48\x03100", b"abc",
        bytes(11_000), bytes(4), bytes(8), b"\x7f\xff\xff\xff", b"\0\x03\0\0\0\0",
        b"\0\x04\0\0\0\0", b"\0\0\0\x03\0\0\0\x01why",
    ]),
    st.binary(max_size=20),
)  # fmt: skip
FRAMES = st.builds(
    frame, st.integers(0, 11), st.sampled_from([0, 1, 4, 5, 8, 13, 32, 255]),
    st.sampled_from([0, 1, 1, 3, 5, 2, 7, 2**31 - 1]), PAYLOADS,
)  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAMES, FRAMES, st.binary(max_size=5)), max_size=12).map(b"".join),
    st.lists(FRAMES, max_size=12).map(lambda frames: HELLO + b"".join(frames)),
)


class NoisyServer:
    """Sends what it is told to whoever connects, then closes."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.noise = b""
        runner.run(self._start())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.pool = Http2Pool(MonotonicClock(), http="2")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(60)  # the preface, settings, and some of a request
            writer.write(self.noise)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()

    async def ask(self, method: str) -> list[Response]:
        request = Request(Origin("http", "127.0.0.1", self.port), method, b"/", b"", None)
        client = self.pool.client()
        try:
            async with asyncio.timeout(30):
                return await asyncio.gather(
                    *(
                        client.exchange(request, (), 60 * NS_PER_S, MAX_BYTES)
                        for _ in range(AT_ONCE)
                    )
                )
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
@example(HELLO + frame(1, 4, 1, b"\x88") + frame(0, 1, 1, b"abc"), "GET")
def test_whatever_comes_every_request_ends_with_an_outcome(noisy, noise, method):
    noisy.noise = noise
    responses = noisy.runner.run(noisy.ask(method))
    assert len(responses) == AT_ONCE
    for response in responses:
        assert response.outcome in OUTCOMES
        assert (response.outcome == "ok") is (response.problem is None)
        assert response.started_ns <= response.sent_ns
        assert response.sent_ns <= response.first_byte_ns <= response.ended_ns
        assert response.received_bytes >= 0
        assert len(response.body) <= MAX_BYTES
        if response.outcome == "ok":
            assert response.status >= 200
