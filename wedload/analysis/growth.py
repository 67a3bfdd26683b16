"""What grows from low load to high, how much of it is whose, and how surely. Pure.

Slots are resampled within the low and the high level: what differs from slot to slot within a level
is what a difference between levels has to exceed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.analysis.levels import LEAST_TOLD, level_over
from wedload.analysis.stretches import Stretch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from wedload.analysis.course import Course, StepKey
    from wedload.analysis.levels import LevelSlots
    from wedload.analysis.split import PartKey, Split
    from wedload.analysis.stretches import Slots

_RESAMPLES: Final = 400
_SEED: Final = 1  # the same result has the same analysis
#: load in flight, high by low, below which levels are one load
LEAST_RANGE: Final = 1.3
#: a mean that has not grown by half is no bottleneck yet: an M/M/1 server has grown by that
#: at a third of its capacity
GREW_BY: Final = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """The lowest and the highest load that can be told apart, and what differs between them.

    Arrays have a place for each key of the split. Without a split they are empty.
    """

    low: LevelSlots
    high: LevelSlots
    low_mean_ms: float
    high_mean_ms: float
    surely_ms: float  # that the mean has grown by at least, at 97.5 %
    keys: tuple[PartKey, ...]
    low_ms: NDArray[np.float64]
    high_ms: NDArray[np.float64]
    low_resampled: NDArray[np.float64]  # (keys, resamples)
    high_resampled: NDArray[np.float64]
    low_work_ms: NDArray[np.float64]  # self times of a request

    @property
    def one_load(self) -> bool:
        """Whether there is but one load to look at."""
        return self.low is self.high

    def relevant(self, floor_ms: float) -> bool:
        """Whether the mean grew by half, by more than `floor_ms`, and surely at all."""
        grew = self.high_mean_ms - self.low_mean_ms
        by_half = self.high_mean_ms >= GREW_BY * self.low_mean_ms
        return not self.one_load and by_half and grew >= floor_ms and self.surely_ms > 0


def growth_of(
    course: Course,
    slots: Slots,
    levels: Sequence[LevelSlots],
    split: Split | None,
    steps: Collection[StepKey] | None,
) -> Growth | None:
    """Between the lowest and the highest load; None: there is no level, or nothing is told of any.

    With a split, as many of the outermost levels are taken together as it takes to have enough.
    """
    rows = np.empty(0, np.int64) if split is None else split.rows(steps)
    found = _outermost(course, slots, levels, split, rows)
    if found is None:
        return None
    low, high = found
    size = slots.begin_s.size
    random = np.random.default_rng(_SEED)
    drawn = [_resampled(one, size, random) for one in (low, high)]
    counts, totals = _sums(course, slots, steps)
    means = [_mean(counts, totals, one.weights(size)) for one in (low, high)]
    resampled = [_mean(counts, totals, one) for one in drawn]
    surely = float(np.quantile(resampled[1] - resampled[0], 0.025))
    nothing = np.empty(0)
    if split is None or not rows.size:
        parts = [nothing, nothing, nothing[:, None], nothing[:, None], nothing]
    else:
        weights = [one.weights(size) for one in (low, high)]
        parts = [
            *(split.means(one, rows).parts_ms for one in (*weights, *drawn)),
            split.work(weights[0], rows),
        ]
    return Growth(
        low, high, float(means[0]), float(means[1]), surely,
        () if split is None or not rows.size else split.keys, *parts,
    )  # fmt: skip


def _outermost(
    course: Course,
    slots: Slots,
    levels: Sequence[LevelSlots],
    split: Split | None,
    rows: NDArray[np.int64],
) -> tuple[LevelSlots, LevelSlots] | None:
    """The lowest load and the highest; the same one twice if there is but one load."""

    def gathered(ordered: Sequence[LevelSlots]) -> LevelSlots | None:
        taken: list[LevelSlots] = []
        for one in ordered:
            taken.append(one)
            places = tuple(at for each in taken for at in each.slots)
            if split is None or split.told_in(places, rows) >= LEAST_TOLD:
                break
        else:
            return None
        if len(taken) == 1:
            return taken[0]
        name = f"{taken[0].level.name} to {taken[-1].level.name}"
        holds = all(each.holds for each in taken)
        return level_over(course, slots, Stretch(name, tuple(sorted(places)), holds), split)

    low, high = gathered(levels), gathered(levels[::-1])
    if low is None or high is None:
        return None
    apart = not set(low.slots) & set(high.slots)
    if apart and high.level.in_flight >= LEAST_RANGE * low.level.in_flight:
        return low, high
    every = tuple(sorted(at for one in levels for at in one.slots))
    whole = level_over(course, slots, Stretch("all levels", every, holds=False), split)
    return None if whole is None else (whole, whole)


def _resampled(one: LevelSlots, size: int, random: np.random.Generator) -> NDArray[np.float64]:
    """How often each slot is in each resample; (slots, resamples)."""
    drawn = random.choice(np.array(one.slots), size=(_RESAMPLES, len(one.slots)))
    weights = np.zeros((size, _RESAMPLES))
    np.add.at(weights, (drawn, np.arange(_RESAMPLES)[:, None]), 1.0)
    return weights


def _sums(
    course: Course, slots: Slots, steps: Collection[StepKey] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Requests of the steps and what they took, by slot."""
    chosen = [one for key, one in course.steps.items() if steps is None or key in steps]
    nothing = np.zeros(course.seconds)
    count = sum((one.count for one in chosen), nothing)
    total = sum((one.total_ms for one in chosen), nothing)
    return slots.of_seconds(count), slots.of_seconds(total)


def _mean(
    counts: NDArray[np.float64], totals: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = counts @ weights
    return np.asarray((totals @ weights) / np.maximum(found, 1.0))
