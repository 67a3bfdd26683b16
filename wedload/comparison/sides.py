"""The two sides of a comparison: runs, and what to call them. Pure; knows no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.comparison.model import RunOf, SideOf

if TYPE_CHECKING:
    from wedload.results.model import Result


@dataclass(frozen=True, slots=True)
class Named:
    """A result, and what to call it: its file."""

    name: str
    result: Result


@dataclass(frozen=True, slots=True)
class Sided:
    """A side: what to call it, and its runs."""

    label: str
    runs: tuple[Named, ...]

    @property
    def results(self) -> list[Result]:
        """Those of its runs."""
        return [one.result for one in self.runs]


def side_of(side: Sided) -> SideOf:
    """What a comparison says of a side."""
    first = side.runs[0].result.run
    runs = [
        RunOf(run.id, one.name, run.started_at, run.duration_s, run.version, run.tags)
        for one in side.runs
        for run in (one.result.run,)
    ]
    return SideOf(side.label, first.plan, first.target, runs)
