"""The routes of a run, as its result has them: pairs, overhead, and how sure it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.dependencies.envoy import COUNTERS
from wedload.metrics.catalogue import PHASE_DIMENSIONS
from wedload.metrics.histogram import COARSE_HALF_BITS, Histogram, bucket_edges, coarse_index
from wedload.metrics.signed import ABOVE, BELOW, Signed
from wedload.plan.routes import DIRECT, VIA
from wedload.results.figures import known_quantile_ns, ms, trend_figures
from wedload.results.figures_model import TrendFigures
from wedload.results.routes_model import EnvoyCluster, EnvoyReport, Overhead, Pairs, Route
from wedload.statistics.differences import mean_of_differences, quantile_of_differences
from wedload.statistics.seconds import TrendBySecond

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wedload.dependencies.envoy import Envoy
    from wedload.metrics.catalogue import Series
    from wedload.plan.benchmark import Requirement
    from wedload.results.run import Run
    from wedload.statistics.differences import Interval

_OVERHEAD: Final = "route_overhead"
_PAIRS: Final = "route_pairs"
_SEED: Final = 1  # of the resampling: the same result has the same intervals
#: aggregation of a row -> where its interval is
_INTERVALS: Final = {"avg": "avg_95", "med": "med_95", "p50": "med_95", "p95": "p95_95"}
_MOST_SLOTS: Final = 4 * 900  # a quarter of an hour
_MEDIAN: Final = 0.5
_HIGH: Final = 0.95


def routes_of(run: Run) -> list[Route]:
    """Each route of the plan, in its order."""
    return [
        Route(
            name=name,
            direct=one["direct"],
            via=one["via"],
            pairs=_pairs(run, name, None),
            steps=[_pairs(run, name, step) for step in _steps(run, name)],
            envoy=_envoy(run.envoys.get(name)),
        )
        for name, one in run.info.routes.items()
    ]


def _steps(run: Run, name: str) -> list[Series]:
    """The series of what the ways of a route differ by, one a step."""
    return [one for one in run.summary.catalogue.series if one.route == name and one.step]


def _pairs(run: Run, name: str, step: Series | None) -> Pairs:
    """The pairs of one step, or of all that take the route."""
    own = _steps(run, name) if step is None else [step]
    numbers = [run.summary.catalogue.add_series(one) for one in own]
    outcomes = {
        outcome: sum(
            count for key, count in run.summary.counted(_PAIRS)
            if key.series in numbers and key.outcome == outcome
        )
        for outcome in ("cold", "failed")
    }  # fmt: skip
    return Pairs(
        scenario=None if step is None else step.scenario,
        workflow=None if step is None else step.workflow,
        step=None if step is None else step.step,
        **outcomes,
        direct=_way(run, own, DIRECT),
        via=_way(run, own, VIA),
        overhead=_overhead(run, numbers),
    )


def _way(run: Run, steps: list[Series], way: str) -> TrendFigures | None:
    """How long requests took one way."""
    numbers = {
        number
        for number, one in enumerate(run.summary.catalogue.series)
        if one.route == way and any(_alike(one, step) for step in steps)
    }
    parts = [part for key, part in run.summary.cells("http_req_duration") if key.series in numbers]
    merged = Histogram.merge(parts)
    return TrendFigures.model_validate(trend_figures(merged)) if merged.count else None


def _alike(one: Series, step: Series) -> bool:
    """Whether a series is of the same step, apart from its way."""
    same = (one.scenario, one.workflow, one.step, one.used, one.group)
    return one.check is None and same == (
        step.scenario, step.workflow, step.step, step.used, step.group,
    )  # fmt: skip


def overhead_interval(run: Run, requirement: Requirement) -> Interval | None:
    """The 95 % interval of a row about overhead, ms; None: it has none, or is about something else.

    That is so, too, where it selects by what seconds do not tell.
    """
    place = _INTERVALS.get(requirement.aggregation)
    selected = (dimension for dimension, _ in requirement.where)
    if (
        requirement.metric != _OVERHEAD
        or place is None
        or not PHASE_DIMENSIONS.isdisjoint(selected)
    ):
        return None
    numbers = run.summary.series_numbers(requirement.where)
    found: Interval | None = getattr(_overhead(run, sorted(numbers)), place)
    return found


# --- overhead -----------------------------------------------------------------------------------


def _overhead(run: Run, numbers: list[int]) -> Overhead:
    below, above = (
        [part for key, part in run.summary.cells(_OVERHEAD + sign) if key.series in numbers]
        for sign in (BELOW, ABOVE)
    )
    seen = Signed(Histogram.merge(below), Histogram.merge(above))
    if not seen.count:
        return Overhead(count=0)
    median, high = (known_quantile_ns(seen, q) for q in (_MEDIAN, _HIGH))
    slots = run.pairs.of(numbers).at_most(_MOST_SLOTS)
    sure = mean_of_differences(slots.sums_ns, slots.counts, _stages(run, slots.seconds), _SEED)
    by_second = _by_second(run, numbers)
    return Overhead(
        count=seen.count,
        min=ms(seen.min_ns),
        avg=ms(seen.mean_ns),
        med=None if median is None else ms(median),
        p95=None if high is None else ms(high),
        max=ms(seen.max_ns),
        avg_95=_in_ms(sure),
        med_95=_of_quantile(by_second, _MEDIAN, median),
        p95_95=_of_quantile(by_second, _HIGH, high),
    )


def _of_quantile(trend: TrendBySecond, q: float, value_ns: float | None) -> Interval | None:
    if value_ns is None:
        return None
    return _in_ms(quantile_of_differences(trend, q, _SEED, value=value_ns))


def _in_ms(interval: Interval | None) -> Interval | None:
    return None if interval is None else (ms(interval[0]), ms(interval[1]))


def _stages(run: Run, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The stretch of the schedule that each second is in: differences of loads are no noise."""
    edges = sorted({at for one in run.stages for at in (one.begin_s, one.end_s)} - {0.0})
    within = np.array(edges[:-1], np.float64)  # what drains belongs to the last
    return np.searchsorted(within, seconds + 0.5, side="right").astype(np.int64)


def _by_second(run: Run, numbers: list[int]) -> TrendBySecond:
    """Histograms of differences by second, on one axis from far below 0 to far above."""
    cells = list(_cells(run, numbers))
    wide = sorted({bucket for _, bucket, _ in cells})
    places = {bucket: place for place, bucket in enumerate(wide)}
    counts = np.zeros((run.timeline.newest + 1, len(wide)), np.int64)
    for second, bucket, count in cells:
        counts[second, places[bucket]] += count
    lows, highs = bucket_edges(np.array([abs(one) - 1 for one in wide], np.int64), COARSE_HALF_BITS)
    negative = np.array([one < 0 for one in wide], np.bool_)
    trend = TrendBySecond(
        counts,
        np.where(negative, -highs, lows),
        np.where(negative, -lows, highs),
        _stages(run, np.arange(run.timeline.newest + 1)),
    )
    return trend.sampled()


def _cells(run: Run, numbers: list[int]) -> Iterator[tuple[int, int, int]]:
    """Second, bucket and count; a bucket counts from 1, and is negative below 0."""
    for sign, factor in ((BELOW, -1), (ABOVE, 1)):
        for number in numbers:
            column = run.timeline.trends.get((_OVERHEAD + sign, number))
            for second in range(run.timeline.newest + 1) if column is not None else ():
                assert column is not None
                for part in column.parts(second, second + 1):
                    wide = (coarse_index(part.indices) + 1) * factor
                    for bucket, count in zip(wide.tolist(), part.counts.tolist(), strict=True):
                        yield second, bucket, count


# --- Envoy --------------------------------------------------------------------------------------


def _envoy(found: Envoy | None) -> EnvoyReport | None:
    if found is None:
        return None
    return EnvoyReport(
        admin=found.admin,
        problem=found.problem,
        clusters=[
            EnvoyCluster.model_validate(
                {
                    "cluster": cluster,
                    **{one.removeprefix("upstream_"): counts[one] for one in COUNTERS},
                }
            )
            for cluster, counts in sorted(found.clusters.items())
        ],
    )
