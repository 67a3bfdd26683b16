"""One WebSocket connection: what comes is stamped when it is read, before anything looks into it.

Messages go to a callback, whole, each with the instant at which its last frame was read. What they
say is not known here. Source: RFC 6455, by section below.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from picows import WSMsgType

from wedload.protocols.websocket.fragments import (
    PROTOCOL_ERROR,
    TOO_BIG,
    Fragments,
    ViolationError,
    too_long,
)
from wedload.protocols.websocket.listener import Listener, heed
from wedload.protocols.websocket.opening import Opening, WebSocketError, raw_headers
from wedload.protocols.websocket.sizes import frame_bytes, head_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from picows import WSFrame, WSTransport

    from wedload.clock import Clock
    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Connecting
    from wedload.protocols.websocket.address import WebSocketAddress
    from wedload.protocols.websocket.connecting import SocketConnector

_TEXT: Final = WSMsgType.TEXT
_BINARY: Final = WSMsgType.BINARY
_WHOLE: Final = (_TEXT, _BINARY)
_NORMAL: Final = 1000
_GOING_AWAY: Final = 1001
_NO_CODE: Final = 1005  # of a close frame without one (section 7.4.1) …
_NOT_SENT: Final = frozenset({0, _NO_CODE, 1006, 1015})  # … and what no close frame may hold
#: how long a server may take to close the connection, once both have sent a close frame; it should
#: be the server that does (section 7.1.1), as whoever does keeps the port for a minute
_CLOSING_S: Final = 1.0
#: a close frame is given so long to leave before a connection is cut that broke the protocol
_PARTING_S: Final = 0.01


class WebSocketConnection:
    """A connection; `open` makes one."""

    def __init__(
        self,
        now_ns: Callable[[], int],
        on_message: Callable[[bytes, bool, int], None],
        on_end: Callable[[int | None, str, int], None],
        max_message_bytes: int,
    ) -> None:
        self._now_ns = now_ns
        self._on_message = on_message
        self._on_end = on_end
        self._max_bytes = max_message_bytes
        self._fragments = Fragments(max_message_bytes)
        self._transport: WSTransport | None = None
        self._cut: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None  # while more waits to be sent than should
        self._leaving = False
        #: nothing comes any more, and nothing goes
        self.ended = False
        #: what the server did to have the connection ended from this side
        self.broken: Outcome | None = None
        self.connecting: Connecting
        #: of the answer to the handshake, whose status was 101
        self.headers: list[tuple[bytes, bytes]] = []
        self.subprotocol: str | None = None
        #: on the connection, without what TLS adds; frames and handshake
        self.sent_bytes = 0
        self.received_bytes = 0

    @staticmethod
    async def open(
        address: WebSocketAddress,
        *,
        connector: SocketConnector,
        timeout_ns: int,
        clock: Clock,
        on_message: Callable[[bytes, bool, int], None],
        on_end: Callable[[int | None, str, int], None],
        max_message_bytes: int,
        headers: Sequence[tuple[str, str]] = (),
        subprotocols: Sequence[str] = (),
    ) -> WebSocketConnection:
        """Connect, and shake hands.

        `on_message(data, is_text, at_ns)` is called for each message, as soon as it is read: it
        may be before this returns. `on_end(code, reason, at_ns)` is called once, when the
        connection has ended otherwise than by `close`, `leave` or `abort`: with the code of the
        server's close frame, that with which what the server sent was refused (then `broken` is
        set), or None.

        Raises:
            WebSocketError: it did not open; says why.
            ValueError: a header holds a line break.
        """
        connection = WebSocketConnection(clock.now_ns, on_message, on_end, max_message_bytes)
        opening = Opening(
            address, connector=connector, headers=headers, subprotocols=subprotocols, clock=clock
        )
        listener = Listener(connection, clock.now_ns)
        await opening.run(lambda: listener, timeout_ns, max_message_bytes)
        connection.connecting = opening.times
        return connection

    @property
    def usable(self) -> bool:
        """Whether a message can be sent."""
        return not (self.ended or self._leaving)

    @property
    def keeps_up(self) -> bool:
        """Whether the server reads as fast as is sent: no more waits than should."""
        return self._drained is None

    def send(self, data: bytes, *, text: bool = True) -> int:
        """Send a message; the bytes that are written, its frame included.

        Raises:
            WebSocketError: the connection has ended.
        """
        if not self.usable:
            raise WebSocketError("reset", "the connection has ended")
        assert self._transport is not None
        self._transport.send(_TEXT if text else _BINARY, data)
        written = frame_bytes(len(data)) + 4  # the mask
        self.sent_bytes += written
        return written

    async def drained(self) -> None:
        """Return when no more waits to be sent than should, or the connection has ended."""
        if self._drained is not None:
            await self._drained.wait()

    async def close(self, code: int = _NORMAL) -> None:
        """Shake hands about the end (section 7.1.2), and close; at once, if it takes too long.

        What comes meanwhile is thrown away.
        """
        transport = self._transport
        assert transport is not None
        self._leaving = True
        if not self.ended:
            self._send_close(code)
        try:
            with suppress(Exception):  # its own account of what the server broke
                async with asyncio.timeout(_CLOSING_S):
                    await transport.wait_disconnected()
        finally:
            self.abort()

    def leave(self) -> None:
        """Say that this side goes away, and do not wait for the server to close."""
        self._leaving = True
        if not self.ended:
            self._send_close(_GOING_AWAY)
            self._part()

    def abort(self) -> None:
        """Close at once."""
        assert self._transport is not None
        self._leaving = True
        self._transport.disconnect(False)

    # --- what the listener tells ---------------------------------------------------------------

    def opened(self, transport: WSTransport) -> None:
        """The handshake is done."""
        self._transport = transport
        self.headers = raw_headers(transport.response)
        self.subprotocol = transport.response.headers.get("sec-websocket-protocol")
        self.sent_bytes += head_bytes(f"GET {transport.request.path.decode()} ", transport.request)
        self.received_bytes += head_bytes(transport.response.status.phrase, transport.response)

    def take(self, frame: WSFrame, at_ns: int) -> None:
        """A frame has come."""
        size = frame.payload_size
        self.received_bytes += frame_bytes(size)
        if self.ended or self._leaving:
            return
        assert self._transport is not None
        if self._transport.is_close_frame_sent:
            self._refused(at_ns)  # by picows, which goes on with what it has refused
            return
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._break(ViolationError(PROTOCOL_ERROR, "a frame is of an unknown extension"), at_ns)
        elif kind in _WHOLE and frame.fin and not self._fragments.pending:
            self._on_message(frame.get_payload_as_bytes(), kind == _TEXT, at_ns)
        elif kind == WSMsgType.PING:
            self._answer_ping(frame.get_payload_as_bytes())
        elif kind == WSMsgType.CLOSE:
            self._closed(frame.get_payload_as_bytes(), at_ns)
        elif kind != WSMsgType.PONG:
            self._take_part(frame, at_ns)

    def lost(self) -> None:
        """The connection is gone."""
        at_ns = self._now_ns()
        if self._cut is not None:
            self._cut.cancel()
        self.writing(paused=False)
        transport = self._transport
        assert transport is not None
        if transport.is_close_frame_sent and not (self.ended or self._leaving):
            self._refused(at_ns)
        self._end(None, "the connection ended without a close frame", at_ns)
        if transport.is_close_frame_sent:
            heed(transport)

    def _refused(self, at_ns: int) -> None:
        """Picows has found that what came breaks the protocol, and is closing the connection."""
        assert self._transport is not None
        sent: Any = self._transport.close_handshake.sent  # its code is an IntEnum
        code, reason, self.broken = int(sent.code), sent.reason, "protocol"
        if code == TOO_BIG:
            self.broken, reason = "too_large", too_long(self._max_bytes)
        self._end(code, reason, at_ns)

    def writing(self, *, paused: bool) -> None:
        """More waits to be sent than should, or not any more."""
        if paused:
            self._drained = asyncio.Event()
        elif self._drained is not None:
            self._drained.set()
            self._drained = None

    # --- inside --------------------------------------------------------------------------------

    def _take_part(self, frame: WSFrame, at_ns: int) -> None:
        """A frame of a message that has several."""
        payload, final = frame.get_payload_as_bytes(), bool(frame.fin)
        kind = frame.msg_type
        try:
            if kind == WSMsgType.CONTINUATION:
                message = self._fragments.go_on(payload, final=final)
            else:
                message = self._fragments.begin(payload, is_text=kind == _TEXT, final=final)
        except ViolationError as violation:
            self._break(violation, at_ns)
            return
        if message is not None:
            self._on_message(*message, at_ns)

    def _answer_ping(self, payload: bytes) -> None:
        assert self._transport is not None
        if self._drained is None:  # a server that does not read needs no more of them
            self._transport.send_pong(payload)
            self.sent_bytes += frame_bytes(len(payload)) + 4

    def _closed(self, payload: bytes, at_ns: int) -> None:
        """The server's close frame: answer it, and leave it to the server to close."""
        code = int.from_bytes(payload[:2]) if payload else _NO_CODE
        self._send_close(_NORMAL if code in _NOT_SENT else code)
        self._part()
        self._end(code, payload[2:].decode("utf-8", "replace"), at_ns)

    def _break(self, violation: ViolationError, at_ns: int) -> None:
        """Refuse what came (section 7.1.7)."""
        self.broken = violation.outcome
        self._send_close(violation.code, violation.reason)
        self._part(_PARTING_S)
        self._end(violation.code, violation.reason, at_ns)

    def _send_close(self, code: int, reason: str = "") -> None:
        assert self._transport is not None
        written: Any = code  # picows takes any code, though its type says otherwise
        self._transport.send_close(written, reason.encode())
        self.sent_bytes += frame_bytes(2 + len(reason.encode())) + 4

    def _part(self, after_s: float = _CLOSING_S) -> None:
        """Cut the connection, if the server does not close it before."""
        assert self._transport is not None
        if self._cut is None:
            self._cut = asyncio.get_running_loop().call_later(
                after_s, self._transport.disconnect, False
            )

    def _end(self, code: int | None, reason: str, at_ns: int) -> None:
        if self.ended:
            return
        self.ended = True
        if not self._leaving:
            self._on_end(code, reason, at_ns)
