"""What is found out about a difference, and what is decided from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["regression", "no-regression", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Separation:
    """How far every stretch of the current side is worse than every one of the base.

    Less than nothing if some are not.
    """

    beyond: float  # the least effect between any two stretches, less what those of a side differ by
    low: float  # that least effect itself: the true one is above it
    p: float  # of such an order if the sides were alike, and they do not overlap


@dataclass(frozen=True, slots=True)
class Estimate:
    """How far `current` is from `base`, and how far that can be off.

    An effect is positive if `current` is worse: the logarithm of a ratio for trends and for
    throughput (there base / current), a difference for shares.
    """

    base: float  # ns, share, or per second
    current: float
    effect: float
    deviation: float  # standard deviation of `effect`
    degrees: float  # of freedom, for Student's t
    blocks: int  # of the side with fewer
    block_s: int  # seconds in one of the side with the longer ones
    deviation_up: float | None = None  # towards a larger effect, where it is another: shares near 0
    apart: Separation | None = None  # None: too short for that, too

    @property
    def upward(self) -> float:
        """Standard deviation towards a larger effect."""
        return self.deviation if self.deviation_up is None else self.deviation_up


@dataclass(frozen=True, slots=True)
class TooShort:
    """Why it cannot be said how large a difference is: the runs are too short for it."""

    base: float  # as of an estimate
    current: float
    effect: float
    blocks: int
    needed_blocks: int
    block_s: int
    apart: Separation | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one estimate among several."""

    outcome: Outcome
    low: float  # of the effect, at the level that the decision was made at: above the margin
    # if, and only if, the outcome is a regression
    high: float  # at 95 %; of all rows together this claims no more than of one
    p: float  # of so large an effect if it were at most the margin
    level: float  # of confidence of `low`: 0.95 corrected for the number of rows
    longer: float | None  # times as long a run would decide, if the effect is as seen; None: no use


@dataclass(frozen=True, slots=True)
class RankEstimate:
    """How far `current` is from `base`, by the order of five or more runs a side."""

    effect: float  # Hodges-Lehmann: the median of all differences of two runs, one of each side
    low: float  # two-sided 95 %, exact; -inf, inf: too few runs for a bound
    high: float
    level: float  # of confidence of (low, high): at least 0.95
