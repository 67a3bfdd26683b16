"""The one list of exported metrics: what a run's figures are called elsewhere, with their units.

Made of the metrics that plans and results know, so that neither can go without the other. Rates of
yes and no are not exported: they are made of the counter whose outcomes they count. Nor are
differences, which may be below 0, and figures that are made of others. docs/metrics.md shows this
list, and rules and dashboards name nothing else.

Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan import dependency_metrics, resource_metrics
from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.export.model import FamilyKind, FamilyUnit
    from wedload.plan.metric import Metric

PREFIX: Final = "wedload_"
#: every series has these, and those of `[monitoring] labels`
COMMON_LABELS: Final = ("plan", "target", "run")


@dataclass(frozen=True, slots=True)
class Exported:
    """One exported metric."""

    name: str  # as Prometheus has it
    kind: FamilyKind
    unit: FamilyUnit
    meaning: str
    metric: str | None = None  # the metric that it is of; None: it is of the run itself
    #: labels that its series may have beside those of all; of steps also the tags of the plan
    labels: tuple[str, ...] = ()


_STEP: Final = ("scenario", "workflow", "step", "group", "channel", "route", "stage", "outcome")
_WORKFLOW: Final = ("scenario", "workflow", "stage", "outcome")
_THIRD_PARTY: Final = ("dependency", "outcome")
#: metrics that belong to no verb, and to no step
_OTHER_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "iterations": _WORKFLOW,
    "interrupted_iterations": _WORKFLOW,
    "dropped_iterations": _WORKFLOW,
    "iteration_duration": _WORKFLOW,
    "iteration_lateness": _WORKFLOW,
    "workflow_duration": _WORKFLOW,
    "max_rate_delay": _WORKFLOW,
    "group_duration": ("scenario", "workflow", "group", "stage", "outcome"),
    "checks": (*_STEP, "check"),
    "vus": ("scenario",),
    "generator_cpu": ("worker",),
    "generator_loop_lag": ("worker",),
    "generator_memory": ("worker",),
    **{one.name: _THIRD_PARTY for one in dependency_metrics.DEPENDENCY},
    **{one.name: ("resource",) for one in resource_metrics.RESOURCES},
}
#: of what a gauge or a distribution is -> its unit, and what its name ends in
_UNITS: Final[dict[str, tuple[FamilyUnit, str]]] = {
    "duration": ("seconds", "_seconds"),
    "bytes": ("bytes", "_bytes"),
    "ratio": ("ratio", "_ratio"),
    "bytes_per_s": ("", "_bytes_per_second"),
    "per_s": ("", "_per_second"),
}
#: counters that only rates are made of; what their outcomes are
_OF_RATES: Final = {
    "checks": "checks evaluated, by outcome: pass or fail",
    "fallbacks": "answers that could have been a fallback, by outcome",
    "retry_policies": "operations whose retries were held to the policy, by outcome",
    "retry_afters": "times that a third party said when to come back, by outcome",
}


def _of_metric(metric: Metric) -> Exported | None:
    labels = _OTHER_LABELS.get(metric.name, _STEP)
    match metric.kind:
        case "counter":
            return _counter(metric.name, metric.meaning, labels, in_bytes=metric.in_bytes)
        case "trend" | "gauge" if metric.of != "difference":
            unit, ending = _UNITS.get(metric.of, ("", ""))
            kind: FamilyKind = "histogram" if _is_trend(metric) else "gauge"
            name = f"{PREFIX}{metric.name}{ending}"
            return Exported(name, kind, unit, metric.meaning, metric.name, labels)
        case _:
            return None


def _is_trend(metric: Metric) -> bool:
    return metric.kind == "trend"


def _counter(
    name: str, meaning: str, labels: tuple[str, ...], *, in_bytes: bool = False
) -> Exported:
    unit: FamilyUnit = "bytes" if in_bytes else ""
    full = f"{PREFIX}{name}_bytes_total" if in_bytes else f"{PREFIX}{name}_total"
    return Exported(full, "counter", unit, meaning, name, labels)


def _of_rates() -> Iterator[Exported]:
    """Counters that are no metrics of their own."""
    for one in METRICS.values():
        if one.counted and (one.counted not in METRICS or METRICS[one.counted].kind != "counter"):
            labels = _OTHER_LABELS.get(one.counted, _OTHER_LABELS.get(one.name, _STEP))
            yield _counter(one.counted, _OF_RATES[one.counted], labels)


#: of the run itself
RUN: Final = (
    Exported(
        f"{PREFIX}run_info", "gauge", "", "1; its labels say of which run", labels=("version",)
    ),
    Exported(f"{PREFIX}run_elapsed_seconds", "gauge", "seconds", "how long the load lasts"),
    Exported(
        f"{PREFIX}stage_active", "gauge", "",
        "1 while a stage of a scenario is in force by the schedule, else 0",
        labels=("scenario", "stage"),
    ),
    Exported(
        f"{PREFIX}fault_active", "gauge", "", "1 while a fault of the plan is in force, else 0",
        labels=("fault",),
    ),
    Exported(
        f"{PREFIX}benchmark_observed", "gauge", "",
        "what a benchmark row sees so far, in the base unit that its label says",
        labels=("benchmark", "metric", "unit"),
    ),
    Exported(
        f"{PREFIX}benchmark_threshold", "gauge", "", "what the row requires, likewise",
        labels=("benchmark", "metric", "unit"),
    ),
    Exported(
        f"{PREFIX}benchmark_samples", "gauge", "", "of how many samples that is",
        labels=("benchmark", "metric"),
    ),
    Exported(
        f"{PREFIX}benchmark_met", "gauge", "",
        "1: met so far, 0: missed; none while there are too few samples to say",
        labels=("benchmark", "metric"),
    ),
)  # fmt: skip
#: of the verdict, when it is known; for a Pushgateway
VERDICT: Final = (
    Exported(
        f"{PREFIX}verdict", "gauge", "",
        "1 for the outcome that its label says, else 0: pass, fail, invalid", labels=("outcome",),
    ),
    Exported(f"{PREFIX}run_end_timestamp_seconds", "gauge", "seconds", "when the run was over"),
)  # fmt: skip
#: by name
EXPORTED: Final[dict[str, Exported]] = {
    one.name: one
    for one in (*filter(None, map(_of_metric, METRICS.values())), *_of_rates(), *RUN, *VERDICT)
}
#: the same by the metric that they are of: the name under which its cells are recorded
BY_METRIC: Final = {one.metric: one for one in EXPORTED.values() if one.metric is not None}
