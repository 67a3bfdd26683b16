"""Histograms of durations: HdrHistogram's layout, sparse, immutable, mergeable.

Values are ns from 1 ns to 1 h, kept to 3 significant digits: a bucket is at most 0.1 % wide from
1 µs on. min, max, count and sum are exact. Knows nothing of metrics or time.

Source: the HdrHistogram layout (G. Tene) with lowestDiscernibleValue = 1, highestTrackableValue =
3.6e12 and 3 significant digits: 2,048 linear sub-buckets, then 1,024 for each doubling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

HIGHEST_NS: Final = 3_600_000_000_000  # one hour; longer values count as one hour, max stays exact
_HALF_BITS: Final = 10  # log2 of the sub-buckets a doubling has


def bucket_of(values_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of each value's bucket; values: (n,) int64 in 1 … HIGHEST_NS. O(n)."""
    # the exponent of the value in units of 2,048: exact, as 2**53 is far above HIGHEST_NS
    _, exponent = np.frexp(values_ns.astype(np.float64))
    shift = np.maximum(exponent.astype(np.int64) - (_HALF_BITS + 1), 0)
    return (shift << _HALF_BITS) + (values_ns >> shift)


def bucket_edges(indices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest and highest value (inclusive, ns) of each bucket; indices and results: (n,) int64."""
    shift = np.maximum((indices >> _HALF_BITS) - 1, 0)
    lowest = (indices - (shift << _HALF_BITS)) << shift
    return lowest, lowest + (np.int64(1) << shift) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of durations in buckets; `indices` is sorted and has no repeats."""

    indices: NDArray[np.int64]  # (n_buckets,)
    counts: NDArray[np.int64]  # (n_buckets,) all > 0
    count: int
    sum_ns: int
    min_ns: int
    max_ns: int

    @staticmethod
    def of(values_ns: Sequence[int] | NDArray[np.int64]) -> Histogram:
        """Count values; values: (n,) ns. Values below 1 ns count as 1 ns. O(n log n)."""
        values = np.asarray(values_ns, dtype=np.int64)
        count = int(values.size)
        if count == 0:
            return EMPTY
        lowest, highest = int(values.min()), int(values.max())
        inside = values if lowest >= 1 and highest <= HIGHEST_NS else values.clip(1, HIGHEST_NS)
        buckets = bucket_of(inside)
        buckets.sort()
        # what np.unique does, without its overhead: this runs for every cell at every flush
        is_first = np.empty(count, dtype=np.bool_)
        is_first[0] = True
        np.not_equal(buckets[1:], buckets[:-1], out=is_first[1:])
        starts = is_first.nonzero()[0]
        ends = np.empty_like(starts)
        ends[:-1] = starts[1:]
        ends[-1] = count
        return Histogram(buckets[starts], ends - starts, count, int(values.sum()), lowest, highest)

    @staticmethod
    def merge(histograms: Iterable[Histogram]) -> Histogram:
        """All of them in one: associative and commutative. O(n log n) in buckets."""
        parts = [histogram for histogram in histograms if histogram.count]
        if not parts:
            return EMPTY
        if len(parts) == 1:
            return parts[0]
        every = np.concatenate([part.indices for part in parts])
        indices, inverse = np.unique(every, return_inverse=True)
        counts = np.zeros(indices.size, dtype=np.int64)
        np.add.at(counts, inverse, np.concatenate([part.counts for part in parts]))
        return Histogram(
            indices,
            counts,
            sum(part.count for part in parts),
            sum(part.sum_ns for part in parts),
            min(part.min_ns for part in parts),
            max(part.max_ns for part in parts),
        )

    def quantile_ns(self, q: float) -> float:
        """The value that a share q (0–1) of the samples does not exceed, ns; NaN if empty.

        It is the sample of rank ⌈q·n⌉, as its bucket's middle, within 0.05 % from 1 µs on, and
        never outside of min … max.
        """
        if self.count == 0:
            return float("nan")
        # 1e-9: 0.95 * 20 must be rank 19, whatever binary fractions make of it
        rank = min(max(int(np.ceil(q * self.count - 1e-9)), 1), self.count)
        if rank == self.count:
            return float(self.max_ns)
        position = int(np.searchsorted(np.cumsum(self.counts), rank))
        lowest, highest = bucket_edges(self.indices[position : position + 1])
        middle = (int(lowest[0]) + int(highest[0])) / 2
        return float(min(max(middle, self.min_ns), self.max_ns))

    @property
    def mean_ns(self) -> float:
        """The exact mean, ns; NaN if empty."""
        return self.sum_ns / self.count if self.count else float("nan")


EMPTY: Final = Histogram(np.empty(0, np.int64), np.empty(0, np.int64), 0, 0, 0, 0)
