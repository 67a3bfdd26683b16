"""The load process watches itself: a saturated generator measures its own waiting."""

from __future__ import annotations

import errno
import gc
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import Health
from wedload.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from wedload.clock import Clock

#: how often the event loop is asked whether it is late
_PROBE_NS: Final = 10 * NS_PER_MS
_OPEN_FILES: Final = Path("/proc/self/fd")
#: the process, or the machine, has as many files open as it may
_NONE_LEFT: Final = frozenset({errno.EMFILE, errno.ENFILE})


class HealthProbe:
    """Loop lag, CPU, memory, garbage collection and open files of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags_ns: list[int] = []
        self._collections = _Collections()
        self._process = psutil.Process()
        self._memory_bytes = 0
        self._cpu_s = time.process_time()
        self._at_ns = clock.now_ns()

    async def watch(self) -> None:
        """Measure until cancelled: how late a timer that was set ahead fires, and collections."""
        clock = self._clock
        due_ns = clock.now_ns()
        gc.callbacks.append(self._collections.called)
        try:
            while True:
                due_ns = max(due_ns + _PROBE_NS, clock.now_ns())
                await clock.sleep_until(due_ns)
                late_ns = clock.now_ns() - due_ns
                self._lags_ns.append(late_ns)
                # those that would have been due meanwhile were late as well, each by less
                self._lags_ns.extend(range(late_ns - _PROBE_NS, 0, -_PROBE_NS))
        finally:
            gc.callbacks.remove(self._collections.called)

    def take(self) -> Health:
        """Health since the last time this was asked."""
        now_ns, cpu_s = self._clock.now_ns(), time.process_time()
        passed_s = max(now_ns - self._at_ns, 1) / NS_PER_S
        lags, self._lags_ns = self._lags_ns, []
        gc_longest_ns, gc_total_ns = self._collections.take()
        limit = descriptor_limit()
        health = Health(
            cpu_ratio=(cpu_s - self._cpu_s) / passed_s,
            memory_bytes=self._memory(),
            loop_lag=Histogram.of(lags),
            gc_longest_ns=gc_longest_ns,
            gc_total_ns=gc_total_ns,
            open_files=self._open_files(limit),
            open_files_limit=limit,
        )
        self._at_ns, self._cpu_s = now_ns, cpu_s
        return health

    def _memory(self) -> int:
        try:
            self._memory_bytes = self._process.memory_info().rss
        except OSError as error:  # it reads a file: not when no more can be opened
            if error.errno not in _NONE_LEFT:
                raise
        return self._memory_bytes

    def _open_files(self, limit: int | None) -> int:
        try:
            # since Linux 6.2 the size is their number; counting thousands of entries takes ms
            return _OPEN_FILES.stat().st_size or sum(1 for _ in _OPEN_FILES.iterdir())
        except FileNotFoundError:  # another system
            return self._process.num_fds()
        except OSError as error:
            if error.errno in _NONE_LEFT and limit is not None:
                return limit
            raise


class _Collections:
    """Pauses of the garbage collector, during which the whole process stands still."""

    def __init__(self) -> None:
        self._began_ns = 0
        self._longest_ns = 0
        self._total_ns = 0

    def called(self, phase: str, _info: dict[str, Any]) -> None:
        """What `gc.callbacks` asks for: before a collection, and after it."""
        now_ns = time.perf_counter_ns()
        if phase == "start":
            self._began_ns = now_ns
        else:
            pause_ns = now_ns - self._began_ns
            self._total_ns += pause_ns
            self._longest_ns = max(self._longest_ns, pause_ns)

    def take(self) -> tuple[int, int]:
        """The longest pause and all of them together since the last time, ns."""
        found = self._longest_ns, self._total_ns
        self._longest_ns = self._total_ns = 0
        return found


def descriptor_limit() -> int | None:
    """How many files this process may have open; None: as many as it likes."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one; the limit that now holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
