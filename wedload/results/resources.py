"""The resources of a run, as a result has them: figures of levels, and what else is known. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics.level_figures import level_figure
from wedload.plan.metric_table import METRICS
from wedload.plan.resource_metrics import quantity_of
from wedload.results.figures import DIGITS
from wedload.results.resources_model import LockWait, Resource, ResourceFigures, Statement
from wedload.statistics.bounds import samples_for_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.metrics.levels import LevelKey, Levels
    from wedload.results.run import Run

_P95: Final = 0.95
_SAID: Final = ("min", "avg", "max", "p95", "last")


def resources_of(run: Run) -> list[Resource]:
    """What was sampled beside the load, in the order of the plan, the machine first."""
    return [_resource(run, name, what) for name, what in run.info.resources.items()]


def _resource(run: Run, name: str, what: str) -> Resource:
    levels, report = run.levels, run.resources.get(name, {})
    seconds = run.timeline.newest + 1
    keys = () if levels is None else levels.of(name)
    kind, _, asked = what.partition(": ")
    return Resource.model_validate(
        {
            "name": name,
            "kind": kind,
            "what": asked,
            "figures": [_figures(levels, key, seconds) for key in keys if levels is not None],
            "statements": [Statement(**one) for one in report.get("statements", ())],
            "locks": [LockWait(**one) for one in report.get("locks", ())],
            "problems": report.get("problems", {}),
            "notes": report.get("notes", []),
        }
    )


def _figures(levels: Levels, key: LevelKey, seconds: int) -> ResourceFigures:
    column = levels.by_second(key, seconds)
    samples = column[~np.isnan(column)]
    return ResourceFigures(
        quantity=quantity_of(key.metric),
        metric=key.metric,
        unit=METRICS[key.metric].unit,
        capacity=levels.capacity(key),
        by_second=[_rounded(value) for value in column.tolist()],
        samples=int(samples.size),
        **_of_all(samples),
    )


def _of_all(samples: NDArray[np.float64]) -> dict[str, float | None]:
    """What is said of all samples; nothing of none, and no percentile of too few."""
    found: dict[str, float | None] = dict.fromkeys(_SAID)
    if samples.size:
        found = {name: _rounded(level_figure(samples, name)) for name in _SAID}
    if samples.size < samples_for_quantile(_P95):
        found["p95"] = None
    return found


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, DIGITS)
