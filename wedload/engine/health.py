"""The load process watches itself: a saturated generator measures its own waiting."""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING, Final

import psutil

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import Health
from wedload.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from wedload.clock import Clock

#: how often the event loop is asked whether it is late
_PROBE_NS: Final = 10 * NS_PER_MS


class HealthProbe:
    """Loop lag, CPU and memory of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lags_ns: list[int] = []
        self._process = psutil.Process()
        self._cpu_s = time.process_time()
        self._at_ns = clock.now_ns()

    async def watch(self) -> None:
        """Measure loop lag until cancelled: how late a timer that was set ahead fires."""
        clock = self._clock
        due_ns = clock.now_ns()
        while True:
            due_ns = max(due_ns + _PROBE_NS, clock.now_ns())
            await clock.sleep_until(due_ns)
            self._lags_ns.append(clock.now_ns() - due_ns)

    def take(self) -> Health:
        """Health since the last time this was asked."""
        now_ns, cpu_s = self._clock.now_ns(), time.process_time()
        passed_s = max(now_ns - self._at_ns, 1) / NS_PER_S
        lags, self._lags_ns = self._lags_ns, []
        health = Health(
            cpu_ratio=(cpu_s - self._cpu_s) / passed_s,
            memory_bytes=self._process.memory_info().rss,
            loop_lag=Histogram.of(lags),
        )
        self._at_ns, self._cpu_s = now_ns, cpu_s
        return health


def raise_descriptor_limit() -> int:
    """Raise the soft limit of open files to the hard one; the limit that now holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
