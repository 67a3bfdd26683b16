"""The search for the capacity: which rate to probe next, and what the probes come to. Pure.

First the rate doubles until a row breaks (or halves, if one breaks at once); then the gap between
what held and what broke is bisected, in log rate; then probes are repeated around where the first
row breaks, where they tell most of it, until the interval is narrow or the time is over. What comes
next depends on what was seen, never on a clock: whoever drives the search says when to stop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.capacity.crossing import Crossing, crossing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.capacity.probe import BadShare, Seen

_GROWTH: Final = 2.0
_HALVINGS: Final = 6  # of the first rate, if rows break there at once
_NARROW_GAP: Final = 1.15  # between what held and what broke: near enough to repeat probes
#: probes that tell of the crossing lie so near it, as a share: farther off the curve is another one
_NEAR: Final = 0.15
_WIDE: Final = 0.4  # farther off, it says nothing
_ENOUGH: Final = 12  # so many of them may end the search: by few, an interval is narrow by chance
#: log-odds above what is tolerated from which on the queue grows as long as the probe lasts
_OVERLOAD: Final = 3.0
_APART: Final = 0.6  # log-odds from the crossing at which probes are repeated, to either side …
_SPREADS: Final = (0.03, 0.1)  # … as a share of the rate, at least and at most
_WINDOW: Final = 1.5  # spreads within which probes count nearly in full
#: doubt from which on a fit to all that is not too far off is taken, if that is surer
_LOOSE: Final = 0.1
_ROUNDS: Final = 4  # of fitting around where the last fit saw the crossing
_PRECISE: Final = 0.03  # an interval that needs no narrowing
#: an interval that reaches farther from the rate, as a share of it, says too little
MOST_DOUBT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where a row breaks, as a fit says."""

    row: str
    at: Crossing


@dataclass(slots=True)
class Search:
    """The probes so far; rates are iterations per s of all scenarios together."""

    first: float
    top: float
    seen: list[Seen] = field(default_factory=list)

    def next_rate(self) -> float | None:
        """The rate to probe next, to three digits; None: there is no more to find out."""
        rate = self._next()
        return None if rate is None else float(f"{rate:.3g}")

    def _next(self) -> float | None:
        if not self.seen:
            return self.first
        if self.seen[-1].fared == "limited" and not self._limited_twice(self.seen[-1].rate):
            return self.seen[-1].rate  # it may have been a moment of the machine's
        if self.wall is None:
            highest = max(one.rate for one in self.seen)
            return None if highest >= self.top else min(highest * _GROWTH, self.top)
        if self.held is None:
            return self._lower()
        if self.wall / self.held > _NARROW_GAP:
            return math.sqrt(self.wall * self.held)
        broken = self._broken_near_wall()
        if not broken or self.shareless(broken):
            return None  # what is above was not the target's to hold, or no probe can tell more
        return self._repeated()

    # --- what the probes come to ------------------------------------------------------------

    @property
    def wall(self) -> float | None:
        """The lowest rate that broke a row, or that something else than the target limited.

        Near the crossing probes hold or break by chance: the wall is where the fewest would be on
        the wrong side of it, and the lowest such rate.
        """
        telling = [
            one for one in self.seen if one.fared != "limited" or self._limited_twice(one.rate)
        ]
        over = {"broken", "limited"}
        walls = sorted({one.rate for one in telling if one.fared in over})

        def wrong(wall: float) -> int:
            return sum((one.fared in over) != (one.rate >= wall) for one in telling)

        wall = min([*walls, math.inf], key=wrong)
        return None if math.isinf(wall) else wall

    @property
    def held(self) -> float | None:
        """The highest rate below the wall at which no row broke; None: there is none."""
        wall = math.inf if self.wall is None else self.wall
        return max((one.rate for one in self._holding() if one.rate < wall), default=None)

    @property
    def best(self) -> int | None:
        """Place of the probe with the highest rate of those that surely held."""
        wall = math.inf if self.wall is None else self.wall
        places = [
            place for place, one in enumerate(self.seen) if one.fared == "held" and one.rate < wall
        ]
        return max(places, key=lambda place: self.seen[place].rate, default=None)

    def breaks(self) -> Breaks | None:
        """The row that breaks first, and where; None: no fit says so."""
        return min(self._fits(), key=lambda one: one.at.rate, default=None)

    def refusals(self) -> dict[str, str]:
        """Why no fit says where a row breaks that was missed in a probe, by row."""
        found = {}
        for row in self._missed():
            if isinstance(why := self._crossing(row), str):
                found[row] = why
        return found

    # --- inside -----------------------------------------------------------------------------

    def _lower(self) -> float | None:
        lowest = min(one.rate for one in self.seen)
        least = self.first / _GROWTH**_HALVINGS
        return None if lowest <= least * (1 + 1e-9) else lowest / _GROWTH

    def _repeated(self) -> float | None:
        """A rate near the crossing, below and above it in turns; None: it is known well enough."""
        assert self.wall is not None
        assert self.held is not None
        found = self.breaks()
        if found is None:
            centre, spread = math.sqrt(self.wall * self.held), _SPREADS[1]
        else:
            if found.at.probes >= _ENOUGH and found.at.doubt <= _PRECISE:
                return None
            centre = min(max(found.at.rate, self.held / _NARROW_GAP), self.wall * _NARROW_GAP)
            spread = _spread(found.at)
        below = sum(abs(one.rate / centre - 1) <= _NEAR and one.rate < centre for one in self.seen)
        above = sum(abs(one.rate / centre - 1) <= _NEAR and one.rate > centre for one in self.seen)
        return min(centre * (1 + spread if above < below else 1 - spread), self.top)

    def shareless(self, rows: Sequence[str]) -> bool:
        """Whether none of the rows is about a share of samples, which a fit could be made of."""
        return not any(
            one.rows[row].bad is not None for one in self.seen for row in rows if row in one.rows
        )

    def _limited_twice(self, rate: float) -> bool:
        """Whether something else than the target was the limit about there more than once."""
        near = [one for one in self.seen if abs(one.rate / rate - 1) <= _NEAR]
        return sum(one.fared == "limited" for one in near) > 1

    def _broken_near_wall(self) -> list[str]:
        """The rows that broke there; none: something else than the target was the limit."""
        assert self.wall is not None
        near = [one for one in self.seen if abs(one.rate / self.wall - 1) <= _NEAR]
        return [row for one in near if one.fared == "broken" for row in one.broken]

    def _holding(self) -> Iterator[Seen]:
        return (one for one in self.seen if one.fared in {"held", "unclear"})

    def _missed(self) -> list[str]:
        return list(dict.fromkeys(row for one in self.seen for row in one.broken))

    def _fits(self) -> Iterator[Breaks]:
        for row in self._missed():
            at = self._crossing(row)
            if isinstance(at, Crossing):
                yield Breaks(row, at)

    def _crossing(self, row: str) -> Crossing | str:
        """By the probes that are near; where that is, their own answer moves."""
        if self.wall is None or self.held is None:
            return "no probes on both sides of it"
        centre, near = math.sqrt(self.wall * self.held), _NEAR
        # those that are farther off tell better that there is a slope at all, and how steep
        wide = crossing(self._points(row, centre), centre)
        found = crossing(self._points(row, centre), centre, near)
        for _ in range(_ROUNDS):
            if isinstance(found, str) or abs(found.rate / centre - 1) > _WIDE:
                break
            centre, near = found.rate, _WINDOW * _spread(found)
            nearer = crossing(self._points(row, centre), centre, near)
            if isinstance(nearer, str) or nearer.doubt > max(found.doubt, _LOOSE):
                break  # too little to go by, so near
            found = nearer
        if isinstance(found, str) or (
            isinstance(wide, Crossing) and _LOOSE < found.doubt > wide.doubt
        ):
            return wide
        return found

    def _points(self, row: str, centre: float) -> list[tuple[float, BadShare]]:
        return [
            (one.rate, bad)
            for one in self.seen
            if one.limit is None and not one.cut and abs(one.rate / centre - 1) <= _WIDE
            if (bad := one.rows[row].bad if row in one.rows else None) is not None
            if bad.total and _above(bad) <= _OVERLOAD
        ]


def _spread(at: Crossing) -> float:
    """How far from the crossing probes tell most of it, as a share of the rate."""
    return min(max(_APART / at.steepness, _SPREADS[0]), _SPREADS[1])


def _above(bad: BadShare) -> float:
    """Log-odds of the bad samples above those that are tolerated."""
    odds = (bad.bad + bad.tolerance) / (bad.total - bad.bad + 1 - bad.tolerance)
    return math.log(odds / (bad.tolerance / (1 - bad.tolerance)))
