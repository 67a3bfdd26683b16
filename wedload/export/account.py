"""The account of a run for others: its counts and distributions so far, by the labels of each.

Takes in snapshots, which is little more than appending; cells that differ in nothing that is
exported – the faults of their phase – are one series. What is merged is merged when a picture is
taken, and only what has changed since the last one. Samples of set-up, tear-down and clean-up are
no part of it, so that the sum of a metric's series is what the result says. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from wedload.export.labels import labels, series_labels
from wedload.export.model import Family, Point
from wedload.export.names import BY_METRIC, EXPORTED, PREFIX
from wedload.metrics.histogram import EMPTY, Histogram
from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wedload.export.model import Labels
    from wedload.export.names import Exported
    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.levels import LevelKey
    from wedload.metrics.snapshot import CellKey, Health, Snapshot

#: series of a run; of a plan with hundreds of steps and stages there could be more
MOST_SERIES: Final = 20_000
_MOST_PARTS: Final = 16  # of a series that wait to be merged
_MS_PER_S: Final = 1000
T = TypeVar("T")


@dataclass(slots=True)
class _Trend:
    labels: Labels
    parts: list[Histogram] = field(default_factory=list)  # since it was merged
    point: Point | None = None  # as it was then

    def add(self, histogram: Histogram) -> None:
        self.parts.append(histogram)
        if len(self.parts) >= _MOST_PARTS:
            self.merged()

    def merged(self) -> Point:
        if self.parts or self.point is None:
            known = EMPTY if self.point is None else self.point.value
            assert isinstance(known, Histogram)
            self.point = Point(self.labels, Histogram.merge([known, *self.parts]))
            self.parts.clear()
        return self.point


@dataclass(slots=True)
class _Count:
    labels: Labels
    count: int = 0


class Account:
    """Of one run. Implements `wedload.metrics.snapshot.Sink`."""

    def __init__(
        self, catalogue: Catalogue, common: Mapping[str, str], most_series: int = MOST_SERIES
    ) -> None:
        """`common`: labels of every series."""
        self._catalogue = catalogue
        self.common = common
        self._most = most_series
        self._trends: dict[tuple[str, Labels], _Trend] = {}
        self._counts: dict[tuple[str, Labels], _Count] = {}
        #: cell -> the series that it is a part of; None: it is of none
        self._trend_of: dict[CellKey, _Trend | None] = {}
        self._count_of: dict[CellKey, _Count | None] = {}
        self._vus: dict[tuple[int, str], int] = {}
        self._health: dict[int, Health] = {}
        self._lags: dict[int, _Trend] = {}
        self._levels: dict[LevelKey, float] = {}
        self.left_out = 0  # cells that are of no series, as there are too many

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot. O(cells)."""
        for key, histogram in snapshot.trends.items():
            if key not in self._trend_of:
                self._trend_of[key] = self._series(key, self._trends, _Trend)
            if (trend := self._trend_of[key]) is not None:
                trend.add(histogram)
        for key, count in snapshot.counts.items():
            if key not in self._count_of:
                self._count_of[key] = self._series(key, self._counts, _Count)
            if (counter := self._count_of[key]) is not None:
                counter.count += count
        for scenario, active in snapshot.vus.items():
            self._vus[snapshot.worker, scenario] = active
        if snapshot.health is not None:
            self._take_health(snapshot.worker, snapshot.health)
        if snapshot.levels:  # all that could be sampled: what could not has no level
            self._levels = {own: level.value for own, level in snapshot.levels.items()}

    def families(self) -> Iterator[Family]:
        """All of it as it stands, in the order of the list; those without a series are left out."""
        points: dict[str, list[Point]] = {}
        for (name, _), trend in self._trends.items():
            points.setdefault(name, []).append(trend.merged())
        for (name, own), counter in self._counts.items():
            points.setdefault(name, []).append(Point(own, counter.count))
        for name, point in self._gauges():
            points.setdefault(name, []).append(point)
        for one in EXPORTED.values():
            if one.name in points:
                yield family(one, points[one.name])

    def _series(
        self, key: CellKey, known: dict[tuple[str, Labels], T], new: Callable[[Labels], T]
    ) -> T | None:
        """The series that a cell is a part of; None: it is not exported, or there is no room."""
        exported, series = BY_METRIC.get(key.metric), self._catalogue.series[key.series]
        if exported is None or not series.judged:
            return None
        phase = self._catalogue.phases[key.phase]
        own = series_labels(self.common, series, phase, key.outcome)
        place = exported.name, own
        if place not in known:
            if len(self._trends) + len(self._counts) >= self._most:
                self.left_out += 1
                return None
            known[place] = new(own)
        return known[place]

    def _take_health(self, worker: int, health: Health) -> None:
        self._health[worker] = health
        if worker not in self._lags:
            self._lags[worker] = _Trend(self._of(worker=str(worker)))
        self._lags[worker].add(health.loop_lag)

    def _gauges(self) -> Iterator[tuple[str, Point]]:
        vus: dict[str, int] = {}
        for (_, scenario), active in self._vus.items():
            vus[scenario] = vus.get(scenario, 0) + active
        for scenario, active in vus.items():
            yield f"{PREFIX}vus", Point(self._of(scenario=scenario), active)
        for worker, health in self._health.items():
            own = self._lags[worker].labels
            yield f"{PREFIX}generator_cpu_ratio", Point(own, health.cpu_ratio)
            yield f"{PREFIX}generator_memory_bytes", Point(own, health.memory_bytes)
            yield f"{PREFIX}generator_loop_lag_seconds", self._lags[worker].merged()
        for key, value in self._levels.items():
            exported = BY_METRIC[key.metric]
            # levels of durations are kept in ms, as they are told
            known = value / _MS_PER_S if METRICS[key.metric].in_time else value
            yield exported.name, Point(self._of(resource=key.resource), known)

    def _of(self, **own: str) -> Labels:
        return labels({**self.common, **own})


def family(exported: Exported, points: list[Point]) -> Family:
    """The family of an exported metric."""
    return Family(exported.name, exported.kind, exported.unit, exported.meaning, tuple(points))
