"""`batch`: several HTTP requests at the same time, as a browser makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from wedload.plan.verbs.base import Meanings, Step
from wedload.plan.verbs.http import HttpStep  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStep(Step):
    """Several HTTP requests at the same time."""

    verb: ClassVar[str] = "batch"
    placeholder: ClassVar[list[Any]] = []
    meanings: ClassVar[Meanings] = {
        **Step.meanings,
        "batch": ("Requests that are made at the same time: [ { http = …, name = … }, … ].", None),
    }

    batch: tuple[HttpStep, ...]

    def held(self, path: Path) -> Iterator[tuple[Path, HttpStep]]:
        """Its requests, each as it is within the batch."""
        for index, request in enumerate(self.batch):
            yield (*path, "batch", index), request.inside(self)

    def check_keys(self, draft: Draft, _plan: Plan, path: Path) -> None:
        """Report a batch of nothing."""
        if not self.batch and not draft.damaged((*path, "batch")):
            draft.report((*path, "batch"), "the batch has no requests")
