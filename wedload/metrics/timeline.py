"""The run second by second: the source of sparklines, of series, and of comparisons."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from wedload.metrics.snapshot import Snapshot


@dataclass(slots=True)
class Second:
    """What one second of a run held, all load processes together."""

    durations: dict[int, Histogram]  # step's series -> http_req_duration
    requests: Counter[int]  # step's series -> requests finished
    failed: Counter[int]  # step's series -> requests failed
    iterations: int


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
        self._vus: defaultdict[tuple[int, str], _Level] = defaultdict(_Level)

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot of a load process; those of one process come in order."""
        second = self.seconds.setdefault(snapshot.second, Second({}, Counter(), Counter(), 0))
        by_series: dict[int, list[Histogram]] = defaultdict(list)
        for key, histogram in snapshot.trends.items():
            if key.metric == "http_req_duration":
                by_series[key.series].append(histogram)
        for series, parts in by_series.items():
            second.durations[series] = Histogram.merge(
                [*parts, *filter(None, [second.durations.get(series)])]
            )
        for key, count in snapshot.counts.items():
            if key.metric == "http_reqs":
                second.requests[key.series] += count
                if key.outcome != "ok":
                    second.failed[key.series] += count
            elif key.metric == "iterations":
                second.iterations += count
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
        newest = max(self.seconds, default=0)
        return [
            self.seconds[at]
            for at in range(max(newest - seconds, 0), newest)  # below 0: outside of the load
            if at in self.seconds
        ]
