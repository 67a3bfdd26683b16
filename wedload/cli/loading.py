"""From a plan file and the options that change it to the plan that is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.errors import UsageError
from wedload.plan.loader import load_plan
from wedload.plan.reshape import reshape

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.plan.loader import LoadedPlan
    from wedload.plan.reshape import Shape


def load_with_options(
    path: Path, shape: Shape, *, time_scale: float, overrides: tuple[str, ...]
) -> tuple[LoadedPlan, list[str]]:
    """The plan as the command line changes it, and the benchmarks that no longer apply.

    Raises:
        PlanError: the plan is wrong.
        UsageError: the options are.
    """
    if not 0 < time_scale <= 1000:
        raise UsageError(
            f"--time-scale {time_scale:g} is not above 0 and up to 1000", "0.1 is ten times faster"
        )
    return reshape(load_plan(path, overrides=overrides), shape)
