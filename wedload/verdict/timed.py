"""Rows about a part of the load, followed second by second: `after`, `window` and `abort`. Pure.

It is fed with snapshots as they come, and judges a second when it is over for every load process.
It keeps of each row what its selectors pick, for as many seconds as its window has, and the worst
window so far. It decides that a run is to be aborted; it stops nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.catalogue import Catalogue
from wedload.metrics.stretch import CountStretch, RateStretch, TrendStretch
from wedload.metrics.summary import Selection, Summary
from wedload.verdict.certainty import certainty
from wedload.verdict.model import Abort, Row
from wedload.verdict.observe import badness, needed_for, row_of, seen_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.observe import Seen

_STRETCHES: Final[dict[str, type[Any]]] = {
    "trend": TrendStretch, "rate": RateStretch, "counter": CountStretch,
}  # fmt: skip
#: looks in a row at which a miss must be proven: what fails together in one second is one event
_IN_A_ROW: Final = 3


class TimedRows:
    """The rows of a benchmark table that are about a part of the load, or can abort it."""

    def __init__(
        self,
        catalogue: Catalogue,
        benchmarks: Mapping[str, Requirement],
        *,
        workers: int,
        schedule_s: float,
    ) -> None:
        """`workers`: load processes that tell; `schedule_s`: when the last scenario is to end."""
        self.abort: Abort | None = None  # set when a row with `abort` is certainly missed
        self._rows = {
            name: _Followed(name, one) for name, one in benchmarks.items() if one.timed or one.abort
        }
        self._workers = workers
        self._asked_s = schedule_s  # until when a load was asked for
        self._newest: dict[int, int] = {}  # load process -> the second that it told of last
        self._catalogue, self._selection = catalogue, Selection(catalogue)
        self._nothing = Summary(catalogue, selection=self._selection)
        self._open: dict[int, Summary] = {}
        self._next = 0  # the first second that is not judged yet

    @staticmethod
    def none() -> TimedRows:
        """Of a table without such rows."""
        return TimedRows(Catalogue(), {}, workers=1, schedule_s=0)

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; those of one load process come in order."""
        if not self._rows or snapshot.second < 0:  # outside of the load
            return
        second = max(snapshot.second, self._next)
        if second not in self._open:
            self._open[second] = Summary(self._catalogue, selection=self._selection)
        self._open[second].add(snapshot)
        self._newest[snapshot.worker] = second
        if len(self._newest) >= self._workers:
            self._judge_until(min(self._newest.values()))

    def stop(self, at_s: float) -> None:
        """No load is asked for any more from this instant on."""
        self._asked_s = min(self._asked_s, at_s)

    def finish(self, load_s: float) -> None:
        """Nothing more comes: judge what is left. A window ends with the last full second."""
        self._judge_until(int(load_s))
        for second in sorted(self._open):
            for row in self._rows.values():
                row.put_rest(second, seen_in(self._open[second], row.requirement))
        self._open.clear()

    def rows(self, load_s: float) -> dict[str, Row]:
        """The rows about a part of the load as they stand, without reasons, by name.

        One that has aborted the run is as it was then, also one about the whole of it.
        """
        found = {
            name: row.judged(load_s) for name, row in self._rows.items() if row.requirement.timed
        }
        if self.abort is not None:
            found[self.abort.row.name] = self.abort.row
        return found

    def _judge_until(self, end: int) -> None:
        """Judge every second before `end`; also those in which nothing was sampled."""
        for second in range(self._next, end):
            summary = self._open.pop(second, self._nothing)
            for row in self._rows.values():
                certain = row.put(second, seen_in(summary, row.requirement), self._asked_s)
                if certain is not None and self.abort is None:
                    self.abort = Abort(certain, second + 1)
        self._next = max(self._next, end)


class _Followed:
    """One row, second by second."""

    def __init__(self, name: str, requirement: Requirement) -> None:
        self.name = name
        self.requirement = requirement
        self._stretch = _STRETCHES[requirement.kind](requirement.window_s)
        self._worst: Row | None = None  # of the windows that could be judged
        self._fullest: Row | None = None  # of those that could not be: the one with most samples
        self._looks = 0
        self._proven = 0  # looks in a row

    def put(self, second: int, seen: Seen, asked_s: float) -> Row | None:
        """One more second, which is over; the row, if it is to abort the run."""
        requirement = self.requirement
        if second < requirement.after_s:
            return None
        self._stretch.add(seen)
        if requirement.window_s is not None:
            row = self._window(second + 1, requirement.window_s, asked_s)
            return row if row is not None and requirement.abort else None
        return self._look(second + 1) if requirement.abort else None

    def put_rest(self, second: int, seen: Seen) -> None:
        """The last second, which was not a full one: no window has it."""
        if second >= self.requirement.after_s and self.requirement.window_s is None:
            self._stretch.add(seen)

    def judged(self, load_s: float) -> Row:
        """The row as it stands."""
        requirement = self.requirement
        if requirement.window_s is None:
            span_s = load_s - requirement.after_s
            if span_s <= 0:
                return Row(
                    self.name, requirement, "no-data", None, 0, needed_for(requirement), None
                )
            return row_of(self.name, requirement, self._stretch.whole, span_s=span_s)
        found = self._worst or self._fullest
        if found is not None:
            return found
        return Row(self.name, requirement, "insufficient", None, 0, needed_for(requirement), None)

    def _window(self, end_s: int, window_s: int, asked_s: float) -> Row | None:
        """Judge the window that ends here, if one does; it is given if it is missed."""
        requirement = self.requirement
        if end_s - window_s < requirement.after_s:
            return None
        amount = requirement.aggregation == "count" or requirement.kind == "counter"
        if amount and not requirement.upper and end_s > asked_s:
            return None  # that less is done when less is asked for is no miss
        judged = row_of(self.name, requirement, self._stretch.whole, span_s=window_s)
        row = replace(judged, at_s=end_s)
        if row.observed is None or row.status == "insufficient":
            if self._fullest is None or row.samples > self._fullest.samples:
                self._fullest = row
            return None
        worst = self._worst
        if (
            worst is None
            or worst.observed is None
            or (badness(requirement, row.observed) > badness(requirement, worst.observed))
        ):
            self._worst = row
        return row if row.status == "missed" else None

    def _look(self, end_s: int) -> Row | None:
        """Look at the value so far; the row is given if its miss is certain."""
        requirement = self.requirement
        seen = self._stretch.whole
        row = row_of(self.name, requirement, seen, span_s=end_s - requirement.after_s)
        if row.observed is None:
            return None
        self._looks += 1
        match certainty(row, seen, self._looks):
            case "sure":
                return row
            case "proven":
                self._proven += 1
                return row if self._proven >= _IN_A_ROW else None
            case "open":
                self._proven = 0
        return None
