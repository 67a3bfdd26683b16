"""The last seconds of something that is measured, merged: a window that slides over a run.

Each second that comes in takes out the oldest, at the cost of two histograms whatever the window's
length; so a window is always what merging its seconds anew would be. Memory is a few bytes a bucket
and second of the window.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_of
from wedload.metrics.packing import pack, unpack
from wedload.metrics.summary import RateCount

if TYPE_CHECKING:
    from wedload.metrics.packing import Packed

_BUCKETS: Final = int(bucket_of(np.array([HIGHEST_NS]))[0]) + 1


class _Kept(NamedTuple):
    """A second of the window, small; the figures that the window's extremes are found from."""

    packed: Packed
    min_ns: int
    max_ns: int
    lowest: int  # bucket
    highest: int


class TrendWindow:
    """A trend over its last `length` seconds, or over all of them (None)."""

    def __init__(self, length: int | None) -> None:
        self._length = length
        self._kept: deque[_Kept | None] = deque()  # None: nothing was sampled
        self._all = EMPTY  # without a length
        self._every = np.zeros(_BUCKETS if length is not None else 0, np.int64)
        self._count = 0
        self._sum_ns = 0

    def add(self, second: Histogram) -> None:
        """One more second, which is over."""
        if self._length is None:
            self._all = Histogram.merge([self._all, second])
            return
        if not second.count:
            self._kept.append(None)
        else:
            self._every[second.indices] += second.counts  # no index twice
            self._count += second.count
            self._sum_ns += second.sum_ns
            ends = int(second.indices[0]), int(second.indices[-1])
            self._kept.append(_Kept(pack([second]), second.min_ns, second.max_ns, *ends))
        if len(self._kept) > self._length and (gone := self._kept.popleft()) is not None:
            (oldest,) = unpack(gone.packed)
            self._every[oldest.indices] -= oldest.counts
            self._count -= oldest.count
            self._sum_ns -= oldest.sum_ns

    @property
    def whole(self) -> Histogram:
        """All of it in one."""
        if self._length is None or not self._count:
            return self._all
        parts = [one for one in self._kept if one is not None]
        lowest = min(one.lowest for one in parts)
        every = self._every[lowest : max(one.highest for one in parts) + 1]
        indices = every.nonzero()[0]
        return Histogram(
            indices + lowest, every[indices], self._count, self._sum_ns,
            min(one.min_ns for one in parts), max(one.max_ns for one in parts),
        )  # fmt: skip


class RateWindow:
    """A rate over its last `length` seconds, or over all of them (None)."""

    def __init__(self, length: int | None) -> None:
        self._length = length
        self._kept: deque[RateCount] = deque()
        self._yes = self._total = 0

    def add(self, second: RateCount) -> None:
        """One more second, which is over."""
        self._yes += second.yes
        self._total += second.total
        if self._length is None:
            return
        self._kept.append(second)
        if len(self._kept) > self._length:
            gone = self._kept.popleft()
            self._yes -= gone.yes
            self._total -= gone.total

    @property
    def whole(self) -> RateCount:
        """All of it in one."""
        return RateCount(self._yes, self._total)


class CountWindow:
    """A counter over its last `length` seconds, or over all of them (None)."""

    def __init__(self, length: int | None) -> None:
        self._rate = RateWindow(length)

    def add(self, second: int) -> None:
        """One more second, which is over."""
        self._rate.add(RateCount(second, second))

    @property
    def whole(self) -> int:
        """All of it in one."""
        return self._rate.whole.total
