"""The steps of a run, as reports name and select them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.metrics.catalogue import EXACT_WORKFLOW

if TYPE_CHECKING:
    from wedload.metrics.summary import Summary, Where


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
