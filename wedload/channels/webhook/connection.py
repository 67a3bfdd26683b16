"""Connections of senders: bytes in, replies out, and how each ends.

Requests are answered within the turn of the loop in which their last byte comes, so that answers
are in order. A connection that ends with a refusal lingers: what is still sent is thrown away, as
closing at once would take the refusal from a sender that has not read it yet (RFC 9112, section
9.6).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from wedload.channels.webhook.reading import SLICE_BYTES, RequestReader
from wedload.channels.webhook.replies import CROWDED, CUT_OFF, SLOW, refused, rendered
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.channels.webhook.replies import Refusal, Reply
    from wedload.channels.webhook.service import Service


class Connection(RequestReader, asyncio.Protocol):
    """One connection of a sender."""

    __slots__ = ("_discarded", "_hanging", "_transport")

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._transport: asyncio.Transport | None = None
        self._hanging: asyncio.TimerHandle | None = None  # when silence ends
        self._discarded = 0  # bytes that came after the end

    def close(self) -> None:
        """End it, when what was written is sent."""
        self._ended = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()

    def time_out(self) -> None:
        """It is overdue: a request that is not whole, a sender that does not read or hang up."""
        if self._under_way and not self._ended:
            self._end_with(SLOW)
        else:
            self.abort()

    # --- asyncio's callbacks ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        service = self._service
        if len(service.connections) >= service.limits.connections:
            service.deliveries.refuse(CROWDED)
            self._write(rendered(refused(CROWDED), "close"))
            self.close()
        else:
            service.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Note when it came, before anything is done with it."""
        self._at_ns = self._service.now_ns()
        if len(data) <= SLICE_BYTES and not self._ended:
            self.feed(data)
            return
        view = memoryview(data)
        for start in range(0, len(data), SLICE_BYTES):
            if self._ended:
                self._discard(len(data) - start)
                return
            self.feed(view[start : start + SLICE_BYTES])

    def eof_received(self) -> bool:
        """The sender is done sending; let `connection_lost` follow."""
        return False

    def pause_writing(self) -> None:
        """The sender does not read its answers: ask for no more of what it wants answered."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.pause_reading()
            self.unread_ns = self._service.now_ns() + self._service.limits.whole_ns
            if not self.overdue_ns:
                self.overdue_ns = self.unread_ns

    def resume_writing(self) -> None:
        """It has read them."""
        self.unread_ns = 0
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.resume_reading()
            if not self._under_way and not self._ended:
                self.overdue_ns = 0

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Count a request that is cut off."""
        if self._hanging is not None:
            self._hanging.cancel()
        if self._under_way and not self._ended:
            self._service.deliveries.refuse(CUT_OFF)
        self._ended = True
        self._service.lost(self)

    # --- inside -----------------------------------------------------------------------------

    def _answer(self, reply: Reply, *, keep_alive: bool) -> None:
        if reply.hang_ns:
            self._ended = True
            self._hanging = self._service.loop.call_later(reply.hang_ns / NS_PER_S, self.close)
            return
        connection = "close"
        if keep_alive:  # which HTTP/1.0 has to be told
            asked = self._headers.get("connection", "").lower()
            connection = "keep-alive" if "keep-alive" in asked else ""
        self._write(rendered(reply, connection, head_only=self._head_only))
        if not keep_alive:
            self.close()

    def _end_with(self, refusal: Refusal) -> None:
        """Refuse the request under way, and all that may follow it."""
        self._service.deliveries.refuse(refusal)
        self._ended = True
        self._body.clear()
        self._write(rendered(refused(refusal), "close", head_only=self._head_only))
        transport = self._transport
        assert transport is not None
        if not transport.can_write_eof():
            transport.close()  # TLS, which lingers by itself
        elif not transport.is_closing():  # the sender is still there
            self.overdue_ns = self._service.now_ns() + self._service.limits.linger_ns
            transport.write_eof()

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > self._service.limits.linger_bytes:
            self.abort()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
