"""Levels of load, measured: rate, durations, requests under way, failures, and whose time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.results.analysis_model import Level, ServicePart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.analysis.course import Course
    from wedload.analysis.split import Split
    from wedload.analysis.stretches import Slots, Stretch

#: requests that a level needs: a mean of fewer moves by a fifth and more from one run to the next,
#: as durations vary about as much as their mean
LEAST_REQUESTS: Final = 30
#: traces, or responses that tell, that a level's split needs: as above
LEAST_TOLD: Final = 30
#: parts below this share are left out of a level's list: nobody looks for them
_LEAST_SHARE: Final = 0.001
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class LevelSlots:
    """A level, and the slots that it is of."""

    level: Level
    slots: tuple[int, ...]
    holds: bool

    def weights(self, size: int) -> NDArray[np.float64]:
        """1 for each of its slots, of `size`."""
        found = np.zeros(size)
        found[list(self.slots)] = 1.0
        return found


def levels_of(
    course: Course, slots: Slots, stretches: Sequence[Stretch], split: Split | None
) -> list[LevelSlots]:
    """Levels with requests enough, lowest load first."""
    found = [level_over(course, slots, one, split) for one in stretches]
    made = [one for one in found if one is not None]
    return sorted(made, key=lambda one: one.level.in_flight)


def level_over(
    course: Course, slots: Slots, stretch: Stretch, split: Split | None
) -> LevelSlots | None:
    """What was measured over a stretch; None: too few requests to say."""
    chosen = list(stretch.slots)
    of_second = slots.slot_of(course.seconds)
    inside = np.isin(of_second, chosen)
    count = sum(float(one.count[inside].sum()) for one in course.steps.values())
    if count < LEAST_REQUESTS:
        return None
    total_ms = sum(float(one.total_ms[inside].sum()) for one in course.steps.values())
    failed = sum(float(one.failed[inside].sum()) for one in course.steps.values())
    length_s = len(chosen) * slots.length_s
    services, told = ([], 0) if split is None else _services(split, chosen)
    level = Level(
        name=stretch.name,
        begin_s=round(float(slots.begin_s[chosen[0]]), 3),
        seconds=round(length_s, 3),
        vus=round(float(course.vus[inside].mean()), 2),
        in_flight=round(total_ms / 1000 / length_s, _DIGITS),
        requests=int(count),
        rate_per_s=round(count / length_s, _DIGITS),
        mean_ms=round(total_ms / count, _DIGITS),
        p95_ms=_rounded(course.p95_ms(np.flatnonzero(inside).tolist())),
        failed_ratio=round(failed / count, 6),
        traces=told,
        services=services,
    )
    return LevelSlots(level, stretch.slots, stretch.holds)


def _services(split: Split, chosen: Sequence[int]) -> tuple[list[ServicePart], int]:
    rows = split.rows(None)
    told = split.told_in(chosen, rows)
    if told < LEAST_TOLD:
        return [], told
    weights = np.zeros(split.told.shape[1])
    weights[list(chosen)] = 1.0
    parts = split.means(weights, rows)
    whole = float(parts.parts_ms.sum())  # parts can be more than the mean, by chance
    found = [
        ServicePart(
            service=key.service,
            operation=key.operation,
            self_ms=round(ms, _DIGITS),
            share=round(ms / whole, 6),
        )
        for key, ms in zip(split.keys, parts.parts_ms.tolist(), strict=True)
        if whole and ms / whole >= _LEAST_SHARE
    ]
    return sorted(found, key=lambda one: -one.self_ms), told


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
