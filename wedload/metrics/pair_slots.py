"""What the two ways of steps differ by, in slots of a quarter second: sums, which are exact.

A load process hands over its samples four times a second. A mean needs no more of each stretch than
sum and number, so that it can be told how sure it is after seconds; quantiles need histograms,
which are kept by second (`wedload.metrics.timeline`). From a recording a slot is a second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics.signed import BELOW, PARTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from wedload.metrics.snapshot import Snapshot

Slot = tuple[int, int]  # second of the load, and which part of it


@dataclass(frozen=True, slots=True, eq=False)
class SlotSums:
    """Differences by slot, in order of time; slots without any are left out."""

    sums_ns: NDArray[np.float64]  # (slots,)
    counts: NDArray[np.float64]  # (slots,)
    seconds: NDArray[np.int64]  # (slots,) in which each is

    def at_most(self, slots: int) -> SlotSums:
        """The same in seconds, if there are more slots: resamples of an hour take 100 MB else."""
        if len(self.seconds) <= slots:
            return self
        seconds, places = np.unique(self.seconds, return_inverse=True)
        sums, counts = np.zeros(len(seconds)), np.zeros(len(seconds))
        np.add.at(sums, places, self.sums_ns)
        np.add.at(counts, places, self.counts)
        return SlotSums(sums, counts, seconds)


@dataclass(slots=True)
class PairSlots:
    """Differences by series and slot, of all load processes."""

    #: series -> slot -> sum in ns, and number
    _sums: dict[int, dict[Slot, list[int]]] = field(default_factory=dict)
    _second: dict[int, int] = field(default_factory=dict)  # load process -> its newest …
    _parts: Counter[int] = field(default_factory=Counter)  # … and its parts so far

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; those of one load process come in order."""
        worker, second = snapshot.worker, snapshot.second
        if second < 0:
            return
        if self._second.get(worker) != second:
            self._second[worker], self._parts[worker] = second, 0
        slot = second, self._parts[worker]
        self._parts[worker] += 1
        for key, histogram in snapshot.trends.items():
            if key.metric in PARTS and histogram.count:
                found = self._sums.setdefault(key.series, {}).setdefault(slot, [0, 0])
                found[0] += -histogram.sum_ns if key.metric.endswith(BELOW) else histogram.sum_ns
                found[1] += histogram.count

    def of(self, series: Collection[int]) -> SlotSums:
        """The differences of some series together."""
        merged: dict[Slot, list[int]] = {}
        for number in series:
            for slot, (sum_ns, count) in self._sums.get(number, {}).items():
                found = merged.setdefault(slot, [0, 0])
                found[0] += sum_ns
                found[1] += count
        ordered = sorted(merged.items())
        return SlotSums(
            np.array([one[0] for _, one in ordered], np.float64),
            np.array([one[1] for _, one in ordered], np.float64),
            np.array([second for (second, _), _ in ordered], np.int64),
        )
