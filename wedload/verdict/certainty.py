"""Whether a row that is missed now will be missed in the end: what `abort` waits for. Pure.

Amounts only grow and extremes only spread: beyond their threshold they are missed for good. Rates
and percentiles can recover; of them a miss is proven when the one-sided Clopper-Pearson bound of
the share of bad samples is beyond what the row allows.

A row is looked at once a second, and somebody who looks often enough sees anything once. So the
doubt that is allowed, 5 % over a whole run, is spent on the looks: 5 % / (k (k + 1)) on the k-th,
which adds up to 5 % however many there are (a union bound).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from wedload.metrics.histogram import Histogram, bucket_edges
from wedload.metrics.summary import RateCount
from wedload.plan.metric_table import METRICS
from wedload.statistics.bounds import proves_above
from wedload.verdict.row import HOLDS

if TYPE_CHECKING:
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Row
    from wedload.verdict.row import Samples

_DOUBT: Final = 0.05
_GROWING: Final = frozenset({"count", "max"})

#: for good, whatever comes | proven, as far as samples that do not depend on each other can
Certainty = Literal["sure", "proven", "open"]


def certainty(row: Row, seen: Samples, look: int) -> Certainty:
    """How certain the miss of a row without a window is, at the `look`-th look (from 1)."""
    requirement = row.requirement
    if row.status != "missed" or row.observed is None:
        return "open"
    if requirement.aggregation in _GROWING:
        gone = row.observed > requirement.threshold or requirement.operator == "<"
        return "sure" if gone and requirement.operator not in {">", ">="} else "open"
    if requirement.aggregation == "min":
        gone = row.observed < requirement.threshold or requirement.operator == ">"
        return "sure" if gone and not requirement.upper else "open"
    doubt = _DOUBT / (look * (look + 1))
    if isinstance(seen, RateCount):
        return _of_rate(requirement, seen, doubt)
    if isinstance(seen, Histogram) and requirement.quantile is not None:
        return _of_quantile(requirement, requirement.quantile, seen, doubt)
    return "open"  # an average, or a rate per second: nothing is known of what may come


def _of_rate(requirement: Requirement, seen: RateCount, doubt: float) -> Certainty:
    """Failures against the share of them that may be, or successes against the share that must."""
    yes, no, allowed = seen.yes, seen.total - seen.yes, requirement.threshold
    sides = []
    if requirement.operator not in {">", ">="}:
        sides.append((yes, allowed))
    if not requirement.upper:
        sides.append((no, 1 - allowed))
    if any(bad and share <= 0 for bad, share in sides):
        return "sure"
    each = doubt / len(sides)
    proven = any(proves_above(bad, seen.total, share, each) for bad, share in sides)
    return "proven" if proven else "open"


def _of_quantile(requirement: Requirement, q: float, seen: Histogram, doubt: float) -> Certainty:
    """Samples beyond the threshold against the share of them that the quantile leaves."""
    if requirement.operator == "==":
        return "open"
    lowest, highest = bucket_edges(seen.indices)
    # each bucket's value as `Histogram.quantile_ns` has it
    values = np.clip((lowest + highest) / 2, seen.min_ns, seen.max_ns)
    values = values / METRICS[requirement.metric].recorded
    good = HOLDS[requirement.operator](values, requirement.threshold)
    bad = int(seen.counts[~good].sum())
    share = 1 - q if requirement.upper else q
    return "proven" if proves_above(bad, seen.count, share, doubt) else "open"
