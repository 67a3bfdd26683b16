"""How sure the figures of a benchmark table are: an interval beside each row that can have one.

Requests that follow each other are alike, so the intervals come from blocks of seconds; a row that
is about too few of them has none. Pure. Source: docs/comparing-statistics.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.fault_times import FAULT_DIMENSIONS
from wedload.plan.measure import quantile_of
from wedload.plan.metric_table import METRICS
from wedload.results.seconds import RunSeconds, SeriesPick, trends_by_second
from wedload.statistics.intervals import (
    mean_interval,
    quantile_interval,
    rate_interval,
    share_interval,
)
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.results.model import Benchmark, Result
    from wedload.statistics.intervals import Interval

_SEED: Final = 1  # of the resampling: the same result has the same intervals
_DECIDED: Final = frozenset({"met", "missed"})


def benchmark_intervals(result: Result) -> list[Interval | None]:
    """The two-sided 95 % interval of each row, in its unit.

    None: too few samples or seconds; a row about its worst window, or about a minimum, a maximum or
    a count, which no interval of this kind fits.
    """
    seconds = RunSeconds(result)
    return [_interval(row, seconds) for row in result.benchmarks]


def _interval(row: Benchmark, seconds: RunSeconds) -> Interval | None:
    if row.status not in _DECIDED or row.window_s is not None or not row.series:
        return None
    if not FAULT_DIMENSIONS.isdisjoint(row.where):
        return None  # seconds do not say which of their samples began while a fault was there
    place = SeriesPick.of(row)
    metric = METRICS[row.metric]
    match metric.kind:
        case "trend" if metric.of == "duration":
            return _of_trend(row, seconds, place)
        case "rate" if row.aggregation == "rate":
            return share_interval(seconds.share(place, of_no=False), _SEED)
        case "counter" if row.aggregation == "rate":
            # whatever is selected has a rate of the schedule's seconds, the run one of all
            count = seconds.count(place, drained=not row.where)
            return rate_interval(count, _SEED, value=row.observed)
        case _:
            return None


def _of_trend(row: Benchmark, seconds: RunSeconds, place: SeriesPick) -> Interval | None:
    q = quantile_of(row.aggregation)
    if row.observed is None or (q is None and row.aggregation != "avg"):
        return None
    (trend,) = trends_by_second([seconds.trend(place)])
    trend = trend.sampled()
    value_ns = row.observed * NS_PER_MS  # of three digits; the seconds have two
    if q is None:
        found = mean_interval(trend, _SEED, value=value_ns)
    else:
        found = quantile_interval(trend, q, _SEED, value=value_ns)
    return None if found is None else (found[0] / NS_PER_MS, found[1] / NS_PER_MS)
