"""Rows about levels: what was sampled of resources beside the load, judged second by second. Pure.

Each second belongs to the stage and the faults that are in force as it begins. It decides that a
run is to be aborted; it stops nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics.levels import LevelKey, Levels, spans_of
from wedload.verdict.certainty import certainty
from wedload.verdict.model import Abort, Row
from wedload.verdict.row import badness, needed_for, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.benchmark import Requirement


class LevelRows:
    """The levels of a run, and the rows of its benchmark table that are about them."""

    def __init__(self, catalogue: Catalogue, benchmarks: Mapping[str, Requirement]) -> None:
        self.levels = Levels()
        self.abort: Abort | None = None  # to be done: a row with `abort` is certainly missed
        self._rows = {
            name: _Followed(name, row, catalogue)
            for name, row in benchmarks.items()
            if row.kind == "gauge"
        }

    def add(self, snapshot: Snapshot) -> None:
        """Take in what was sampled in a second; they come in order."""
        second = snapshot.second
        if second < 0:
            return
        self.levels.add(second, snapshot.levels)
        for row in self._rows.values():
            level = snapshot.levels.get(row.key)
            certain = row.put(second, None if level is None else level.value)
            if certain is not None and self.abort is None:
                self.abort = Abort(certain, second + 1)

    def rows(self, abort: Abort | None = None) -> dict[str, Row]:
        """The rows as they stand, without reasons, by name; one that did abort as it was then."""
        found = {name: row.judged() for name, row in self._rows.items()}
        if abort is not None and abort.row.name in found:
            found[abort.row.name] = abort.row
        return found


class _Followed:
    """One row, second by second."""

    def __init__(self, name: str, requirement: Requirement, catalogue: Catalogue) -> None:
        self._name = name
        self._requirement = requirement
        self._spans = spans_of(catalogue, requirement.where)
        self.key = LevelKey(dict(requirement.where).get("resource", ""), requirement.metric)
        self._kept: deque[tuple[int, float]] = deque()  # second, level
        self._worst: Row | None = None  # of the windows that could be judged
        self._fullest: Row | None = None  # of those that could not be: the one with most samples

    def put(self, second: int, value: float | None) -> Row | None:
        """One more second, which is over; the row, if it is to abort the run."""
        requirement = self._requirement
        if second < requirement.after_s:
            return None
        if value is not None and self._picks(second):
            self._kept.append((second, value))
        window_s = requirement.window_s
        if window_s is not None:
            missed = self._judge_window(second + 1, window_s)
            return self._worst if missed and requirement.abort else None
        if not requirement.abort:
            return None
        row = self.judged()
        # of levels only extremes are certain, however often somebody looks
        return row if certainty(row, self._samples(), 1) == "sure" else None

    def judged(self) -> Row:
        """The row as it stands."""
        name, requirement = self._name, self._requirement
        if requirement.window_s is None:
            return row_of(name, requirement, self._samples(), span_s=0.0)
        nothing = Row(name, requirement, "insufficient", None, 0, needed_for(requirement), None)
        return self._worst or self._fullest or nothing

    def _picks(self, second: int) -> bool:
        return self._spans is None or any(begin <= second < end for begin, end in self._spans)

    def _samples(self) -> NDArray[np.float64]:
        return np.array([value for _, value in self._kept], np.float64)

    def _judge_window(self, end_s: int, window_s: int) -> bool:
        """Judge the window that ends here, if one does; whether it is missed."""
        requirement = self._requirement
        while self._kept and self._kept[0][0] < end_s - window_s:
            self._kept.popleft()
        if end_s - window_s < requirement.after_s:
            return False
        row = replace(row_of(self._name, requirement, self._samples(), span_s=0.0), at_s=end_s)
        if row.observed is None or row.status == "insufficient":
            if self._fullest is None or row.samples > self._fullest.samples:
                self._fullest = row
            return False
        worst = None if self._worst is None else self._worst.observed
        if worst is None or badness(requirement, row.observed) > badness(requirement, worst):
            self._worst = row
        return row.status == "missed"
