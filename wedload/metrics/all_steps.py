"""The samples of all steps together, whatever their verbs. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wedload.metrics.histogram import Histogram
from wedload.metrics.summary import RateCount
from wedload.plan.metric_table import STEP_METRICS

if TYPE_CHECKING:
    from wedload.metrics.summary import Summary, Where
    from wedload.metrics.timeline import Timeline


def all_outcomes(summary: Summary, where: Where = ()) -> Counter[str]:
    """The samples that the selectors pick, by outcome."""
    found: Counter[str] = Counter()
    for one in set(STEP_METRICS.values()):
        found.update(summary.outcomes(one.count, where))
    return found


def all_failed(summary: Summary, where: Where = ()) -> RateCount:
    """How many samples failed, of all that the selectors pick."""
    rates = [summary.rate(one.failed, where) for one in set(STEP_METRICS.values())]
    return RateCount(sum(one.yes for one in rates), sum(one.total for one in rates))


def all_durations(summary: Summary) -> Histogram:
    """How long samples took."""
    return Histogram.merge(summary.trend(one.duration) for one in set(STEP_METRICS.values()))


def all_counted(timeline: Timeline, begin: int, end: int) -> int:
    """How many samples there were in some seconds, `end` not among them."""
    return sum(timeline.count(one.count, begin, end) for one in set(STEP_METRICS.values()))
