"""A server of HTTP/2 that plays scripts, made of hyper-h2; the client is made of libnghttp2."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import psutil
import pytest

from tests.helpers.waiting import GENEROUS_S
from wedload.clock import MonotonicClock
from wedload.protocols.http.tls import client_context
from wedload.protocols.http2.pool import Http2Pool

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable


@dataclass
class Asked:
    """A request as the server sees it."""

    stream: int
    headers: list[tuple[bytes, bytes]]
    body: bytearray = field(default_factory=bytearray)

    def get(self, name: bytes) -> bytes | None:
        return dict(self.headers).get(name)


class Http2Peer:
    """The server's end of one connection; `state` is hyper-h2's, and may be told anything."""

    def __init__(self, peer: Any, settings: dict[int, int] | None, *, in_pieces: bool) -> None:
        self.peer = peer
        self.in_pieces = in_pieces
        self.state = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.settings = settings
        self.open: dict[int, Asked] = {}
        self.whole: list[Asked] = []
        self.resets: list[tuple[int, int]] = []
        self.pongs: list[bytes] = []
        self.gone = False
        self.over = False  # close at the end of the script, not when the client does

    async def begin(self) -> None:
        """Say hello."""
        if self.settings:
            self.state.update_settings(self.settings)
            self.state.local_settings.acknowledge()
        self.state.initiate_connection()
        await self.flush()

    async def read(self) -> bool:
        """Take what comes next; False when the client is gone."""
        try:
            data = await self.peer.reader.read(65_536)
        except ConnectionError:
            data = b""
        if not data:
            self.gone = True
            return False
        self.peer.server.received_bytes += len(data)
        for event in self.state.receive_data(data):
            match event:
                case h2.events.RequestReceived():
                    self.open[event.stream_id] = Asked(event.stream_id, list(event.headers))
                case h2.events.DataReceived():
                    self.state.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
                    self.open[event.stream_id].body += event.data
                case h2.events.StreamEnded():
                    self.whole.append(self.open.pop(event.stream_id))
                    self.peer.server.requests.append(b"")
                case h2.events.StreamReset():
                    self.open.pop(event.stream_id, None)
                    self.resets.append((event.stream_id, int(event.error_code)))
                case h2.events.PingAckReceived():
                    self.pongs.append(event.ping_data)
        await self.flush()
        return True

    async def request(self) -> Asked | None:
        """The next whole request; None when the client is gone."""
        while not self.whole:
            if not await self.read():
                return None
        return self.whole.pop(0)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Read until something holds, or the client is gone."""
        while not holds() and await self.read():
            pass

    async def flush(self) -> None:
        if data := self.state.data_to_send():
            await self.raw(data)

    async def raw(self, data: bytes) -> None:
        """Send bytes, whatever they are."""
        if self.in_pieces:
            await self.peer.send_in_pieces(data, max(1, len(data) // 40))
        else:
            await self.peer.send(data)

    async def answer(
        self, stream: int, body: bytes = b"hello", *headers: tuple[bytes, bytes], **options: Any
    ) -> None:
        """Answer with a status, which is 200, and a body, as far as the windows allow at once."""
        status = options.pop("status", b"200")
        self.state.send_headers(stream, [(b":status", status), *headers])
        await self.send(stream, body, end_stream=True, **options)

    async def send(self, stream: int, body: bytes, *, end_stream: bool, **options: Any) -> None:
        """Send data in frames, waiting for the windows."""
        while True:
            padding = options["pad_length"] + 1 if "pad_length" in options else 0
            while self.state.local_flow_control_window(stream) < bool(body) + padding:
                if not await self.read():
                    return
            room = self.state.local_flow_control_window(stream) - padding
            piece, body = body[: min(room, 16_384)], body[min(room, 16_384) :]
            last = end_stream and not body
            self.state.send_data(stream, piece, end_stream=last, **options)
            await self.flush()
            if not body:
                return


@pytest.fixture
def serve_http2(serve, server_context) -> Callable[..., Awaitable[Any]]:
    """Start a server that plays an async function of an `Http2Peer`, over TLS unless told."""

    async def start(
        play: Callable[[Http2Peer], Awaitable[None]],
        *,
        tls: bool = True,
        settings: dict[int, int] | None = None,
        in_pieces: bool = False,
    ) -> Any:
        async def play_one(peer: Any) -> None:
            one = Http2Peer(peer, settings, in_pieces=in_pieces)
            await one.begin()
            await play(one)
            if not one.over:
                await peer.gone()

        context: ssl.SSLContext | None = None
        if tls:
            context = server_context()
            context.set_alpn_protocols(["h2"])
        return await serve(play_one, tls=context)

    return start


@pytest.fixture
async def talking(talk_with, files) -> AsyncIterator[Callable[..., Any]]:
    """Make clients that speak a version of HTTP and trust the tests' authority."""
    pools: list[Http2Pool] = []

    def make(http: str = "2") -> Any:
        context = client_context(ca=str(files / "ca.pem"))
        pools.append(Http2Pool(MonotonicClock(), context, http=http))
        return talk_with(pools[-1])

    yield make
    for pool in pools:
        await pool.close()


@pytest.fixture
def no_socket_left() -> Callable[..., Awaitable[None]]:
    """Close a client; no connection and no descriptor may be left on either side."""

    async def check(talk: Any, server: Any, before: int) -> None:
        talk.client.close()
        await server.all_ended()
        process = psutil.Process()
        async with asyncio.timeout(GENEROUS_S):
            while process.num_fds() > before:
                await asyncio.sleep(0.002)

    return check
