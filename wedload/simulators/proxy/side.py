"""One side of a connection through a proxy: the client's, or that of the service.

What it reads goes into a flow that leads to the other side; what comes out of the other's flow it
writes. Neither is read any faster than the other takes it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from wedload.simulators.faults.flow import FaultFlow
    from wedload.simulators.proxy.pair import Pair

_NOTHING_LINGERS: Final = struct.pack("ii", 1, 0)  # struct linger: closing is a reset
#: of what is written and not sent: from here on the other side is not read
_HIGH_BYTES: Final = 1 << 20
_LOW_BYTES: Final = 1 << 18
#: what faults may hold back of one direction, and have under way: a second at 32 MB/s
_MOST_WAITING: Final = 1 << 18
_MOST_UNDER_WAY: Final = 1 << 25
_LINGER_S: Final = 5.0  # for how long what still comes is thrown away


class Side(asyncio.Protocol):
    """Implements `FlowSink` for the flow that leads to it."""

    __slots__ = (
        "_discards", "_early", "_lingers", "_paused", "ended", "flow", "full", "other", "pair",
        "passed", "transport",
    )  # fmt: skip

    other: Side

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.transport: asyncio.Transport | None = None
        self.flow: FaultFlow | None = None  # where what it reads goes
        self.passed = 0  # bytes that were written here
        self.full = False  # more is written than is sent
        self.ended = False  # its end is written
        self._paused = False
        self._discards = False
        self._early: list[bytes] = []  # what came before there was a flow; b"": the end
        self._lingers: asyncio.TimerHandle | None = None

    # --- where a flow leads to --------------------------------------------------------------

    def deliver(self, data: bytes) -> None:
        """See `FlowSink`. What comes for one who is gone, as we are to be told, is dropped."""
        if self.transport is not None and not self.transport.is_closing():
            self.passed += len(data)
            self.transport.write(data)

    def end(self) -> None:
        """See `FlowSink`: half of the connection, or all of it if a fault has ended it."""
        self.pair.ended(self)

    def reset(self) -> None:
        """See `FlowSink`; the service is reset with its client."""
        self.pair.reset()

    # --- what the pair does with it ---------------------------------------------------------

    def write_end(self) -> None:
        """Tell that nothing follows."""
        if not self.ended and self.transport is not None and not self.transport.is_closing():
            with suppress(OSError):  # it was reset, as we are to be told
                self.transport.write_eof()
        self.ended = True

    def close(self) -> None:
        """Close it, when what was written is sent."""
        self._discards = True
        if self.transport is not None:
            self.transport.close()

    def linger(self) -> None:
        """End it, and throw away what still comes: closing now would be a reset if anything has.

        Source: RFC 9112, section 9.6.
        """
        self._discards = True
        self.write_end()
        if self.transport is not None and not self.transport.is_closing():
            if self._paused:
                self._paused = False
                self.transport.resume_reading()
            loop = asyncio.get_running_loop()
            self._lingers = loop.call_later(_LINGER_S, self.transport.abort)

    def abort(self) -> None:
        """Reset it, even if it is being closed already."""
        self._discards = True
        if self.transport is None:
            return
        kept = cast("socket.socket", self.transport.get_extra_info("socket"))
        # it may be closed, with `connection_lost` to come; uvloop's socket has no descriptor then
        with suppress(OSError, ValueError):
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_LINGERS)
        self.transport.abort()

    def hold(self) -> None:
        """Read nothing yet; uvloop may still read what is there when a connection begins."""
        assert self.transport is not None
        self._paused = True
        self.transport.pause_reading()

    def leads_to(self, flow: FaultFlow) -> None:
        """From now on what it reads goes into this flow."""
        self.flow = flow
        for data in self._early:
            if data:
                self.data_received(data)
            else:
                self.eof_received()
        self._early.clear()

    def pace(self) -> None:
        """Read, or do not, as there is room for it."""
        flow, transport = self.flow, self.transport
        if flow is None or transport is None or self._discards or transport.is_closing():
            return
        full = (
            self.other.full
            or flow.waiting_bytes > _MOST_WAITING
            or flow.held_bytes > _MOST_UNDER_WAY
        )
        if full != self._paused:
            self._paused = full
            if full:
                transport.pause_reading()
            else:
                transport.resume_reading()

    # --- asyncio's callbacks ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; the pair goes on from there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self.transport.set_write_buffer_limits(_HIGH_BYTES, _LOW_BYTES)
        self.pair.made(self)

    def data_received(self, data: bytes) -> None:
        """Pass it on as the faults have it."""
        if self._discards:
            return
        if self.flow is None:
            self._early.append(data)
        else:
            self.flow.feed(data)

    def eof_received(self) -> bool:
        """Pass it on too; this half stays open."""
        if self._discards:
            return False
        if self.flow is None:
            self._early.append(b"")
        else:
            self.flow.feed_end()
        return True

    def pause_writing(self) -> None:
        """What was written is not sent: read no more of it."""
        self.full = True
        self.other.pace()

    def resume_writing(self) -> None:
        """There is room again."""
        self.full = False
        self.other.pace()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """It is gone."""
        if self._lingers is not None:
            self._lingers.cancel()
        self.transport = None
        self.pair.lost()
