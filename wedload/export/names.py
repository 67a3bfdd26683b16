"""The one list of exported metrics: what a run's figures are called elsewhere, with their units.

Made of the metrics that plans and results know, so that neither can go without the other. Rates of
yes and no are not exported: they are made of the counter whose outcomes they count. docs/metrics.md
shows this list, and rules and dashboards name nothing else.

Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from wedload.export.model import FamilyKind, FamilyUnit
    from wedload.plan.metric import Metric

PREFIX: Final = "wedload_"


@dataclass(frozen=True, slots=True)
class Exported:
    """One exported metric."""

    name: str  # as Prometheus has it
    kind: FamilyKind
    unit: FamilyUnit
    meaning: str
    metric: str | None = None  # the metric that it is of; None: it is of the run itself


def _of_metric(metric: Metric) -> Exported | None:
    unit: FamilyUnit = ""
    match metric.of:
        case "duration":
            unit = "seconds"
        case "bytes" | "ratio":
            unit = metric.of
        case "difference":
            return None  # below 0 as well: no histogram of others has that
        case _:
            pass
    name = PREFIX + metric.name
    match metric.kind:
        case "counter":
            unit = "bytes" if metric.in_bytes else ""
            name = f"{name}_bytes_total" if metric.in_bytes else f"{name}_total"
            return Exported(name, "counter", unit, metric.meaning, metric.name)
        case "trend":
            name = f"{name}_{unit}" if unit else name
            return Exported(name, "histogram", unit, metric.meaning, metric.name)
        case "gauge" | "value":
            name = f"{name}_{unit}" if unit else name
            return Exported(name, "gauge", unit, metric.meaning, metric.name)
        case _:
            return None


#: of the run itself
RUN: Final = (
    Exported(
        f"{PREFIX}run_info", "gauge", "",
        "1; its labels say of which run: plan, target, version",
    ),
    Exported(f"{PREFIX}run_elapsed_seconds", "gauge", "seconds", "how long the load lasts"),
    Exported(f"{PREFIX}stage_active", "gauge", "", "1 while a stage of a scenario is in force"),
    Exported(f"{PREFIX}fault_active", "gauge", "", "1 while a fault of the plan is in force"),
    Exported(
        f"{PREFIX}benchmark_observed", "gauge", "",
        "what a benchmark row sees so far, in the unit that its label says",
    ),
    Exported(f"{PREFIX}benchmark_threshold", "gauge", "", "what the row requires, likewise"),
    Exported(f"{PREFIX}benchmark_samples", "gauge", "", "of how many samples that is"),
    Exported(
        f"{PREFIX}benchmark_met", "gauge", "",
        "1: met so far, 0: missed; none while there are too few samples to say",
    ),
)  # fmt: skip
#: of the verdict, when it is known; for a Pushgateway
VERDICT: Final = (
    Exported(f"{PREFIX}verdict", "gauge", "", "1 for the outcome that its label says, else 0"),
    Exported(f"{PREFIX}run_end_timestamp_seconds", "gauge", "seconds", "when the run was over"),
)
#: by name
EXPORTED: Final[dict[str, Exported]] = {
    one.name: one for one in (*filter(None, map(_of_metric, METRICS.values())), *RUN, *VERDICT)
}
