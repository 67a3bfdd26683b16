"""A probe that is over, judged: its rows, and whether anything else than the target was the limit.

Pure. A limited probe that held did hold: what the generator adds makes figures worse, not better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.capacity.probe import BadShare, RowSeen, Seen
from wedload.metrics.histogram import Histogram
from wedload.metrics.summary import RateCount
from wedload.plan.metric_table import METRICS
from wedload.units import NS_PER_MS, format_ratio
from wedload.verdict.row import row_of, samples_of
from wedload.verdict.validity import generator_findings, generator_health
from wedload.workload.compile_plan import probe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.collected import Collected
    from wedload.verdict.row import Samples

#: share of the iterations that may be late, or find nobody free
_MUCH: Final = 0.02
_LATE_NS: Final = 100 * NS_PER_MS  # as executors have it
#: times the tolerated share from which on a miss is beyond doubt
_BEYOND: Final = 4.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """When a probe was judged; s of the load."""

    number: int
    rate: float
    begin_s: float
    end_s: float
    cut: bool = False

    @property
    def name(self) -> str:
        """The stage that its samples have."""
        return probe_name(self.number)


def rows_in(benchmarks: Mapping[str, Requirement], number: int) -> dict[str, Requirement]:
    """The rows, about one probe."""
    place = ("stage", probe_name(number))
    return {name: replace(row, where=(*row.where, place)) for name, row in benchmarks.items()}


def judged(collected: Collected, benchmarks: Mapping[str, Requirement], stretch: Stretch) -> Seen:
    """What came of a probe; `benchmarks` are the rows as the plan has them."""
    summary = collected.summary
    span_s = stretch.end_s - stretch.begin_s
    rows = {}
    for name, requirement in rows_in(benchmarks, stretch.number).items():
        samples = samples_of(summary, requirement)
        row = row_of(name, requirement, samples, span_s=span_s, bounded=False)
        rows[name] = RowSeen(
            row.status, row.observed, row.samples, row.margin, bad_of(requirement, samples)
        )
    seen = Seen(stretch.rate, rows, cut=stretch.cut)
    return replace(seen, limit=limit_of(collected, benchmarks, stretch, seen))


def bad_of(requirement: Requirement, seen: Samples) -> BadShare | None:
    """The samples on a row's bad side; None: it is about no share that could grow."""
    match seen:
        case Histogram() if (q := requirement.quantile) is not None:
            limit_ns = round(requirement.threshold * METRICS[requirement.metric].recorded)
            above = seen.above(limit_ns)
            if requirement.upper:
                return BadShare(1 - q, above, seen.count)
            return BadShare(q, seen.count - above, seen.count)
        case RateCount() if requirement.aggregation == "rate" and requirement.operator != "==":
            bad = seen.yes if requirement.upper else seen.total - seen.yes
            share = requirement.threshold if requirement.upper else 1 - requirement.threshold
            return BadShare(share, bad, seen.total) if 0 < share < 1 else None
        case _:
            return None


def beyond_doubt(
    summary: Summary, benchmarks: Mapping[str, Requirement], number: int, done: float
) -> bool:
    """Whether a probe is certain to break a row by far; `done` is the share of it that is over.

    As many bad samples as would be several times too many if the rest of them were all good.
    """
    for requirement in rows_in(benchmarks, number).values():
        bad = bad_of(requirement, samples_of(summary, requirement))
        if bad is None or not bad.total or not done:
            continue
        allowed = min(_BEYOND * bad.tolerance, (1 + bad.tolerance) / 2)
        if bad.bad > allowed * bad.total / done and bad.bad > 1 / bad.tolerance:
            return True
    return False


def limit_of(
    collected: Collected, benchmarks: Mapping[str, Requirement], stretch: Stretch, seen: Seen
) -> str | None:
    """What else than the target was the limit, in words; None: nothing was."""
    broken = bool(seen.broken)
    summary = collected.summary
    where = (("stage", stretch.name),)
    begun = summary.count("iterations", where) + summary.count("interrupted_iterations", where)
    dropped = summary.count("dropped_iterations", where)
    if collected.cap is not None:
        held = summary.trend("max_rate_delay", where)
        if held.count and held.quantile_ns(1 - _MUCH) > _LATE_NS:
            return "the target's max_rate"
    if dropped > _MUCH * (begun + dropped) and not broken:
        share = format_ratio(dropped / (begun + dropped))
        return f"the number of virtual users (max_vus; {share} found none free)"
    late = summary.trend("iteration_lateness", where)
    if late.above(_LATE_NS) > _MUCH * max(late.count, 1):
        return "the generator, which was late"
    seconds = range(math.ceil(stretch.begin_s), math.floor(stretch.end_s))
    log = collected.timeline.health.during(seconds)
    health = generator_health(
        log, benchmarks, ears=collected.ears,
        parties=collected.parties, within_ms=collected.within_ms,
    )  # fmt: skip
    kinds = {one.kind for one in generator_findings(health)}
    if "generator-cpu" in kinds:
        return "the generator's CPU"
    lag_ms = max((row.lag_p99_ns for row in log.rows), default=0.0) / NS_PER_MS
    if broken and "generator-lag" in kinds and not _beyond_lag(benchmarks, seen, lag_ms):
        return "the generator, whose event loop was late"
    return None


def _beyond_lag(benchmarks: Mapping[str, Requirement], seen: Seen, lag_ms: float) -> bool:
    """Whether a row is missed by more than event loops that were so late can have added to it.

    A request waits for the loop when it is due, and once more when its answer is there.
    """
    missed = ((benchmarks[name], seen.rows[name].observed) for name in seen.broken)
    return any(
        row.unit == "ms" and observed is not None and observed - 2 * lag_ms > row.threshold
        for row, observed in missed
    )
