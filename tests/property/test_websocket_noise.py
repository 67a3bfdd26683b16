"""Whatever a server sends over a WebSocket: messages, and then an end, without an exception."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.noise import LOOPS
from tests.helpers.websocket_frames import accepted, frame
from wedload.clock import MonotonicClock
from wedload.protocols.websocket.address import WebSocketAddress
from wedload.protocols.websocket.connecting import SocketConnector
from wedload.protocols.websocket.connection import WebSocketConnection
from wedload.protocols.websocket.opening import WebSocketError
from wedload.units import NS_PER_S

MOST = 10_000
OPENING_OUTCOMES = {"protocol", "status", "reset"}
FRAMES = st.builds(
    frame,
    st.one_of(st.binary(max_size=200), st.sampled_from([bytes(126), bytes(9_999), bytes(70_000)])),
    st.sampled_from([0, 1, 2, 3, 7, 8, 8, 9, 10, 11, 15]),
    fin=st.sampled_from([True, True, True, False]),
    rsv=st.sampled_from([0, 0, 0, 0, 1, 4]),
    length=st.sampled_from([None, None, None, None, 0, 1, 126, 65_536, 2**62, 2**63]),
)
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAMES, FRAMES, st.binary(max_size=5)), max_size=12).map(b"".join),
)
HEADS = st.lists(
    st.sampled_from([
        b"HTTP/1.1 101 Switching Protocols\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 101 x\r\n",
        b"HTTP/1.1 999 x\r\n", b"HTTP/1.1 101\r\n", b"Upgrade: websocket\r\n", b"\r\n", b"\x00",
        b"Connection: Upgrade\r\n", b"Sec-WebSocket-Accept: x\r\n", b"Content-Length: x\r\n",
        b": x\r\n", b" folded\r\n", b"X: \xff\r\n", b"X: y\r\n" * 200, b"\xff\xfe\r\n", b"\n",
    ]),
    max_size=8,
).map(b"".join)  # fmt: skip


class Noisy:
    """Answers the handshake as it is told, sends noise, and closes."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner, self.noise, self.upgrades = runner, b"", True
        self.problems: list[object] = []
        runner.run(self._start())

    async def _start(self) -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: self.problems.append(context)
        )
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.address = WebSocketAddress.parse(
            f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        )
        self.connector = SocketConnector(MonotonicClock(), None, {}, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            writer.write((accepted(request) if self.upgrades else b"") + self.noise)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()

    async def listen(self) -> tuple[list[bytes], list[object], WebSocketConnection]:
        """Connect, and hear all of it."""
        messages: list[bytes] = []
        ends: list[object] = []
        over = asyncio.Event()

        def on_end(code: int | None, reason: str, at_ns: int) -> None:
            ends.append((code, reason, at_ns))
            over.set()

        async with asyncio.timeout(30):
            connection = await WebSocketConnection.open(
                self.address,
                connector=self.connector,
                timeout_ns=60 * NS_PER_S,
                clock=MonotonicClock(),
                on_message=lambda data, _is_text, _at_ns: messages.append(data),
                on_end=on_end,
                max_message_bytes=MOST,
            )
            await over.wait()
            await connection.close()
        return messages, ends, connection

    async def stop(self) -> None:
        self._server.close()


@pytest.fixture(scope="module", params=LOOPS)
def noisy(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        server = Noisy(runner)
        yield server
        runner.run(server.stop())


@settings(deadline=None, max_examples=200)
@given(NOISE)
@example(frame(b"\x00\x00", 8))
@example(frame(b"\x03\xee", 8) + frame(b"", 8))
@example(frame(b"x", 1) + frame(b"y", 3))
def test_any_frames_end_once_and_no_message_is_too_long(noisy, noise):
    noisy.noise, noisy.upgrades = noise, True
    messages, ends, connection = noisy.runner.run(noisy.listen())
    assert len(ends) == 1
    assert connection.broken in {None, "protocol", "too_large"}
    assert all(len(message) <= MOST for message in messages)
    assert connection.ended
    assert noisy.problems == []


@settings(deadline=None, max_examples=100)
@given(HEADS)
def test_any_answer_to_the_handshake_is_an_outcome(noisy, noise):
    noisy.noise, noisy.upgrades = noise, False
    with pytest.raises(WebSocketError) as raised:
        noisy.runner.run(noisy.listen())
    assert raised.value.outcome in OPENING_OUTCOMES
    assert noisy.problems == []
