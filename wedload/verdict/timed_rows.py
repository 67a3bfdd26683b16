"""Rows about a part of the load, followed second by second: `after`, `window` and `abort`. Pure.

It is fed with snapshots as they come, and judges a second when it is over for every load process.
It keeps of each row what its selectors pick, for as many seconds as its window has, and the worst
window so far. It decides that a run is to be aborted; it stops nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.summary import RateCount, Selection, Summary
from wedload.metrics.window import CountWindow, RateWindow, TrendWindow
from wedload.verdict.certainty import certainty
from wedload.verdict.model import Abort, Row
from wedload.verdict.row import badness, needed_for, row_of, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.row import Samples

    #: whether all the load of the schedule was asked for from one second to another
    AskedFor = Callable[[int, int], bool]

_STRETCHES: Final[dict[str, type[Any]]] = {
    "trend": TrendWindow, "rate": RateWindow, "counter": CountWindow, "value": TrendWindow,
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
        selection = Selection(catalogue)
        self.abort: Abort | None = None  # to be done: a row with `abort` is certainly missed
        self._rows = {
            name: _Followed(name, one, selection)
            for name, one in benchmarks.items()
            if (one.timed or one.abort) and one.kind != "gauge"
        }
        self._workers = workers
        self._idle = [(schedule_s, math.inf)]  # when less than the schedule was asked for
        self._held_s = math.inf  # since when the load is held back
        self._newest: dict[int, int] = {}  # load process -> the second that it told of last
        self._catalogue, self._selection = catalogue, selection
        self._nothing = Summary(catalogue, selection=selection)
        self._open: dict[int, Summary] = {}
        self._finished = False
        self._next = 0  # the first second that is not judged yet

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
        self._idle.append((at_s, math.inf))

    def hold(self, at_s: float) -> None:
        """Somebody holds the load back from this instant on."""
        self._held_s = min(self._held_s, at_s)

    def go_on(self, at_s: float) -> None:
        """The load is not held back any more."""
        self._idle.append((self._held_s, at_s))
        self._held_s = math.inf

    def finish(self, load_s: float) -> None:
        """Nothing more comes: judge what is left. A window ends with the last full second."""
        self._finished = True
        self._judge_until(int(load_s))
        for second in sorted(self._open):
            for row in self._rows.values():
                row.put_rest(second, samples_of(self._open[second], row.requirement))
        self._open.clear()

    @property
    def idle(self) -> list[tuple[float, float]]:
        """Begin and end, s, of the stretches in which less than the schedule is asked for."""
        return [*self._idle, (self._held_s, math.inf)]

    def rows(self, load_s: float, abort: Abort | None = None) -> dict[str, Row]:
        """The rows about a part of the load as they stand, without reasons, by name.

        With the one that did abort the run, as it was then, also if it is about the whole of it.
        """
        found = {
            name: row.judged(load_s, bounded=self._finished)
            for name, row in self._rows.items()
            if row.requirement.timed
        }
        return found if abort is None else {**found, abort.row.name: abort.row}

    def windows(self) -> dict[str, Row | None]:
        """Of each row with a window the one that ended last; None: it could not be judged."""
        found = self._rows.items()
        return {n: one.latest for n, one in found if one.requirement.window_s is not None}

    def _judge_until(self, end: int) -> None:
        """Judge every second before `end`; also those in which nothing was sampled."""
        for second in range(self._next, end):
            summary = self._open.pop(second, self._nothing)
            for row in self._rows.values():
                certain = row.put(second, samples_of(summary, row.requirement), self._asked_for)
                if certain is not None and self.abort is None:
                    self.abort = Abort(certain, second + 1)
        self._next = max(self._next, end)

    def _asked_for(self, begin_s: int, end_s: int) -> bool:
        """Whether all the load of the schedule was asked for in a stretch."""
        return not any(begin < end_s and begin_s < end for begin, end in self.idle)


class _Followed:
    """One row, second by second."""

    def __init__(self, name: str, requirement: Requirement, selection: Selection) -> None:
        self.name = name
        self.requirement = requirement
        self._selection = selection
        self._stretch = _STRETCHES[requirement.kind](requirement.window_s)
        self._worst: Row | None = None  # of the windows that could be judged
        self._worst_rate: RateCount | None = None  # of a rate: what the worst one held
        self._fullest: Row | None = None  # of those that could not be: the one with most samples
        self.latest: Row | None = None  # the window that ended last, if it could be judged
        self._looks = 0
        self._proven = 0  # looks in a row

    def put(self, second: int, seen: Samples, asked_for: AskedFor) -> Row | None:
        """One more second, which is over; the row, if it is to abort the run."""
        requirement = self.requirement
        if second < requirement.after_s:
            return None
        self._stretch.add(seen)
        if requirement.window_s is not None:
            missed = self._judge_window(second + 1, requirement.window_s, asked_for)
            return self.judged(second + 1, bounded=True) if missed and requirement.abort else None
        if requirement.abort and self._certain(second + 1):
            return self.judged(second + 1, bounded=True)
        return None

    def put_rest(self, second: int, seen: Samples) -> None:
        """The last second, which was not a full one: no window has it."""
        if second >= self.requirement.after_s and self.requirement.window_s is None:
            self._stretch.add(seen)

    def judged(self, load_s: float, *, bounded: bool) -> Row:
        """The row as it stands."""
        name, requirement = self.name, self.requirement
        nothing = Row(name, requirement, "no-data", None, 0, needed_for(requirement), None)
        if requirement.window_s is None:
            if load_s <= requirement.after_s:
                return nothing
            seen, span_s = self._stretch.whole, self._span_s(load_s)
            return row_of(name, requirement, seen, span_s=span_s, bounded=bounded)
        row = self._worst or self._fullest or replace(nothing, status="insufficient")
        if bounded and self._worst_rate is not None:
            span_s = requirement.window_s
            return replace(
                row_of(name, requirement, self._worst_rate, span_s=span_s), at_s=row.at_s
            )
        return row

    def _judge_window(self, end_s: int, window_s: int, asked_for: AskedFor) -> bool:
        """Judge the window that ends here, if one does; whether it is missed."""
        requirement = self.requirement
        if end_s - window_s < requirement.after_s:
            return False
        amount = requirement.aggregation == "count" or requirement.kind == "counter"
        self.latest = None
        if amount and not requirement.upper and not asked_for(end_s - window_s, end_s):
            return False  # that less is done when less is asked for is no miss
        seen = self._stretch.whole
        judged = row_of(self.name, requirement, seen, span_s=window_s, bounded=False)
        row = replace(judged, at_s=end_s)
        if row.observed is None or row.status == "insufficient":
            if self._fullest is None or row.samples > self._fullest.samples:
                self._fullest = row
            return False
        self.latest = row
        worst = None if self._worst is None else self._worst.observed
        if worst is None or badness(requirement, row.observed) > badness(requirement, worst):
            self._worst = row
            self._worst_rate = seen if isinstance(seen, RateCount) else None
        return row.status == "missed"

    def _certain(self, end_s: int) -> bool:
        """Look at the value so far: whether it is missed, and will be."""
        requirement = self.requirement
        seen, span_s = self._stretch.whole, self._span_s(end_s)
        row = row_of(self.name, requirement, seen, span_s=span_s, bounded=False)
        if row.observed is None:
            return False
        self._looks += 1
        found = certainty(row, seen, self._looks)
        self._proven = self._proven + 1 if found == "proven" else 0
        return found == "sure" or self._proven >= _IN_A_ROW

    def _span_s(self, load_s: float) -> float:
        """The seconds that a rate per second is over, if the load lasts so long."""
        requirement = self.requirement
        return self._selection.seconds(requirement.where, load_s, after_s=requirement.after_s)
