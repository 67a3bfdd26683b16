"""What a probe saw: a stretch of load at one rate, judged against the rows. Pure.

Every row that bounds a percentile or a share is a statement about a share: `p95 < 200ms` holds as
long as at most 5 % of the samples are not below 200 ms. This share, and how it grows with the rate,
is what the capacity is estimated from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.verdict.model import RowStatus

#: "held": every row that can be judged is met; "broken": one is missed; "limited": not the target
#: was the limit, so it says nothing; "unclear": no row had samples enough
Fared = Literal["held", "broken", "limited", "unclear"]


@dataclass(frozen=True, slots=True)
class BadShare:
    """How many samples of a row were on its bad side, and how many may be."""

    tolerance: float  # the share from which on the row is missed
    bad: int
    total: int

    @property
    def share(self) -> float:
        """Of all samples; NaN: there was none."""
        return self.bad / self.total if self.total else float("nan")


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What came of a row in a probe."""

    status: RowStatus
    observed: float | None  # in the row's unit
    samples: int
    margin: float | None = None  # as a share of the threshold; negative: missed
    bad: BadShare | None = None  # None: the row is about no share


@dataclass(frozen=True, slots=True)
class Seen:
    """A probe that is over."""

    rate: float  # iterations per s asked for, of all scenarios
    rows: Mapping[str, RowSeen] = field(default_factory=dict)
    limit: str | None = None  # what else than the target was the limit, in words
    cut: bool = False  # ended before its time, as it was beyond all doubt

    @property
    def broken(self) -> tuple[str, ...]:
        """The rows that are missed."""
        return tuple(name for name, row in self.rows.items() if row.status == "missed")

    @property
    def fared(self) -> Fared:
        """What it says about the target at this rate."""
        if self.limit is not None:
            return "limited"
        if self.broken:
            return "broken"
        met = any(row.status == "met" for row in self.rows.values())
        return "held" if met else "unclear"
