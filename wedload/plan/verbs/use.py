"""`use`: another workflow, run in this place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from wedload.plan.scenarios import check_workflow_name
from wedload.plan.verbs.base import Meanings, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class UseStep(Step):
    """Another workflow, run in this place."""

    verb: ClassVar[str] = "use"
    meanings: ClassVar[Meanings] = {
        **Step.meanings,
        "use": ("The workflow that is run in this place.", None),
        "repeat": ("How many times.", 1),
    }

    use: str
    repeat: int = 1

    def runs(self) -> Iterator[tuple[str, int]]:
        """The workflow, and how many times it is run."""
        yield self.use, self.repeat

    def check_keys(self, draft: Draft, _plan: Plan, path: Path) -> None:
        """Report a workflow that does not exist, and a number of times that makes no sense."""
        check_workflow_name(draft, (*path, "use"), self.use)
        if self.repeat < 1:
            draft.report((*path, "repeat"), f"is {self.repeat}; it must be 1 or more")
