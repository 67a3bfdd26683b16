"""The machine that wedload runs on: CPU of all cores, memory, load, storage. By psutil.

Costs some 0.2 ms a sample, so it is done in every run.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil

from wedload.metrics.levels import Level
from wedload.resources.growth import growth

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Look(NamedTuple):
    """What only grows, and when it was looked at, s."""

    at_s: float
    busy_s: float  # of all cores
    switches: int
    read: int | None  # bytes; None: the machine tells nothing of its disks
    written: int | None


class Machine:
    """This machine. A `Source`."""

    def __init__(self) -> None:
        self._cores = psutil.cpu_count() or 1
        self._memory = float(psutil.virtual_memory().total)
        self._last: _Look | None = None

    async def open(self) -> None:
        """Look for the first time."""
        self._last = _look()

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        before, now = self._last or _look(), _look()
        self._last = now
        memory = psutil.virtual_memory()
        levels = {
            "memory": Level(float(memory.total - memory.available), self._memory),
            "load": Level(os.getloadavg()[0], float(self._cores)),
        }
        if (took_s := now.at_s - before.at_s) <= 0:
            return levels
        cpu = max(now.busy_s - before.busy_s, 0.0) / took_s
        for name, was, found in (
            ("switches", before.switches, now.switches),
            ("read", before.read, now.read),
            ("written", before.written, now.written),
        ):
            if was is not None and found is not None:
                levels[name] = Level(growth({0: was}, {0: found}) / took_s)
        return {
            "cpu": Level(cpu, float(self._cores)),
            "cpu_share": Level(cpu / self._cores, 1.0),
            **levels,
        }

    async def finish(self) -> Mapping[str, Any]:
        """Nothing is to be said besides."""
        return {}

    async def close(self) -> None:
        """Nothing is held."""


def _look() -> _Look:
    times = psutil.cpu_times()
    # time of guests is in that of users already. Source: proc(5)
    waits = getattr(times, "iowait", 0.0) + getattr(times, "guest", 0.0)
    waits += getattr(times, "guest_nice", 0.0)
    disks = psutil.disk_io_counters()
    return _Look(
        time.monotonic(),
        sum(times) - times.idle - waits,
        psutil.cpu_stats().ctx_switches,
        None if disks is None else disks.read_bytes,
        None if disks is None else disks.write_bytes,
    )
