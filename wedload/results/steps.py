"""The steps of a run, as reports name and select them. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wedload.metrics.catalogue import EXACT_WORKFLOW
from wedload.plan.metric_table import STEP_METRICS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wedload.metrics.summary import Summary, Where
    from wedload.plan.metric import StepMetrics


def step_metrics(names: Collection[str]) -> StepMetrics:
    """What counts, judges and times a step, told by the metrics that a result has of it.

    A result does not say the verb; a step without any of them is taken for one of http.
    """
    for one in STEP_METRICS.values():
        if one.count in names or one.duration in names:
            return one
    return STEP_METRICS["http"]


def step_keys(summary: Summary) -> list[tuple[str, str | None, str]]:
    """(scenario, workflow, step) of every step, in the order of the plan."""
    keys = (
        (one.scenario, one.workflow, one.step)
        for one in summary.catalogue.series
        if one.step is not None and one.check is None
    )
    return list(dict.fromkeys(keys))


def step_where(scenario: str, workflow: str | None, step: str) -> Where:
    """Selectors for one step of one workflow."""
    where: Where = (("scenario", scenario), ("step", step))
    return where if workflow is None else (*where, (EXACT_WORKFLOW, workflow))


def step_labels(keys: Sequence[tuple[str, str | None, str]]) -> list[str]:
    """What steps – (scenario, workflow, step) – are called where their names must differ."""
    places: defaultdict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for scenario, workflow, step in keys:
        places[step].append((scenario, workflow))
    labels = []
    for scenario, workflow, step in keys:
        same = places[step]
        before = []
        if any(other != scenario for other, _ in same):
            before.append(scenario)
        if any(other == scenario and flow != workflow for other, flow in same):
            before.append(workflow or "")
        labels.append(": ".join([" ".join(filter(None, before)), step]) if before else step)
    return labels
