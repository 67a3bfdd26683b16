"""From a plan file and the options that change it to the plan that is driven."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.text import Text

from wedload.cli.known import learn_of_plan
from wedload.errors import UsageError
from wedload.plan.loader import load_plan
from wedload.plan.once import without_load
from wedload.plan.reshape import reshape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.plan.reshape import Shape


def load_with_options(
    path: Path,
    shape: Shape,
    *,
    time_scale: float,
    overrides: tuple[str, ...],
    allow_files: tuple[Path, ...] = (),
    once: bool = False,
    tell: Callable[[str], None] | None = None,
) -> tuple[LoadedPlan, list[str]]:
    """The plan as the command line changes it, and what this means for its benchmarks, in words.

    `tell` is given a line now and then, if it takes longer than a second.

    Raises:
        PlanError: the plan is wrong.
        UsageError: the options are.
    """
    if not 0 < time_scale <= 1000:
        raise UsageError(
            f"--time-scale {time_scale:g}: must be above 0, and 1000 at most",
            "0.1 is ten times faster",
        )
    learn_of_plan(path, os.environ, allow_files)  # what is wrong may quote them
    whole = load_plan(path, overrides=overrides, allow_files=allow_files, tell=tell)
    loaded, dropped = reshape(whole, shape)
    without_faults = "the load ends before it begins"
    if once:
        loaded, more = without_load(loaded)
        dropped |= more
        without_faults = "--once has no faults"
    return loaded, [
        *(f"not judged, as {why}: {row}" for row, why in dropped.items()),
        *_left_out(whole.plan, loaded.plan, without_faults),
        *_by_seconds(loaded.plan, time_scale),
    ]


def _left_out(whole: Plan, driven: Plan, why: str) -> Iterator[str]:
    """The faults that only the whole plan has."""
    left = {fault.name for fault in driven.faults}
    for fault in whole.faults:
        if fault.name not in left:
            yield f"left out, as {why}: the fault {fault.name}"


def _by_seconds(plan: Plan, time_scale: float) -> Iterator[str]:
    """The rows whose times are longer than the time scale makes them."""
    for name, row in plan.benchmarks.items():
        if row.shortest(time_scale):
            yield f"judged by seconds, so `after` and `window` are not below 1s: {name}"


def telling(console: Console) -> Callable[[str], None]:
    """Tells people what is going on, on a console."""
    return lambda text: console.print(Text(text, style="dim"), soft_wrap=True)
