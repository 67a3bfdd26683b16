"""Connections of clients: bytes in, answers out at their instants, as faults have it.

Requests of one connection are answered one after the other. What comes and goes passes a `Flow` in
each direction; an attempt is over when the last byte of its answer has left the one that leads to
the client. A client that ends its half while an answer is due has hung up, as nginx has it, too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from wedload.simulators.answering import Answering
from wedload.simulators.reading import SLICE_BYTES
from wedload.simulators.rendering import CONTINUE, CROWDED, CUT_OFF, SLOW, refused

if TYPE_CHECKING:
    from wedload.simulators.course import Course
    from wedload.simulators.hub import Hub
    from wedload.simulators.rendering import Refusal
    from wedload.simulators.request import Request


class Connection(Answering, asyncio.Protocol):
    """One connection of a client."""

    __slots__ = ("_blocked", "_discarded", "_refusal")

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._refusal: Refusal | None = None  # that comes after all that is asked for
        self._discarded = 0  # bytes that came after the end
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
        """Hand bytes to the socket; with what a fault has let go of there may be room for more."""
        super().deliver(data)
        self._breathe()

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

    def _breathe(self) -> None:
        """Read on, or not: what waits and what is held have their limits."""
        transport = self._transport
        if transport is None or self._closed():
            return
        limits = self._limits
        full = self._up.held_bytes > limits.held_bytes or len(self._queue) >= limits.queued
        if (
            self._down.held_bytes > limits.held_bytes
        ):  # of one answer alone, a hang-up is to be read
            full = full or len(self._leaving) > 1
        if self._blocked and not self.overdue_ns:  # what was read with it may have been whole
            self.overdue_ns = self._hub.now_ns() + limits.whole_ns
        if full or self._blocked:
            transport.pause_reading()
        elif not transport.is_reading():
            transport.resume_reading()
