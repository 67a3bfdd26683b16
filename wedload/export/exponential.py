"""Exponential buckets: what a histogram becomes where buckets grow by the same factor. Pure.

A bucket i of a schema s holds what is above base^(i-1) and at most base^i, with base = 2^(2^-s): a
schema one lower has buckets that are made of two. The finest is 8, in which a bucket is 0.27 %
wide; those of a `Histogram` are at most 0.1 %, so each is counted where its middle is.

Sources: Prometheus' native histograms, https://prometheus.io/docs/specs/native_histograms/;
OpenTelemetry's data model, "ExponentialHistogram", whose scale is the same and whose bucket i is
number i + 1 here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics.histogram import bucket_edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.metrics.histogram import Histogram

FINEST: Final = 8
#: Source: Prometheus' native histograms, "Schema"
COARSEST: Final = -4
#: occupied, or in a row: 4 doublings in the finest schema, 16 in one whose buckets are 1.1 % wide
MOST_BUCKETS: Final = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Exponential:
    """Counts in exponential buckets; `indices` is sorted and has no repeats."""

    schema: int
    indices: NDArray[np.int64]  # (n_buckets,)
    counts: NDArray[np.int64]  # (n_buckets,) all > 0

    @property
    def span(self) -> int:
        """How many buckets there are from the lowest to the highest."""
        return int(self.indices[-1] - self.indices[0]) + 1 if self.indices.size else 0


def exponential(
    histogram: Histogram, per: int, most: int = MOST_BUCKETS, *, gapless: bool = False
) -> Exponential:
    """In the finest schema that has at most `most` buckets; `gapless`: empty ones between count.

    `per` of what it holds are one of the unit that the buckets are in. What is added to a histogram
    never makes its schema finer. O(buckets).
    """
    if not histogram.count:
        return Exponential(FINEST, histogram.indices, histogram.counts)
    lowest, highest = bucket_edges(histogram.indices)
    indices = np.ceil(np.log2((lowest + highest) / (2 * per)) * 2**FINEST).astype(np.int64)
    schema, counts = FINEST, histogram.counts
    while True:
        first = np.flatnonzero(np.diff(indices, prepend=indices[0] - 1))
        indices, counts = indices[first], np.add.reduceat(counts, first)
        found = Exponential(schema, indices, counts)
        if (found.span if gapless else indices.size) <= most or schema == COARSEST:
            return found
        schema -= 1
        indices = ((indices - 1) >> 1) + 1
