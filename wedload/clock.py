"""The clock port: where wedload gets its time from, and how it waits.

Two clocks: `MonotonicClock` for runs, `FakeClock` for tests, which runs a coroutine in virtual
time: nothing sleeps, and every instant is exact. Instants are ns on an arbitrary origin; only
differences mean anything. Processes of one machine share the monotonic clock; instants of two
machines are never subtracted.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from wedload.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

T = TypeVar("T")

_NS_PER_S: Final = 1_000_000_000


class Clock(Protocol):
    """What the engine needs of time."""

    def now_ns(self) -> int:
        """The present instant, ns."""

    async def sleep_until(self, due_ns: int) -> None:
        """Return at `due_ns`, or as soon after it as can be; at once if it has passed."""


class MonotonicClock:
    """Real time: `time.perf_counter_ns`, the clock of every measurement of this process."""

    now_ns = staticmethod(time.perf_counter_ns)

    def __init__(self) -> None:
        self._alarm: Alarm | None = None  # of the loop that slept here last

    async def sleep_until(self, due_ns: int) -> None:
        """Sleep to the absolute instant."""
        if due_ns <= time.perf_counter_ns():
            return
        loop = asyncio.get_running_loop()
        if self._alarm is None or self._alarm.loop is not loop:
            self._alarm = Alarm(loop)
        await self._alarm.wait(due_ns)


class FakeClock:
    """Virtual time for tests: when every task waits, time jumps to the next timer.

    `run` drives a coroutine on an event loop whose clock is this one, so that `asyncio.sleep`,
    `call_later` and `sleep_until` all agree.
    """

    def __init__(self) -> None:
        self._now_ns = 0

    def now_ns(self) -> int:
        """The present virtual instant, ns from the clock's making."""
        return self._now_ns

    async def sleep_until(self, due_ns: int) -> None:
        """Return exactly at `due_ns`."""
        while (left_ns := due_ns - self._now_ns) > 0:
            await asyncio.sleep(left_ns / _NS_PER_S)

    def advance(self, by_ns: int) -> None:
        """Let time pass without giving any task a turn, as a blocked event loop would."""
        self._now_ns += by_ns

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run `main` to its end in virtual time.

        Raises:
            RuntimeError: every task waits and no timer is set: the code under test would hang.
        """
        with asyncio.Runner(loop_factory=lambda: _VirtualLoop(self)) as runner:
            return runner.run(main)


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, clock: FakeClock) -> None:
        self._virtual_clock = clock
        super().__init__(_JumpingSelector(clock))

    def time(self) -> float:
        return self._virtual_clock.now_ns() / _NS_PER_S


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that does not wait: it lets virtual time pass instead."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise RuntimeError("every task waits and no timer is set: this would hang for ever")
        self._clock.advance(round(timeout * _NS_PER_S))
        return ready

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return super().get_map()
