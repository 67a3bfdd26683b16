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
HALF_BITS: Final = 10  # log2 of the sub-buckets a doubling has
COARSE_HALF_BITS: Final = 7  # the same with 2 significant digits: a bucket is at most 0.8 % wide
_FLOAT_EXPONENT_AT: Final = 52  # IEEE 754 binary64: exponent above 52 bits of fraction
_FLOAT_BIAS: Final = 1023


def bucket_of(values_ns: NDArray[np.int64], half_bits: int = HALF_BITS) -> NDArray[np.int64]:
    """Index of each value's bucket; values: (n,) int64 in 1 … HIGHEST_NS. O(n)."""
    # the exponent of each value as a float64 has it in its bits: exact, as 2**53 is far above
    # HIGHEST_NS; what np.frexp would say, at a tenth of its cost
    shift = values_ns.astype(np.float64).view(np.int64)
    shift >>= _FLOAT_EXPONENT_AT
    shift -= _FLOAT_BIAS + half_bits
    np.maximum(shift, 0, out=shift)
    buckets = values_ns >> shift
    shift <<= half_bits
    buckets += shift
    return buckets


def bucket_edges(
    indices: NDArray[np.int64], half_bits: int = HALF_BITS
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest and highest value (inclusive, ns) of each bucket; indices and results: (n,) int64."""
    shift = np.maximum((indices >> half_bits) - 1, 0)
    lowest = (indices - (shift << half_bits)) << shift
    return lowest, lowest + (np.int64(1) << shift) - 1


def coarse_index(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the wider bucket (2 significant digits) that holds each bucket; (n,) int64."""
    lowest, _ = bucket_edges(indices)
    return bucket_of(lowest, COARSE_HALF_BITS)


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
        return histograms_of(values, [values.size])[0] if values.size else EMPTY

    @staticmethod
    def merge(histograms: Iterable[Histogram]) -> Histogram:
        """All of them in one: associative and commutative. O(buckets, empty ones included)."""
        parts = [histogram for histogram in histograms if histogram.count]
        if not parts:
            return EMPTY
        if len(parts) == 1:
            return parts[0]
        # one counter for each bucket from the lowest to the highest: at most 34,000
        lowest = min(int(part.indices[0]) for part in parts)
        highest = max(int(part.indices[-1]) for part in parts)
        every = np.zeros(highest - lowest + 1, dtype=np.int64)
        for part in parts:
            every[part.indices - lowest] += part.counts  # a part has no index twice
        indices = every.nonzero()[0]
        return Histogram(
            indices + lowest,
            every[indices],
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

    def above(self, limit_ns: int) -> int:
        """How many samples are above a limit; those in its own bucket are not."""
        lowest, _ = bucket_edges(self.indices)
        return int(self.counts[lowest > limit_ns].sum())

    def coarse(self) -> Histogram:
        """The same samples to 2 significant digits, each in the middle of its wider bucket.

        A wider bucket is made of whole buckets, so nothing moves into another one by doing this
        before or after merging. It has a fraction of the buckets; count, sum, min and max stay.
        """
        if not self.count:
            return self
        wide = coarse_index(self.indices)
        first = np.flatnonzero(np.diff(wide, prepend=-1))
        lowest, highest = bucket_edges(wide[first], COARSE_HALF_BITS)
        return Histogram(
            bucket_of((lowest + highest) // 2),
            np.add.reduceat(self.counts, first),
            self.count, self.sum_ns, self.min_ns, self.max_ns,
        )  # fmt: skip

    @property
    def mean_ns(self) -> float:
        """The exact mean, ns; NaN if empty."""
        return self.sum_ns / self.count if self.count else float("nan")


EMPTY: Final = Histogram(np.empty(0, np.int64), np.empty(0, np.int64), 0, 0, 0, 0)

_BUCKET_BITS: Final = 16  # hold every bucket's index


def histograms_of(values_ns: NDArray[np.int64], sizes: Sequence[int]) -> list[Histogram]:
    """Count groups of values that follow each other, all at once; sizes: (groups,) all > 0.

    values: (sum of sizes,) ns. One pass over all values costs a fraction of one for each group,
    and a load process does it four times a second, with its load waiting. O(n log n).
    """
    lengths = np.array(sizes, dtype=np.int64)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    sums = np.add.reduceat(values_ns, starts).tolist()
    lowest = np.minimum.reduceat(values_ns, starts).tolist()
    highest = np.maximum.reduceat(values_ns, starts).tolist()
    if min(lowest) < 1 or max(highest) > HIGHEST_NS:
        values_ns = values_ns.clip(1, HIGHEST_NS)
    # a group's number above each bucket's index: sorting keeps the groups apart
    keys = bucket_of(values_ns)
    keys += np.repeat(np.arange(len(sizes)) << _BUCKET_BITS, lengths)
    keys.sort()
    is_first = np.empty(keys.size, dtype=np.bool_)
    is_first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    places = is_first.nonzero()[0]
    indices = keys[places] & ((1 << _BUCKET_BITS) - 1)
    counts = np.empty_like(places)
    counts[:-1] = places[1:] - places[:-1]
    counts[-1] = keys.size - places[-1]
    cuts = [0, *np.searchsorted(places, ends).tolist()]
    return [
        Histogram(indices[cuts[n] : cuts[n + 1]], counts[cuts[n] : cuts[n + 1]], *figures)
        for n, figures in enumerate(zip(sizes, sums, lowest, highest, strict=True))
    ]
