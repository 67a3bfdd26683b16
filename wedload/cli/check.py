"""`wedload check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from wedload.cli.loading import load_with_options
from wedload.errors import PlanError
from wedload.plan.targets import choose_target
from wedload.report.explain import explain
from wedload.workload.compile import Settings, compile_workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wedload.errors import Problem
    from wedload.plan.reshape import Shape

#: stands for the address of a sandbox that is not started
_NOWHERE = "http://127.0.0.1:9"


def check_command(
    plans: Sequence[Path],
    shape: Shape,
    *,
    target: str | None,
    time_scale: float,
    overrides: tuple[str, ...],
) -> None:
    """Explain every plan that can be run, and report the problems of all that cannot.

    Raises:
        PlanError: with the problems of all plans.
    """
    console = Console(width=80)
    problems: list[Problem] = []
    for path in plans:
        try:
            loaded, dropped = load_with_options(
                path, shape, time_scale=time_scale, overrides=overrides
            )
            name, chosen = choose_target(loaded.plan, target)
        except PlanError as error:
            problems += error.problems
            continue
        settings = Settings(
            target=name, base_url=chosen.base_url or _NOWHERE, time_scale=time_scale
        )
        explain(loaded, compile_workload(loaded.plan, settings), name, console)
        for row in dropped:
            console.print(Text(f" not judged, as its stage is gone: {row}", style="yellow"))
        console.print()
    if problems:
        raise PlanError(problems)
