"""The faults of a run, and how the platform fared under each, as its result has them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.results.faults_model import Fault

if TYPE_CHECKING:
    from wedload.results.run import Run


def faults_of(run: Run) -> list[Fault]:
    """Each fault of the plan, in its order."""
    return [Fault.model_validate(one.model_dump()) for one in run.info.faults]
