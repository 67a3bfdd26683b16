"""Connections of clients: bytes in, answers out at their instants, as faults have it.

Requests of one connection are answered one after the other. What comes and goes passes a `Flow` in
each direction; an attempt is over when the last byte of its answer has left the one that leads to
the client. A client that ends its half while an answer is due has hung up, as nginx has it, too.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Final, cast

from wedload.simulators.endings import Leaving, attempt_of
from wedload.simulators.plain_flow import Sink
from wedload.simulators.reading import SLICE_BYTES, RequestReader
from wedload.simulators.rendering import CONTINUE, CROWDED, CUT_OFF, SLOW, refused, rendered, spoilt

if TYPE_CHECKING:
    from wedload.simulators.course import Course
    from wedload.simulators.endings import End
    from wedload.simulators.hub import Hub
    from wedload.simulators.rendering import Refusal
    from wedload.simulators.request import Request
    from wedload.simulators.service import Reply

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # l_onoff, l_linger: see socket(7)


class Connection(RequestReader, asyncio.Protocol):
    """One connection of a client."""

    __slots__ = (
        "_blocked", "_closing", "_course", "_discarded", "_down", "_hub", "_leaving", "_lingering",
        "_over", "_queue", "_refusal", "_transport", "_up", "_waiting",
    )  # fmt: skip

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.limits)
        self._hub = hub
        self._transport: asyncio.Transport | None = None
        self._up, self._down = hub.make_flows(
            Sink(self.heard, self.heard_end, self.reset), Sink(self.deliver, self.end, self.reset)
        )
        self._queue: deque[tuple[Request, bool]] = deque()  # and whether another may follow
        self._course: Course | None = None  # whose answer is not due yet
        self._waiting: asyncio.Task[None] | None = None  # for it
        self._leaving = Leaving()
        self._refusal: Refusal | None = None  # that comes after all that is asked for
        self._closing = False  # the last answer has been fed
        self._lingering = False  # what still comes is thrown away
        self._over = False
        self._discarded = 0
        self._blocked = False  # the client does not read

    # --- asyncio's callbacks ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        if not self._hub.join(self):
            self._hub.refuse(CROWDED)
            self._transport.write(refused(CROWDED))
            self._finish("gone")
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Hand it to what leads here; no more is read than that should hold."""
        if self._lingering:
            self._discarded += len(data)
            if self._discarded > self._limits.linger_bytes:
                self.abort()
            return
        self._up.feed(data)
        self._breathe()

    def eof_received(self) -> bool:
        """The client is done sending; the connection is closed when that has come through."""
        self._up.feed_end()
        return True

    def pause_writing(self) -> None:
        """The client does not read its answers: ask for no more of what it wants answered."""
        self._blocked = True
        self._breathe()

    def resume_writing(self) -> None:
        """It has read them."""
        self._blocked = False
        if not self._under_way and not self._lingering:
            self.overdue_ns = 0
        self._breathe()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell of what is left."""
        if self._under_way and not self._ended:
            self._hub.refuse(CUT_OFF)
        self._finish("gone")
        self._hub.leave(self)

    # --- for the hub ------------------------------------------------------------------------

    @property
    def oldest_ns(self) -> int | None:
        """When the oldest request came whose attempt is not over; None: there is none."""
        if (leaving_ns := self._leaving.oldest_ns) is not None:
            return leaving_ns
        if self._course is not None:
            return self._course.arrived_ns
        return self._queue[0][0].arrived_ns if self._queue else None

    def abort(self) -> None:
        """End it at once."""
        self._finish("gone")
        if self._transport is not None:
            self._transport.abort()

    def time_out(self) -> None:
        """It is overdue: a request that is not whole, a client that does not read or hang up."""
        if self._under_way and not self._ended:
            self._refuse(SLOW)
        else:
            self.abort()

    # --- what the flow from the client leads to ---------------------------------------------

    def heard(self, data: bytes) -> None:
        """Bytes of the client have come through."""
        self._at_ns = self._hub.now_ns()
        view = memoryview(data)
        for start in range(0, len(data), SLICE_BYTES):
            if self._ended:
                return
            self.feed(view[start : start + SLICE_BYTES])
        self._breathe()

    def heard_end(self) -> None:
        """The client has ended its half, or what leads here has been cut."""
        if self._under_way and not self._ended:
            self._hub.refuse(CUT_OFF)
        self._ended = True
        if self._closing and not (self._leaving or self._lingering):
            return  # its end is under way
        if self._course is not None or self._leaving or self._queue:
            self._finish("gone")
        self._close()

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

    # --- requests ---------------------------------------------------------------------------

    def _take(self, request: Request, *, keep_alive: bool) -> None:
        self._queue.append((request, keep_alive))
        if not keep_alive:
            self._ended = True
        self._go_on()

    def _go_on(self) -> None:
        """Begin what is next, until something has to be waited for."""
        while self._queue and self._course is None and not (self._closing or self._over):
            request, keep_alive = self._queue.popleft()
            side = self._hub.side_reply(request)
            if side is not None:
                self._send(self._bytes_of(side, request, keep_alive=keep_alive))
                if not keep_alive:
                    self._feed_end()
                continue
            course = self._hub.courses.of(request)
            if course.ending == "down":
                self._tell(course, None)
                self._finish("reset")
                self._reset_transport()
                return
            if course.ready_ns <= self._hub.now_ns():
                self._give(course, request, keep_alive=keep_alive)
            else:
                self._course = course
                later = self._give_later(course, request, keep_alive=keep_alive)
                self._waiting = self._hub.loop.create_task(later)
        if self._refusal is not None and self._course is None and not self._closing:
            refusal, self._refusal = self._refusal, None
            self._lingering = True
            self._send(refused(refusal))
            self._feed_end()
        self._breathe()

    async def _give_later(self, course: Course, request: Request, *, keep_alive: bool) -> None:
        await self._hub.clock.sleep_until(course.ready_ns)
        if not self._over:
            self._course = self._waiting = None
            self._give(course, request, keep_alive=keep_alive)
            self._go_on()

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

    def _encourage(self) -> None:
        """Tell a client that asks first to send its body, unless an answer comes before."""
        if self._course is None and not self._queue:
            self._send(CONTINUE)

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse the request under way, and all that may follow it."""
        self._hub.refuse(refusal)
        self._ended = True
        self._under_way = False
        self._body.clear()
        self._refusal = refusal
        self._go_on()

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

    def _breathe(self) -> None:
        """Read on, or not: what waits and what is held have their limits."""
        transport = self._transport
        if transport is None or self._closed():
            return
        limits = self._limits
        full = self._up.held_bytes > limits.held_bytes or len(self._queue) >= limits.queued
        if self._blocked and not self.overdue_ns:  # what was read with it may have been whole
            self.overdue_ns = self._hub.now_ns() + limits.whole_ns
        if full or self._blocked:
            transport.pause_reading()
        elif not transport.is_reading():
            transport.resume_reading()
