"""The run second by second: the source of sparklines, of series, and of comparisons.

In columns, as it grows with the run: 16 bytes a second for a count. A histogram of a second that is
over is kept to 2 significant digits as compressed bytes, some hundreds for a step, beside its p50
and p95. Samples from before and after the load are not part of it.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram
from wedload.metrics.packing import squeeze, unsqueeze
from wedload.metrics.signed import PARTS
from wedload.metrics.summary import RATES, YES_COUNTERS
from wedload.plan.metric_table import kept_by_second

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from wedload.metrics.snapshot import Snapshot

Key = tuple[str, int]  # metric, number of its series


@dataclass(slots=True)
class CountColumn:
    """A counter by second, and how much of it is a yes of the rate that is made of it."""

    total: array[int] = field(default_factory=lambda: array("q"))
    yes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, second: int, count: int, *, yes: bool) -> None:
        """Count in a second."""
        missing = second + 1 - len(self.total)
        if missing > 0:
            self.total.extend([0] * missing)
            self.yes.extend([0] * missing)
        self.total[second] += count
        if yes:
            self.yes[second] += count


@dataclass(slots=True)
class TrendColumn:
    """A trend by second: of seconds that are over, what is left of them."""

    p50_ns: array[float] = field(default_factory=lambda: array("d"))  # NaN: nothing
    p95_ns: array[float] = field(default_factory=lambda: array("d"))
    _kept: list[bytes] = field(default_factory=list)  # squeezed, coarse; empty: nothing
    _open: dict[int, list[Histogram]] = field(default_factory=dict)

    def add(self, second: int, histogram: Histogram) -> None:
        """Take in a histogram of a second."""
        self._open.setdefault(second, []).append(histogram)

    def close(self, second: int) -> None:
        """Nothing more is expected of a second. What comes all the same is added."""
        parts = self._open.pop(second, None)
        if parts is None:
            return
        missing = second + 1 - len(self._kept)
        if missing > 0:
            self._kept += [b""] * missing
            self.p50_ns.extend([math.nan] * missing)
            self.p95_ns.extend([math.nan] * missing)
        if kept := self._kept[second]:
            parts.append(unsqueeze(kept))
        merged = Histogram.merge(parts)
        self.p50_ns[second] = merged.quantile_ns(0.5)
        self.p95_ns[second] = merged.quantile_ns(0.95)
        self._kept[second] = squeeze(merged.coarse())

    def parts(self, begin: int, end: int) -> Iterator[Histogram]:
        """What seconds from `begin` to before `end` hold; those that are over to 2 digits."""
        for second in range(begin, end):
            if second < len(self._kept) and (kept := self._kept[second]):
                yield unsqueeze(kept)
            yield from self._open.get(second, ())


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

    def by_second(self, seconds: int) -> NDArray[np.int64]:
        """The same for each second from the first, (seconds,)."""
        places = np.searchsorted(np.frombuffer(self.seconds, np.int64), np.arange(seconds), "right")
        levels = np.concatenate([[0], np.frombuffer(self.levels, np.int64)])
        return np.asarray(levels[places], np.int64)


class Timeline:
    """Snapshots of all load processes by the second in which their samples ended."""

    def __init__(self, trends: Collection[str] = ()) -> None:
        """`trends`: metrics to keep by second besides those of every run."""
        self.counts: defaultdict[Key, CountColumn] = defaultdict(CountColumn)
        self.trends: defaultdict[Key, TrendColumn] = defaultdict(TrendColumn)
        self.health = HealthLog()
        self.newest = -1  # second of load that anything is known of
        self._metrics = kept_by_second("trend").union(trends, PARTS)
        #: counter -> whether an outcome is a yes of the rate that is made of it
        self._is_yes = dict(pair for name, pair in RATES.items() if name not in YES_COUNTERS)
        self._open: set[int] = set()  # seconds that more may come of
        self._vus: defaultdict[tuple[int, str], _Level] = defaultdict(_Level)

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot of a load process; those of one process come in order."""
        at = snapshot.second
        if snapshot.health is not None:
            self.health.add(snapshot.worker, at, snapshot.health)
        if at < 0:
            return
        for key, histogram in snapshot.trends.items():
            if key.metric in self._metrics:
                self.trends[key.metric, key.series].add(at, histogram)
        for key, count in snapshot.counts.items():
            is_yes = self._is_yes.get(key.metric)
            self.counts[key.metric, key.series].add(
                at, count, yes=is_yes is not None and is_yes(key.outcome)
            )
        for scenario, active in snapshot.vus.items():
            self._vus[snapshot.worker, scenario].put(at, active)
        self._open.add(at)
        if at > self.newest:
            self.newest = at
            # load processes are not quite in step, and one may be late with its last quarter
            self._close([one for one in self._open if one < at - 1])

    def close(self) -> None:
        """The load is over."""
        self._close(list(self._open))

    @property
    def is_closed(self) -> bool:
        """Whether no more is expected of any second."""
        return not self._open

    def _close(self, seconds: Iterable[int]) -> None:
        for second in seconds:
            for column in self.trends.values():
                column.close(second)
            self._open.remove(second)

    def count(
        self, metric: str, begin: int, end: int, series: Collection[int] | None = None
    ) -> int:
        """A counter over seconds from `begin` to before `end`; `series` None: all of them."""
        return sum(
            sum(column.total[begin:end])
            for (name, number), column in self.counts.items()
            if name == metric and (series is None or number in series)
        )

    def trend(self, metric: str, begin: int, end: int, series: Collection[int]) -> Histogram:
        """A trend over seconds from `begin` to before `end`; seconds that are over to 2 digits."""
        return Histogram.merge(
            part
            for number in series
            if (column := self.trends.get((metric, number))) is not None
            for part in column.parts(begin, end)
        )

    def vus_at(self, second: int) -> Counter[str]:
        """Virtual users active at the end of a second, by scenario, all load processes together."""
        found: Counter[str] = Counter()
        for (_, scenario), level in self._vus.items():
            found[scenario] += level.at(second)
        return found

    def vus_by_second(self, scenario: str, seconds: int) -> NDArray[np.int64] | None:
        """Virtual users of a scenario at the end of each second, (seconds,); None: never told."""
        levels = [one for (_, name), one in self._vus.items() if name == scenario and one.seconds]
        if not levels:
            return None
        every = [one.by_second(seconds) for one in levels]
        return np.asarray(np.sum(every, axis=0), np.int64)

    def active_vus(self) -> int:
        """Virtual users active now, over all scenarios and load processes."""
        return sum(level.levels[-1] for level in self._vus.values())
