"""Something that was measured, by second of one run: what uncertainty is estimated from.

Requests that follow each other are alike, so they are never taken as independent; seconds are
resampled in blocks instead. `stages` says which stretch of the schedule each second belongs to: the
load differs between them by design, so a block never crosses from one into another, and a resample
holds as many seconds of each as the run had.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class TrendBySecond:
    """A trend's histograms."""

    counts: NDArray[np.int64]  # (seconds, buckets)
    lows_ns: NDArray[np.int64]  # (buckets,) lowest value of each, ascending
    highs_ns: NDArray[np.int64]  # (buckets,) highest value, inclusive
    stages: NDArray[np.int64]  # (seconds,) ascending numbers

    def sampled(self) -> TrendBySecond:
        """Its seconds with a sample: the others say nothing, and make blocks of nothing."""
        there = self.counts.any(axis=1)
        return replace(self, counts=self.counts[there], stages=self.stages[there])


@dataclass(frozen=True, slots=True, eq=False)
class ShareBySecond:
    """A rate: how many of how many."""

    yes: NDArray[np.int64]  # (seconds,)
    total: NDArray[np.int64]  # (seconds,)
    stages: NDArray[np.int64]  # (seconds,)

    def sampled(self) -> ShareBySecond:
        """Its seconds with a case."""
        there = self.total > 0
        return ShareBySecond(self.yes[there], self.total[there], self.stages[there])


@dataclass(frozen=True, slots=True, eq=False)
class CountBySecond:
    """A counter."""

    counts: NDArray[np.int64]  # (seconds,)
    stages: NDArray[np.int64]  # (seconds,)
