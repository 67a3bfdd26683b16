"""What a row is about, picked from the seconds of a run's result, for `wedload.statistics`. Pure.

A second belongs to the stage that is in force in its middle; what drains after the schedule belongs
to the last one. Blocks of seconds never cross a border between stages of the scenarios concerned,
nor one between the parts of a ramp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import COARSE_HALF_BITS, bucket_edges, coarse_index
from wedload.statistics.seconds import CountBySecond, ShareBySecond, TrendBySecond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from wedload.results.model import Benchmark, Result, Stage
    from wedload.results.series_model import SecondsOf

#: seconds of a ramp that are taken as of one load
_RAMP_PART_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class SeriesPick:
    """Which part of a run a row is about."""

    series: tuple[int, ...]  # places in series.trends, .rates or .counters
    stage: str | None = None  # its seconds only
    after_s: float = 0.0  # from this second of load on

    @staticmethod
    def of(row: Benchmark) -> SeriesPick:
        """What a benchmark row is about."""
        return SeriesPick(tuple(row.series), row.where.get("stage"), row.after_s or 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Sparse:
    """A trend by second: the cells that hold anything."""

    rows: NDArray[np.int64]  # (cells,) places in series.second
    buckets: NDArray[np.int64]  # (cells,) of 2 significant digits
    counts: NDArray[np.int64]  # (cells,)


class RunSeconds:
    """The seconds of one run; histograms are decoded once, when a row first asks for them."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._middles = np.array(result.series.second, np.float64) + 0.5
        self._trends: dict[int, _Sparse] = {}

    def trend(self, place: SeriesPick) -> _Picked:
        """The trend's cells that the place picks, of all its series."""
        keep, stages, masks = self._seconds(place, self._result.series.trends)
        parts = []
        for number, mask in zip(place.series, masks, strict=True):
            cells = self._decoded(number)
            inside = mask[cells.rows]
            parts.append(_Sparse(cells.rows[inside], cells.buckets[inside], cells.counts[inside]))
        new_rows = np.cumsum(keep) - 1
        return _Picked(
            new_rows[_joined(part.rows for part in parts)],
            _joined(part.buckets for part in parts),
            _joined(part.counts for part in parts),
            stages,
        )

    def share(self, place: SeriesPick, *, of_no: bool) -> ShareBySecond:
        """A rate's seconds; `of_no`: how many were not a yes."""
        rates = self._result.series.rates
        keep, stages, masks = self._seconds(place, rates)
        yes = np.zeros(len(keep), np.int64)
        total = np.zeros(len(keep), np.int64)
        for number, mask in zip(place.series, masks, strict=True):
            yes += np.where(mask, np.array(rates[number].yes, np.int64), 0)
            total += np.where(mask, np.array(rates[number].total, np.int64), 0)
        return ShareBySecond((total - yes if of_no else yes)[keep], total[keep], stages)

    def count(self, place: SeriesPick, *, drained: bool = True) -> CountBySecond:
        """A counter's seconds.

        `drained`: also those without load of its scenarios, as after the schedule. For a count per
        second they are none: one request that hangs at the end would lower the whole run's.
        """
        counters = self._result.series.counters
        keep, stages, masks = self._seconds(place, counters, drained=drained)
        counts = np.zeros(len(keep), np.int64)
        for number, mask in zip(place.series, masks, strict=True):
            counts += np.where(mask, np.array(counters[number].count, np.int64), 0)
        return CountBySecond(counts[keep], stages)

    def _decoded(self, number: int) -> _Sparse:
        if number not in self._trends:
            rows, buckets, counts = [], [], []
            for row, text in enumerate(self._result.series.trends[number].histograms):
                if text is not None:
                    histogram = codec.decode(text)
                    rows.append(np.full(len(histogram.indices), row, np.int64))
                    buckets.append(coarse_index(histogram.indices))
                    counts.append(histogram.counts)
            self._trends[number] = _Sparse(_joined(rows), _joined(buckets), _joined(counts))
        return self._trends[number]

    def _seconds(
        self, place: SeriesPick, series: Sequence[SecondsOf], *, drained: bool = True
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], list[NDArray[np.bool_]]]:
        """Which seconds are picked, the stretch of the schedule each is in, and for each series."""
        scenarios = [series[number].scenario for number in place.series]
        late = self._middles >= place.after_s
        masks = [late & self._in_stage(scenario, place.stage) for scenario in scenarios]
        keep = np.logical_or.reduce(masks) if masks else late
        if not drained:
            keep = keep & self._loaded(set(scenarios))
        borders = self._borders(set(scenarios))
        stages = np.searchsorted(borders, self._middles, side="right").astype(np.int64)
        return keep, stages[keep], masks

    def _loaded(self, scenarios: set[str]) -> NDArray[np.bool_]:
        """In which seconds one of the scenarios has load, by the schedule; all, if it has none."""
        own = [one for one in self._result.stages if one.scenario in scenarios]
        inside = [(self._middles >= one.begin_s) & (self._middles < one.end_s) for one in own]
        return np.logical_or.reduce(inside) if inside else np.ones(len(self._middles), np.bool_)

    def _in_stage(self, scenario: str, stage: str | None) -> NDArray[np.bool_]:
        if stage is None:
            return np.ones(len(self._middles), np.bool_)
        own = sorted(
            (one for one in self._result.stages if one.scenario == scenario),
            key=lambda one: one.begin_s,
        )
        inside = np.zeros(len(self._middles), np.bool_)
        for number, one in enumerate(own):
            if one.stage == stage:
                end_s = one.end_s if number + 1 < len(own) else np.inf
                inside |= (self._middles >= one.begin_s) & (self._middles < end_s)
        return inside

    def _borders(self, scenarios: set[str]) -> NDArray[np.float64]:
        own = [one for one in self._result.stages if one.scenario in scenarios]
        edges = {round(at, 3) for one in own for at in _edges_of(one)}
        return np.array(sorted(edges - {0.0, max(edges, default=0.0)}), np.float64)


def _edges_of(stage: Stage) -> Sequence[float]:
    """Where a stage begins and ends, and where a ramp has gone on so far that it is another load.

    A steady stage stays whole: what its seconds differ by is what runs differ by.
    """
    steady = (stage.start_vus, stage.start_rate) == (stage.target_vus, stage.target_rate)
    length_s = stage.end_s - stage.begin_s
    parts = 1 if steady else max(round(length_s / _RAMP_PART_S), 1)
    return [stage.begin_s + length_s * part / parts for part in range(parts + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class _Picked:
    """A trend's cells in the seconds that a row is about."""

    rows: NDArray[np.int64]  # (cells,)
    buckets: NDArray[np.int64]  # (cells,)
    counts: NDArray[np.int64]  # (cells,)
    stages: NDArray[np.int64]  # (seconds,)


def trends_by_second(picked: Sequence[_Picked]) -> list[TrendBySecond]:
    """Trends of several runs on one axis of buckets: those that any of them has something in."""
    buckets = np.unique(_joined(one.buckets for one in picked))
    lows, highs = bucket_edges(buckets, COARSE_HALF_BITS)
    trends = []
    for one in picked:
        counts = np.zeros((len(one.stages), len(buckets)), np.int64)
        np.add.at(counts, (one.rows, np.searchsorted(buckets, one.buckets)), one.counts)
        trends.append(TrendBySecond(counts, lows, highs, one.stages))
    return trends


def _joined(parts: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, np.int64), *parts])


def places_where(series: Sequence[SecondsOf], fits: Callable[[SecondsOf], bool]) -> tuple[int, ...]:
    """Places of the series that fit."""
    return tuple(number for number, one in enumerate(series) if fits(one))
