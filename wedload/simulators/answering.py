"""Answering: bytes to the client through what faults make of them, and what is told when it ends.

`Answering` is the middle of `Connection`, one class cut in three for its length: it reads below,
and what comes from the client, and when, is above. It knows no parser and no latency.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.simulators.endings import Leaving, attempt_of
from wedload.simulators.reading import RequestReader
from wedload.simulators.rendering import rendered, spoilt

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.simulators.course import Course
    from wedload.simulators.endings import End
    from wedload.simulators.hub import Hub
    from wedload.simulators.request import Request
    from wedload.simulators.service import Reply

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # l_onoff, l_linger: see socket(7)


@dataclass(frozen=True, slots=True)
class _Sink:
    """Where a flow leads to, of functions. Implements `FlowSink`."""

    deliver: Callable[[bytes], None]
    end: Callable[[], None]
    reset: Callable[[], None]


class Answering(RequestReader):
    """The way of answers, and the ends of a connection."""

    __slots__ = (
        "_closing", "_course", "_down", "_hub", "_leaving", "_lingering", "_over", "_queue",
        "_transport", "_up", "_waiting",
    )  # fmt: skip

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.limits)
        self._hub = hub
        self._transport: asyncio.Transport | None = None
        self._up, self._down = hub.make_flows(
            _Sink(self.heard, self.heard_end, self.reset), _Sink(self.deliver, self.end, self.reset)
        )
        self._queue: deque[tuple[Request, bool]] = deque()  # and whether another may follow
        self._course: Course | None = None  # whose answer is not due yet
        self._waiting: asyncio.Task[None] | None = None  # for it
        self._leaving = Leaving()
        self._closing = False  # the last answer has been fed
        self._lingering = False  # what still comes is thrown away
        self._over = False

    # --- what the flow to the client leads to -----------------------------------------------

    def deliver(self, data: bytes) -> None:
        """Hand bytes to the socket."""
        if self._closed():
            return
        assert self._transport is not None
        self._transport.write(data)
        self._leaving.left(len(data))
        self._settle()

    def end(self) -> None:
        """All has left, or what leads to the client has been cut."""
        if self._lingering and not self._over and self._leaving.all_left:
            self._linger()  # closing at once would take its refusal from a client
            return
        self._finish("cut")
        self._close()

    def reset(self) -> None:
        """A TCP reset: what is in the way is thrown away on both sides."""
        self._finish("reset")
        self._reset_transport()

    # --- answers ----------------------------------------------------------------------------

    def _give(self, course: Course, request: Request, *, keep_alive: bool) -> None:
        """Answer, as the course has it."""
        keep_alive = keep_alive and course.ending == "reply"
        if course.ending == "reply":
            assert course.reply is not None
            data = self._bytes_of(course.reply, request, keep_alive=keep_alive)
        else:
            data = spoilt(course)
        self._leaving.ends_after(len(data), course)
        self._closing = not keep_alive
        self._send(data)
        self._settle()
        if not keep_alive:
            self._feed_end()

    def _bytes_of(self, reply: Reply, request: Request, *, keep_alive: bool) -> bytes:
        connection = "" if keep_alive else "close"
        if keep_alive and "keep-alive" in request.headers.get("connection", "").lower():
            connection = "keep-alive"  # which HTTP/1.0 has to be told
        return rendered(reply, connection, head_only=request.method == "HEAD")

    def _send(self, data: bytes) -> None:
        if data and not self._over:
            self._leaving.fed(len(data))
            self._down.feed(data)

    def _feed_end(self) -> None:
        self._ended = self._closing = True
        if not self._over:
            self._down.feed_end()

    # --- ends -------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Tell of answers whose last byte has left."""
        for course in self._leaving.settled():
            self._tell(course, None)

    def _finish(self, how: End) -> None:
        """Nothing comes or goes any more: tell of all that is not over."""
        if self._over:
            return
        self._over = self._ended = True
        if self._waiting is not None:
            self._waiting.cancel()
        waiting = self._leaving.drop()
        if self._course is not None:
            waiting.append(self._course)
        waiting += [self._hub.courses.unserved(request) for request, _ in self._queue]
        for course in waiting:
            self._tell(course, how)
        self._queue.clear()
        self._course = None
        self._up.close()
        self._down.close()

    def _tell(self, course: Course, end: End | None) -> None:
        hub = self._hub
        attempt = attempt_of(
            course,
            end,
            dependency=hub.name,
            ended_ns=hub.now_ns(),
            met=(*self._up.suffered, *self._down.suffered),
            in_force=hub.in_force_since(course.arrived_ns),
        )
        hub.tell(attempt)

    def _linger(self) -> None:
        transport = self._transport
        assert transport is not None
        if not transport.is_closing():
            self.overdue_ns = self._hub.now_ns() + self._limits.linger_ns
            transport.write_eof()

    def _close(self) -> None:
        """End it when what was written is sent, if it is read in time."""
        if self._transport is not None:
            self.overdue_ns = self._hub.now_ns() + self._limits.whole_ns
            self._transport.close()

    def _closed(self) -> bool:
        return self._over or self._transport is None or self._transport.is_closing()

    def _reset_transport(self) -> None:
        transport = self._transport
        if transport is None:
            return
        found = transport.get_extra_info("socket")
        if found is not None and not transport.is_closing():
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()

    # --- above ------------------------------------------------------------------------------

    def heard(self, data: bytes) -> None:
        """Bytes of the client have come through."""
        raise NotImplementedError

    def heard_end(self) -> None:
        """The client has ended its half, or what leads here has been cut."""
        raise NotImplementedError
