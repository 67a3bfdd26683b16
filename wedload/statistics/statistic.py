"""One side of a comparison – a run or several – and the difference of two; knows no metric.

What a quantile, a share, … tells about its side is a `Statistic`: its value, what each second adds
to its error, and its value in any resample. From that: how far it can be off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.blocks import (
    NEEDED_BLOCKS,
    Strata,
    block_variance,
    centred,
    coarser_excess,
    dependence_s,
    lost_share,
)
from wedload.statistics.model import Estimate, TooShort
from wedload.statistics.resample import RESAMPLES, resample
from wedload.statistics.separation import separation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_FEW_DEGREES: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Statistic:
    """What a statistic tells about the runs of one side."""

    value: float  # as reported: ns, share, per second
    effect: float  # the same on the scale on which sides are subtracted
    by_run: tuple[float, ...]  # of each run alone, on that scale
    influence: NDArray[np.float64]  # (seconds,) what each adds to the error, any scale
    strata: Strata  # of all runs, one after the other
    replicate: Callable[[NDArray[np.float32]], NDArray[np.float64]]
    """(resamples, seconds) weights to (resamples,) values on the scale of `effect`."""
    also_alike: tuple[NDArray[np.float64], ...] = ()
    """Influences that show the same dependence with less noise: blocks suit them too."""
    least_variance: float = 0.0
    """Of `effect`, where the seconds do not vary and yet prove little."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a side's effect can be off."""

    variance: float
    degrees: float
    blocks: int
    block_s: int

    @property
    def suffices(self) -> bool:
        """Whether there are blocks enough to say so."""
        return self.blocks >= NEEDED_BLOCKS


def spread_of(side: Statistic, seed: int, resamples: int = RESAMPLES) -> Spread:
    """How far a side's effect can be off, by what its seconds vary; no resamples if too short.

    Blocks are as long as 20 of them allow, and longer if the dependence asks for it: variances
    from fewer and longer blocks are less precise, which Student's t accounts for, but are less
    often too small, which nothing accounts for (Lazarus, Lewis, Stock & Watson 2018).
    """
    strata = side.strata
    influence = centred(side.influence, strata)
    block_s = max(
        1,
        strata.longest_block(NEEDED_BLOCKS - 1),
        *(dependence_s(centred(series, strata), strata)
          for series in (side.influence, *side.also_alike)),
    )  # fmt: skip
    degrees = strata.degrees(block_s)
    blocks = int(degrees + 1e-9) + 1
    if blocks < NEEDED_BLOCKS or block_variance(influence, strata, block_s) <= 0:
        return Spread(side.least_variance, max(degrees, 1.0), blocks, block_s)
    values = side.replicate(resample(strata, block_s, seed, resamples))
    values = values[np.isfinite(values)]  # a resample without a single sample has no value
    variance = float(np.var(values, ddof=1)) if values.size > 1 else 0.0
    factor = lost_share(influence, strata, block_s) * coarser_excess(influence, strata, block_s)
    return Spread(max(variance * factor, side.least_variance), degrees, blocks, block_s)


def difference(
    base: Statistic, current: Statistic, *, seed: int, resamples: int = RESAMPLES
) -> Estimate | TooShort:
    """How far `current` is from `base`, the effect being `current.effect - base.effect`."""
    effect = current.effect - base.effect
    spreads = spread_of(base, seed, resamples), spread_of(current, seed + 1, resamples)
    blocks = min(spread.blocks for spread in spreads)
    block_s = max(spread.block_s for spread in spreads)
    apart = separation(base, current, block_s)
    if not all(spread.suffices for spread in spreads):
        return TooShort(base.value, current.value, effect, blocks, NEEDED_BLOCKS, block_s, apart)
    variance, degrees = with_runs(spreads, (base, current))
    return Estimate(
        base.value, current.value, effect, variance**0.5, degrees, blocks, block_s, apart=apart
    )


def combined(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Sum of (variance, degrees) of independent parts. Source: Welch, Biometrika 34 (1947)."""
    variance = sum(part for part, _ in parts)
    if variance <= 0:
        return 0.0, min(degrees for _, degrees in parts)
    return variance, variance**2 / sum(part**2 / degrees for part, degrees in parts)


def with_runs(spreads: Sequence[Spread], sides: Sequence[Statistic]) -> tuple[float, float]:
    """Variance and degrees of a difference of sides, with what runs of a side differ by.

    A run is a draw from all runs that could have been: machines, caches and neighbours differ by
    run and not by second. Two to four runs are too few for a bootstrap over runs, which
    understates the variance by (k - 1)/k and knows but a handful of resamples. So it is one-way
    analysis of variance: the variance s2 among runs of a side, pooled over both sides, holds both
    kinds of variation, and s2 (1/k + 1/m) is the variance of the difference. It is one estimate,
    with as many degrees of freedom as runs less sides: taken apart by side it would be counted
    twice. If it is less than what the seconds say, the seconds count. With under four degrees s2
    is too often small by luck, so the two are added, which is too much on average. One run a side
    knows nothing of runs: there, only the seconds count.
    """
    within = combined([(spread.variance, spread.degrees) for spread in spreads])
    deviations = [np.array(side.by_run) - np.mean(side.by_run) for side in sides]
    degrees = sum(part.size - 1 for part in deviations)
    if degrees == 0:
        return within
    pooled = float(sum(part @ part for part in deviations)) / degrees
    among = pooled * sum(1 / part.size for part in deviations), float(degrees)
    if degrees < _FEW_DEGREES:
        return combined((within, among))
    return max(within, among)


def end_to_end(stages: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Stages of several runs, numbered so that no two runs share one."""
    numbered, first = [], 0
    for part in stages:
        numbered.append(part - part.min(initial=0) + first)
        first += int(np.ptp(part)) + 1 if part.size else 0
    return np.concatenate(numbered)
