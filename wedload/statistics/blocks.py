"""How long the stretches of a run are that may be taken as independent; knows no metric.

What follows each other within a run is alike, and a resample must keep it together. Here is how
long the blocks must be for that, how many there are, and how uncertain a sum over the run is if
one goes by blocks of a given length. Everything is about an *influence series*: what each second
adds to the error of a statistic, to first order. It is centred within each stage, because stages
differ by design.

Source: Politis & White, Econometric Reviews 23 (2004), 53-70, with the correction of Patton,
Politis & White, ibid. 28 (2009), 372-375, for circular blocks. Blocks longer than that rule's,
and fewer degrees of freedom, for tests: Sun, Phillips & Jin, Econometrica 76 (2008), 175-194;
Lazarus, Lewis, Stock & Watson, J. Business & Economic Statistics 36 (2018), 541-559.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDED_BLOCKS: Final = 20
_COARSER: Final = (5.0, 2.0)  # degrees that are left to single stages cut into 6 and into 3


@dataclass(frozen=True, slots=True)
class Strata:
    """The stretches within which blocks lie: the stages of a run, or of several, in order."""

    sizes: tuple[int, ...]  # seconds
    starts: tuple[int, ...]  # place of the first second of each

    @property
    def seconds(self) -> int:
        """Of all of them."""
        return sum(self.sizes)

    def degrees(self, block_s: float) -> float:
        """Blocks of that length, less one for the mean of each stratum that is longer."""
        return sum(max(size / block_s - 1, 0.0) for size in self.sizes)

    def longest_block(self, degrees: float) -> int:
        """The longest block, in s, that leaves so many degrees of freedom; 0: none does."""
        low, high = 0, max(self.sizes, default=0)
        while low < high:
            middle = (low + high + 1) // 2
            if self.degrees(middle) >= degrees:
                low = middle
            else:
                high = middle - 1
        return low


def strata_of(stages: NDArray[np.int64]) -> Strata:
    """Where the number of the stage changes, another stratum begins. `stages`: (seconds,)."""
    edges = np.flatnonzero(np.diff(stages)) + 1
    starts = [0, *edges.tolist()] if stages.size else []
    sizes = np.diff([*starts, stages.size])
    return Strata(tuple(int(size) for size in sizes), tuple(starts))


def centred(influence: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """The series less its mean in each stratum; exactly zero where it is constant."""
    parts = []
    for start, size in zip(strata.starts, strata.sizes, strict=True):
        part = influence[start : start + size]
        parts.append(np.zeros(size) if np.ptp(part) == 0 else part - part.mean())
    return np.concatenate(parts) if parts else influence


def dependence_s(influence: NDArray[np.float64], strata: Strata) -> int:
    """Length of blocks, in s, that estimate the variance of a sum best: 1 if nothing is alike.

    Where seconds that follow each other are rather unlike, the rule asks for long blocks too, lest
    the variance be too large. That only makes claims more careful, and is 1 here: long blocks would
    cost the short runs their answer.

    Args:
        influence: (seconds,) centred within each stratum.
        strata: pairs of seconds are taken from one stratum only.

    Source: Politis & White 2004, section 3 and footnote c; Patton, Politis & White 2009: for
    circular blocks D = 4/3 g(0)^2, and no block is longer than min(3 sqrt(n), n/3).
    """
    n = strata.seconds
    cap = math.ceil(min(3 * math.sqrt(n), n / 3))
    quiet = max(5, math.ceil(math.sqrt(math.log10(max(n, 2)))))  # lags in a row that say: over
    lags = min(math.ceil(math.sqrt(n)) + quiet, n - 1)
    covariances = _autocovariances(influence, strata, lags)
    if cap < 1 or covariances[0] <= 0:
        return 1
    band = 2 * math.sqrt(math.log10(n) / n)
    last = _last_significant(np.abs(covariances[1:]) / covariances[0] >= band, quiet)
    window = min(2 * max(last, 1), lags)
    lag = np.arange(1, window + 1)
    taper = np.minimum(1.0, 2 * (1 - lag / window))  # flat to the middle, then down to 0
    weighted = taper * covariances[1 : window + 1]
    slope = 2 * float(weighted @ lag)
    long_run = float(covariances[0] + 2 * weighted.sum())
    if slope <= 0:
        return 1
    if long_run <= 0:
        return cap
    best = math.cbrt(1.5 * (slope / long_run) ** 2 * n)
    return min(cap, max(1, math.ceil(best - 1e-9)))


def _last_significant(significant: NDArray[np.bool_], quiet: int) -> int:
    """The lag after which `quiet` ones in a row are not significant; 0: from the first on."""
    run = 0
    for place, yes in enumerate(significant.tolist()):
        run = 0 if yes else run + 1
        if run == quiet:
            return place + 1 - quiet
    hits = np.flatnonzero(significant)
    return int(hits[-1]) + 1 if hits.size else 0


def _autocovariances(
    influence: NDArray[np.float64], strata: Strata, lags: int
) -> NDArray[np.float64]:
    """At lags 0 to `lags`, of pairs within strata, each sum divided by the number of seconds."""
    sums = np.zeros(max(lags, 0) + 1)
    for start, size in zip(strata.starts, strata.sizes, strict=True):
        part = influence[start : start + size]
        for lag in range(min(lags, size - 1) + 1):
            sums[lag] += part[: size - lag] @ part[lag:]
    return sums / max(strata.seconds, 1)


def block_variance(influence: NDArray[np.float64], strata: Strata, block_s: int) -> float:
    """Variance of the sum over a run, going by circular blocks of `block_s` s within strata.

    Each stratum's blocks vary around the stratum's own mean, which costs the share `block/size` of
    its variance; a stratum no longer than a block shows none. What is lost is made up for in
    proportion to what the strata's seconds vary by.
    """
    return sum(
        size / block_s * _mean_square_of_blocks(influence[start : start + size], block_s)
        for start, size in zip(strata.starts, strata.sizes, strict=True)
        if size > block_s
    ) * lost_share(influence, strata, block_s)  # fmt: skip


def lost_share(influence: NDArray[np.float64], strata: Strata, block_s: int) -> float:
    """Factor by which blocks of that length understate the variance: 1 or more."""
    whole = kept = 0.0
    for start, size in zip(strata.starts, strata.sizes, strict=True):
        part = influence[start : start + size]
        energy = float(part @ part)
        whole += energy
        kept += energy * max(1 - block_s / size, 0.0)
    return whole / kept if kept > 0 else 1.0


def _mean_square_of_blocks(part: NDArray[np.float64], block_s: int) -> float:
    """Of the sums over all circular blocks of one stratum."""
    sums = np.cumsum(np.concatenate(([0.0], part, part[: block_s - 1])))
    return float(np.mean((sums[block_s:] - sums[:-block_s]) ** 2))


def coarser_excess(influence: NDArray[np.float64], strata: Strata, block_s: int) -> float:
    """How many times the variance is if one goes by longer blocks, if that is more; else 1.

    A drift that is slow against the blocks hides between them, and the autocorrelation of a short
    run cannot prove it. So thirds and sixths of the run are asked too; the largest answer counts.
    """
    own = block_variance(influence, strata, block_s)
    if own <= 0:
        return 1.0
    lengths = {max(block_s, strata.longest_block(degrees)) for degrees in _COARSER}
    return max(
        1.0, *(block_variance(influence, strata, length) / own for length in lengths - {block_s})
    ) if lengths - {block_s} else 1.0  # fmt: skip
