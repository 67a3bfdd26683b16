"""One direction of a connection on a real loop: a `Stream`, driven by the kernel's timer.

While no fault is in force and nothing is held, what is fed is passed on at once, and that is all.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wedload.simulators.faults.applied import applied
from wedload.simulators.faults.stream import Reset, Stream, Write

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.alarm import Alarm
    from wedload.simulators.faults.applied import Applied, Heading
    from wedload.simulators.faults.lots import Lot
    from wedload.simulators.faults.port import FlowSink, Injections


class FaultFlow:
    """Passes on what it is fed as the faults in force have it. Implements `port.Flow`.

    One alarm serves all flows of a loop. `moved` is called whenever anything may have left, so that
    who has stopped feeding can go on.
    """

    def __init__(
        self,
        injections: Injections,
        sink: FlowSink,
        lot: Lot,
        heading: Heading,
        alarm: Alarm,
        moved: Callable[[], None] | None = None,
    ) -> None:
        self._injections = injections
        self._sink = sink
        self._lot = lot
        self._heading = heading
        self._alarm = alarm
        self._moved: Callable[[], None] | None = None
        self._stream = Stream()
        self._applied: dict[str, Applied | None] = {}  # by the name of each fault in force
        self._waiter: asyncio.Future[None] | None = None
        self._due_ns = 0  # when the waiter is done
        self._plain = True  # nothing is in force, and nothing held
        self._closed = False
        #: a fault has ended the connection, not who sends
        self.cut = False
        self._unsubscribe = injections.subscribe(self._changed)
        if injections.active:
            self._changed()
        self._moved = moved  # from now on: whoever makes a flow has none yet

    def feed(self, data: bytes) -> None:
        """See `Flow`."""
        if self._plain:
            self._sink.deliver(data)
        elif not self._closed:
            now_ns = time.perf_counter_ns()
            self._stream.feed(now_ns, data)
            self._drive(now_ns)

    def feed_end(self) -> None:
        """See `Flow`."""
        if not self._closed:
            now_ns = time.perf_counter_ns()
            self._stream.feed_end(now_ns)
            self._drive(now_ns)

    @property
    def held_bytes(self) -> int:
        """See `Flow`; `waiting_bytes` are those of them that are not even under way."""
        return self._stream.waiting_bytes + self._stream.under_way_bytes

    @property
    def waiting_bytes(self) -> int:
        """What gates hold back: it grows as long as it is fed faster than it may leave."""
        return self._stream.waiting_bytes

    @property
    def suffered(self) -> tuple[str, ...]:
        """See `Flow`."""
        return self._stream.suffered

    def close(self) -> None:
        """See `Flow`."""
        self._closed = True
        self._plain = False
        self._unsubscribe()
        self._forget_waiter()

    # --- inside -----------------------------------------------------------------------------

    def _changed(self) -> None:
        if self._closed:
            return
        active = {fault.name: fault for fault in self._injections.active}
        self._applied = {
            name: self._applied[name]
            if name in self._applied
            else applied(fault, self._heading, self._lot)
            for name, fault in active.items()
        }
        now_ns = time.perf_counter_ns()
        self._stream.change(now_ns, [one for one in self._applied.values() if one is not None])
        self._drive(now_ns)

    def _woken(self, waiter: asyncio.Future[None]) -> None:
        if not waiter.cancelled() and waiter is self._waiter:
            self._waiter = None
            self._drive(time.perf_counter_ns())

    def _drive(self, now_ns: int) -> None:
        """Do what is due, and set the alarm to what is due next."""
        for action in self._stream.take(now_ns):
            if self._closed:
                return
            if isinstance(action, Write):
                self._sink.deliver(action.data)
            elif isinstance(action, Reset):
                self.cut = True
                self._sink.reset()
            else:
                self.cut = action.cut
                self._sink.end()
        if self._closed:  # whoever was delivered to has had enough
            return
        self._plain = self._stream.idle
        self._wait_until(self._stream.due_ns)
        if self._moved is not None:
            self._moved()

    def _wait_until(self, due_ns: int | None) -> None:
        if due_ns is None:
            self._forget_waiter()
        elif self._waiter is None or due_ns != self._due_ns:
            self._forget_waiter()
            self._due_ns = due_ns
            self._waiter = self._alarm.at(due_ns)
            self._waiter.add_done_callback(self._woken)

    def _forget_waiter(self) -> None:
        if self._waiter is not None:
            self._waiter.cancel()
            self._waiter = None
