"""Observing: what a benchmark row is about, and what comes of it. Pure.

`samples_of` picks the samples, by the selectors of `Summary`; `row_of` makes figures and a status
of them. Both know nothing of windows: whoever asks for one gives the samples of it.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wedload.metrics.histogram import Histogram
from wedload.metrics.level_figures import level_figure
from wedload.metrics.signed import Signed
from wedload.metrics.summary import RateCount
from wedload.plan.metric_table import METRICS
from wedload.statistics.bounds import (
    proves_above,
    rate_bound,
    samples_for_quantile,
    samples_to_prove,
)
from wedload.verdict.model import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import RowStatus

#: the samples of a row, by the kind of its metric
Samples = Histogram | Signed | RateCount | int | np.ndarray[Any, np.dtype[np.float64]]

#: operator -> whether it holds for an observed value, or for each of an array, and a threshold
HOLDS: Final[dict[str, Callable[[Any, float], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


#: value that is the mean of a trend -> that trend
MEANS: Final = {"retry_amplification": "operation_attempts"}


def samples_of(summary: Summary, requirement: Requirement) -> Samples:
    """The samples that a row is about."""
    metric, where = requirement.metric, requirement.where
    match requirement.kind:
        case "trend" if METRICS[metric].of == "difference":
            return summary.differences(metric, where)
        case "trend":
            return summary.trend(metric, where)
        case "rate":
            return summary.rate(metric, where)
        case "value":
            return summary.trend(MEANS[metric], where)
        case _:
            return summary.count(metric, where)


def row_of(
    name: str, requirement: Requirement, seen: Samples, *, span_s: float, bounded: bool = True
) -> Row:
    """A row's figures and status, without its reason; `span_s` is for rates per second.

    `bounded`: with the bound of a rate, which takes up to some ms, for the final word.
    """
    observed, samples, needed = _observe(requirement, seen, span_s)
    status: RowStatus
    if observed is None:
        status = "no-data"
    elif samples < needed and not _is_refuted(requirement, seen):
        status = "insufficient"
    else:
        met = HOLDS[requirement.operator](observed, requirement.threshold)
        status = "met" if met else "missed"
    margin = None if observed is None else margin_of(requirement, observed)
    bound = None
    if bounded and isinstance(seen, RateCount) and seen.total and requirement.unit == "ratio":
        bound = rate_bound(seen.yes, seen.total, upper=requirement.upper)
    return Row(name, requirement, status, observed, samples, needed, margin, bound)


def needed_for(requirement: Requirement) -> int:
    """The fewest samples for which a row means anything.

    Of a reliability those that prove it, if not one of them is lost.
    """
    if requirement.claims:
        return samples_to_prove(requirement.threshold)
    if requirement.aggregation == "count" or requirement.kind == "counter":
        return 0
    q = requirement.quantile
    return 1 if q is None else samples_for_quantile(q)


def _is_refuted(requirement: Requirement, seen: Samples) -> bool:
    """Whether a reliability is missed for certain, with fewer samples than could prove it."""
    if not requirement.claims or not isinstance(seen, RateCount):
        return False
    return proves_above(seen.total - seen.yes, seen.total, 1 - requirement.threshold)


def badness(requirement: Requirement, observed: float) -> float:
    """Orders what a row can observe: the higher, the further on its bad side."""
    if requirement.operator == "==":
        return abs(observed - requirement.threshold)
    return observed if requirement.upper else -observed


def _observe(
    requirement: Requirement, seen: Samples, span_s: float
) -> tuple[float | None, int, int]:
    """Observed value, samples, and samples needed."""
    aggregation, needed = requirement.aggregation, needed_for(requirement)
    match seen:
        case Histogram() | Signed():
            if aggregation == "count":
                return float(seen.count), seen.count, needed
            if seen.count == 0:
                return None, 0, 1
            q = requirement.quantile
            if q is not None:
                value = seen.quantile_ns(q)
            else:
                mean = seen.mean_ns
                value = {"min": seen.min_ns, "max": seen.max_ns, "avg": mean, "value": mean}[
                    aggregation
                ]
            return value / METRICS[requirement.metric].recorded, seen.count, needed
        case RateCount():
            if seen.total == 0:
                return None, 0, 1
            return float(seen.yes) if aggregation == "count" else seen.ratio, seen.total, needed
        case np.ndarray():  # of a gauge, in order of time
            return (level_figure(seen, aggregation) if seen.size else None), seen.size, needed
        case _:
            if aggregation == "count":
                return float(seen), seen, needed
            # that nothing was counted is a figure too: no iteration was interrupted
            return seen / span_s if span_s > 0 else None, seen, needed


def margin_of(requirement: Requirement, observed: float) -> float | None:
    """How far on the good side of the threshold, as a share of it."""
    threshold = requirement.threshold
    if requirement.operator == "==" or threshold == 0:
        return None
    distance = (threshold - observed) / abs(threshold)
    return distance if requirement.upper else -distance
