"""A plan document on its way to a `Plan`: what is wrong with it so far, and what was taken out.

Checks after the first need something sound to look at. So whoever reports a value takes it out of
the document (`prune`), and remembers that it was there: what depends on it is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PlanError, Problem
from wedload.plan.confinement import Folders

if TYPE_CHECKING:
    from wedload.plan.positions import Path, Positions

#: nobody reads more, and looking for each of them takes time
MOST_PROBLEMS: Final = 500


@dataclass(slots=True)
class Draft:
    """The document as written (`raw`), where it stands, and the findings."""

    raw: dict[str, Any]
    positions: Positions
    #: where the files lie that it may name
    folders: Folders = field(default_factory=lambda: Folders.of(FilePath()))
    problems: list[Problem] = field(default_factory=list)
    pruned: set[Path] = field(default_factory=set)
    reported: set[Path] = field(default_factory=set)
    #: lists for which the file has the one table that is in them
    alone: set[Path] = field(default_factory=set)

    def report(self, path: Path, message: str, hint: str | None = None) -> None:
        """Note a problem with the value at a path; a second report of the same is ignored."""
        path = self.placed(path)
        self.reported.add(path)
        problem = self.positions.problem(path, message, hint)
        if problem not in self.problems:
            self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            more = f"after {MOST_PROBLEMS} problems no more are looked for"
            raise PlanError([*self.problems, Problem(self.positions.file, 0, more)])

    def placed(self, path: Path) -> Path:
        """A path as the file has it: a table that stands for a list has no number there."""
        for end in range(1, len(path)):
            if path[:end] in self.alone and isinstance(path[end], int):
                return (*path[:end], *path[end + 1 :])
        return path

    def damaged(self, path: Path) -> bool:
        """Whether anything at a path, below it or around it was taken out."""
        path = self.placed(path)
        return any(gone[: len(path)] == path or path[: len(gone)] == gone for gone in self.pruned)

    def sound(self, key: str) -> bool:
        """Whether nothing was found wrong with a table of the plan, so far."""
        return not self.damaged((key,)) and all(path[:1] != (key,) for path in self.reported)

    def written(self, *path: str | int) -> Any:
        """What the file has at a path; None if there is nothing."""
        value: Any = self.raw
        for part in self.placed(path):
            try:
                value = value[part]
            except (LookupError, TypeError):
                return None
        return value

    def written_keys(self, *path: str | int) -> list[str]:
        """The keys of the table that the file has at a path."""
        value = self.written(*path)
        return list(value) if isinstance(value, dict) else []
