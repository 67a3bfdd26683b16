"""An alarm clock for coroutines: wakes them at absolute instants, some 0.05 ms late at most times.

An event loop's own timers count whole milliseconds; asked for less they either come late or make
the loop spin. Linux has timers that count ns and report to the loop as a file does: timerfd, see
timerfd_create(2). Elsewhere the loop's own timers stand in. It knows one loop and no plan.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_NS_PER_S: Final = 1_000_000_000
_ABSOLUTE: Final = 1  # TFD_TIMER_ABSTIME
_EXPIRATIONS_BYTES: Final = 8  # what is read when it has fired


class _Timer(Protocol):
    def arm(self, due_ns: int) -> None:
        """Fire at an instant, instead of when it was set to before; at once if it has passed."""

    def close(self) -> None:
        """Never fire again."""


class Alarm:
    """Wakes coroutines of one event loop at instants of `time.perf_counter_ns`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        #: (instant, number, who waits): a heap; the number keeps equal instants in order
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._number = 0
        self._armed_ns: int | None = None
        kernel = _KernelTimer.available()
        self._timer: _Timer = (_KernelTimer if kernel else _LoopTimer)(loop, self._fire)

    async def wait(self, due_ns: int) -> None:
        """Return at an instant or as soon after it as can be. O(log waiting)."""
        await self.at(due_ns)

    def at(self, due_ns: int) -> asyncio.Future[None]:
        """What is done at an instant or as soon after it as can be; cancel it to give it up."""
        waiter = self.loop.create_future()
        self._number += 1
        heappush(self._waiting, (due_ns, self._number, waiter))
        if self._armed_ns is None or due_ns < self._armed_ns:
            self._armed_ns = due_ns
            self._timer.arm(due_ns)
        return waiter

    def close(self) -> None:
        """Wake nobody any more."""
        self._timer.close()

    def _fire(self) -> None:
        waiting, now_ns = self._waiting, time.perf_counter_ns()
        while waiting and (waiting[0][0] <= now_ns or waiting[0][2].done()):
            _, _, waiter = heappop(waiting)
            if not waiter.done():  # else whoever waited was cancelled
                waiter.set_result(None)
        self._armed_ns = waiting[0][0] if waiting else None
        if self._armed_ns is not None:
            self._timer.arm(self._armed_ns)


class _KernelTimer:
    """A timerfd that the loop watches."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fire: Callable[[], None]) -> None:
        self._loop = loop
        self._fire = fire
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.timerfd_create(
            time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC
        )
        if self._descriptor < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "timerfd")
        # struct itimerspec: interval and value, each in s and ns
        self._spec = (ctypes.c_long * 4)()
        self._spec_at = ctypes.c_void_p(ctypes.addressof(self._spec))
        loop.add_reader(self._descriptor, self._read)

    @staticmethod
    def available() -> bool:
        """Whether there is one, and it counts with the clock that instants are of."""
        counting = time.get_clock_info("perf_counter").implementation
        return sys.platform == "linux" and "CLOCK_MONOTONIC" in counting

    def arm(self, due_ns: int) -> None:
        self._spec[2], self._spec[3] = divmod(max(due_ns, 1), _NS_PER_S)
        self._libc.timerfd_settime(self._descriptor, _ABSOLUTE, self._spec_at, None)

    def close(self) -> None:
        if self._descriptor >= 0:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()

    def _read(self) -> None:
        try:
            os.read(self._descriptor, _EXPIRATIONS_BYTES)
        except BlockingIOError:
            return  # it was armed anew after it had fired
        self._fire()


class _LoopTimer:
    """The loop's own timer; it may fire up to 1 ms early, and is then set again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fire: Callable[[], None]) -> None:
        self._loop = loop
        self._fire = fire
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, due_ns: int) -> None:
        self.close()
        # never less than 1 ms: uvloop would take it for none, and the loop would spin
        left_s = max((due_ns - time.perf_counter_ns()) / _NS_PER_S, 0.001)
        self._handle = self._loop.call_later(left_s, self._fire)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
