"""Classic buckets: how many samples of a histogram are at most each of a few bounds. Pure.

The bounds are the same in every run, so that series of several can be added up and compared. They
are narrow where people wait, from 50 ms to 3 s: there a quantile that Prometheus makes of them is
within a third of the true one, mostly much nearer. A sample is in the bucket whose bound it does
not exceed, but for those within 0.1 % above it, which a `Histogram` cannot tell apart.

Source: https://prometheus.io/docs/practices/histograms/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics.histogram import bucket_edges
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.export.model import FamilyUnit
    from wedload.metrics.histogram import Histogram

#: seconds; above the last there is only +Inf
SECONDS: Final = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3,
    0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip
#: of what is counted: rows of an answer, attempts of an operation
NUMBERS: Final = (
    1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 1e5,
    1e6,
)  # fmt: skip


def bounds_of(unit: FamilyUnit) -> tuple[float, ...]:
    """Upper bounds of the buckets of a family, in its unit; +Inf is not among them."""
    return SECONDS if unit == "seconds" else NUMBERS


def per_unit(unit: FamilyUnit) -> int:
    """How much of what a histogram holds is one of its family's unit: a second is so many ns."""
    return NS_PER_S if unit == "seconds" else 1


def cumulative(histogram: Histogram, bounds: Sequence[float], per: int = NS_PER_S) -> list[int]:
    """How many samples are at most each bound; `per` of what it holds are one of the bounds' unit.

    Bounds rise; what is above the last is in `histogram.count` alone. O(buckets).
    """
    lowest, _ = bucket_edges(histogram.indices)
    ends = np.searchsorted(lowest, np.rint(np.multiply(bounds, per)), side="right")
    sums = np.concatenate([[0], np.cumsum(histogram.counts)])
    return [int(count) for count in sums[ends]]


def le(bound: float) -> str:
    """What the label `le` says of a bound, however its bucket is sent."""
    return repr(float(bound))
