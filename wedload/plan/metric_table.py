"""The metrics of this version: the names that plans, results and dashboards share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan import channel_metrics, dependency_metrics, metric, resource_metrics
from wedload.plan.verbs import SAMPLED

if TYPE_CHECKING:
    from wedload.plan.metric import Metric, MetricKind, StepMetrics

#: those of steps first, verb by verb, as tables have them
METRICS: Final[dict[str, Metric]] = {
    one.name: one
    for one in (
        *(own for step in SAMPLED for own in step.metrics),
        *channel_metrics.WEBHOOK,
        *channel_metrics.REALTIME,
        *dependency_metrics.DEPENDENCY,
        *dependency_metrics.FAULTS,
        *resource_metrics.RESOURCES,
        *metric.COMMON,
    )
}
#: verb -> what its samples are counted, judged and timed by
STEP_METRICS: Final[dict[str, StepMetrics]] = {step.verb: step.measured for step in SAMPLED}
#: metrics of the contract that this version does not measure yet
METRICS_TO_COME: Final = metric.TO_COME.difference(METRICS)


def kept_by_second(kind: MetricKind) -> frozenset[str]:
    """Metrics of a kind that every result has by second, and trends also as histograms."""
    steps = {one for each in STEP_METRICS.values() for one in (each.count, each.duration)}
    return frozenset(
        one.name
        for one in METRICS.values()
        if one.kind == kind and (one.by_second or one.name in steps)
    )
