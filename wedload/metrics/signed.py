"""Differences of durations, which may be below 0: two histograms, of each sign one. Mergeable.

Source: Masson, Rim and Lee, DDSketch, PVLDB 12 (2019), section 2.2, keep negative values likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram

#: what is behind the name of a metric of differences where it is recorded: cells of 0 and more …
ABOVE: Final = "+"
#: … and of how far the others are below 0
BELOW: Final = "-"
#: all such cells
PARTS: Final = frozenset(
    one.name + sign for one in METRICS.values() if one.of == "difference" for sign in (ABOVE, BELOW)
)


@dataclass(frozen=True, slots=True, eq=False)
class Signed:
    """Differences, ns; asked as a `Histogram` is."""

    below: Histogram  # how far below 0
    above: Histogram  # 0 and more

    @property
    def count(self) -> int:
        """Of both."""
        return self.below.count + self.above.count

    @property
    def mean_ns(self) -> float:
        """The exact mean, ns; NaN if empty."""
        if not self.count:
            return float("nan")
        return (self.above.sum_ns - self.below.sum_ns) / self.count

    @property
    def min_ns(self) -> int:
        """The lowest; 0 if empty."""
        return -self.below.max_ns if self.below.count else self.above.min_ns

    @property
    def max_ns(self) -> int:
        """The highest; 0 if empty."""
        return self.above.max_ns if self.above.count else -self.below.min_ns

    def quantile_ns(self, q: float) -> float:
        """The value that a share q (0–1) of the differences does not exceed, ns; NaN if empty.

        It is the one of rank ⌈q·n⌉ from the lowest on, as precise as a histogram's.
        """
        if not self.count:
            return float("nan")
        rank = min(max(int(np.ceil(q * self.count - 1e-9)), 1), self.count)
        under = self.below.count
        if rank > under:
            return self.above.quantile_ns((rank - under) / self.above.count)
        if rank == 1:
            return float(self.min_ns)
        return -self.below.quantile_ns((under - rank + 1) / under)
