"""Rows that burn: missed as it stands, for so long that somebody should look. Pure.

A row of the whole run burns when it has been missed, with samples enough, for `FIRES_S` seconds on
end: the first few requests of a load are no news. One with a window burns as soon as a window is
missed, and one that aborts the run when it does: either is certain. A row has recovered when it was
not missed for `RESOLVES_S` seconds on end; where nothing can be judged it stays as it was.

What is certain only when the load is over never burns: that something is to happen so often in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.verdict.model import Row

FIRES_S: Final = 5.0
RESOLVES_S: Final = 10.0


@dataclass(slots=True)
class Burn:
    """A row that burns, as it stood when it was last missed."""

    row: Row
    since_s: float  # of the load


@dataclass(slots=True)
class _Course:
    """How a row has fared: since when it is missed, or not, without a break."""

    missed_s: float | None = None
    sound_s: float | None = None


class Burning:
    """The rows of a run, looked at again and again while its load lasts."""

    def __init__(self) -> None:
        self._courses: dict[str, _Course] = {}
        self.now: dict[str, Burn] = {}  # by the row's name

    def look(
        self,
        rows: Iterable[Row],
        at_s: float,
        windows: Mapping[str, Row | None] | None = None,
        aborted: str | None = None,
    ) -> bool:
        """Look at the rows as they stand `at_s` seconds into the load; whether anything changed.

        `windows`: of rows that have some the last one; `aborted`: the row that ended the load.
        """
        before = set(self.now)
        last = windows or {}
        for row in rows:
            if not (can_burn(row) or row.name == aborted):
                continue
            shown = last.get(row.name, row)
            if shown is not None:
                certain = row.name in last or row.name == aborted
                self._follow(shown, at_s, certain=certain)
        return before != set(self.now)

    def _follow(self, row: Row, at_s: float, *, certain: bool) -> None:
        course = self._courses.setdefault(row.name, _Course())
        burn = self.now.get(row.name)
        if row.status == "missed":
            course.sound_s = None
            course.missed_s = at_s if course.missed_s is None else course.missed_s
            if burn is not None:
                burn.row = row
            elif certain or at_s - course.missed_s >= FIRES_S:
                self.now[row.name] = Burn(row, course.missed_s)
        elif row.status == "met":
            course.missed_s = None
            course.sound_s = at_s if course.sound_s is None else course.sound_s
            if burn is not None and at_s - course.sound_s >= RESOLVES_S:
                del self.now[row.name]


def can_burn(row: Row) -> bool:
    """Whether a miss is known before the load is over."""
    asked, value = row.requirement, row.observed
    amount = asked.aggregation == "count" or asked.kind == "counter"
    too_many = asked.operator == "==" and value is not None and value > asked.threshold
    return asked.upper or asked.window_s is not None or not amount or too_many
