"""Code of the plan's own, which runs only where the command line says so. Pure.

A plan is text that may come from anywhere, and no text of it is ever executed; a `python` step is
the one way out, and whoever starts a run has to open it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.errors import PlanError
from wedload.plan.uses import step_lists
from wedload.plan.verbs.python import PythonStep

if TYPE_CHECKING:
    from wedload.errors import Problem
    from wedload.plan.loader import LoadedPlan

OPTION: Final = "--allow-python"


def own_code(loaded: LoadedPlan) -> list[Problem]:
    """The steps of a plan that run code of its own, each where it stands."""
    return [
        loaded.positions.problem(
            (*path, index, "python"),
            f"`{step.python}` is code that a run executes, and only with {OPTION}",
            f"read the module first; then: wedload run … {OPTION}",
        )
        for path, steps in step_lists(loaded.plan)
        for index, step in enumerate(steps)
        if isinstance(step, PythonStep)
    ]


def folder_of_code(loaded: LoadedPlan, *, allowed: bool) -> str | None:
    """Where modules of the plan are looked for first; None: it has none.

    Raises:
        PlanError: it has some, and they are not allowed.
    """
    problems = own_code(loaded)
    if problems and not allowed:
        raise PlanError(problems)
    return str(Path(loaded.file).absolute().parent) if problems else None
