"""The run second by second: the source of sparklines, of series, and of comparisons.

It grows by what a second's histograms take as compressed bytes, a few kB at most for a step.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram
from wedload.metrics.packing import squeeze, stretch

if TYPE_CHECKING:
    from wedload.metrics.snapshot import Snapshot


class Second:
    """What one second of a run held, all load processes together."""

    __slots__ = ("_kept", "_parts", "failed", "iterations", "requests")

    def __init__(self) -> None:
        self.requests: Counter[int] = Counter()  # step's series -> requests finished
        self.failed: Counter[int] = Counter()  # step's series -> requests failed
        self.iterations = 0
        self._parts: dict[int, list[Histogram]] = {}  # step's series -> what came of it
        self._kept: dict[int, bytes] = {}  # the same, when the second is over

    def add(self, snapshot: Snapshot) -> None:
        """Take in what a load process recorded in it."""
        for key, histogram in snapshot.trends.items():
            if key.metric == "http_req_duration":
                self._parts.setdefault(key.series, []).append(histogram)
        for key, count in snapshot.counts.items():
            if key.metric == "http_reqs":
                self.requests[key.series] += count
                if key.outcome != "ok":
                    self.failed[key.series] += count
            elif key.metric == "iterations":
                self.iterations += count

    def durations(self, series: int) -> Histogram:
        """The http_req_duration of a step's series."""
        parts = self._parts.get(series, [])
        if len(parts) > 1:
            parts[:] = [Histogram.merge(parts)]
        kept = self._kept.get(series)
        return Histogram.merge(parts if kept is None else [*parts, stretch(kept)])

    def close(self) -> None:
        """Nothing more is expected: keep it in few bytes. What comes all the same is added."""
        self._kept = {series: squeeze(self.durations(series)) for series in self.series()}
        self._parts = {}

    def series(self) -> set[int]:
        """The series that have durations in it."""
        return self._parts.keys() | self._kept.keys()


@dataclass(slots=True)
class _Level:
    """Virtual users of one scenario in one load process: the last level in each second."""

    seconds: array[int] = field(default_factory=lambda: array("q"))
    levels: array[int] = field(default_factory=lambda: array("q"))

    def put(self, second: int, level: int) -> None:
        """A load process tells its seconds in order."""
        if self.seconds and self.seconds[-1] == second:
            self.levels[-1] = level
        else:
            self.seconds.append(second)
            self.levels.append(level)

    def at(self, second: int) -> int:
        """The level at the end of a second: it stays until the next one is told."""
        place = bisect_right(self.seconds, second)
        return self.levels[place - 1] if place else 0


class Timeline:
    """Snapshots of all load processes by the second in which their samples ended."""

    def __init__(self) -> None:
        self.seconds: dict[int, Second] = {}
        self.health = HealthLog()
        self.newest = 0
        self._open: set[int] = set()  # seconds that more may come of
        self._vus: defaultdict[tuple[int, str], _Level] = defaultdict(_Level)

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot of a load process; those of one process come in order."""
        at = snapshot.second
        second = self.seconds.get(at)
        if second is None:
            second = self.seconds[at] = Second()
        second.add(snapshot)
        self._open.add(at)
        if at > self.newest:
            self.newest = at
            # load processes are not quite in step, and one may be late with its last quarter
            for done in [one for one in self._open if one < at - 1]:
                self.seconds[done].close()
                self._open.remove(done)
        if snapshot.second >= 0:  # else outside of the load
            for scenario, active in snapshot.vus.items():
                self._vus[snapshot.worker, scenario].put(snapshot.second, active)
        if snapshot.health is not None:
            self.health.add(snapshot.worker, snapshot.second, snapshot.health)

    def vus_at(self, second: int) -> Counter[str]:
        """Virtual users active at the end of a second, by scenario, all load processes together."""
        found: Counter[str] = Counter()
        for (_, scenario), level in self._vus.items():
            found[scenario] += level.at(second)
        return found

    def active_vus(self) -> int:
        """Virtual users active now, over all scenarios and load processes."""
        return sum(level.levels[-1] for level in self._vus.values())

    def last(self, seconds: int) -> list[Second]:
        """The last full seconds, oldest first; a second without any sample is skipped."""
        return [
            self.seconds[at]
            for at in range(
                max(self.newest - seconds, 0), self.newest
            )  # below 0: outside of the load
            if at in self.seconds
        ]
