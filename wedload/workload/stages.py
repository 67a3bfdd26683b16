"""The schedule of virtual users: pure arithmetic on stages, in ns from the scenario's start.

Between a stage's ends the asked number of virtual users is linear. Going up, the number becomes v
when the line reaches v (rounded down); going down, likewise (rounded up). A stage of no length
jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.units import NS_PER_S
from wedload.workload.segment import WHOLE, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the schedule, resolved: `name` is unique in its scenario."""

    name: str
    duration_ns: int
    target: int


@dataclass(frozen=True, slots=True)
class VuChange:
    """At `at_ns` the virtual user `vu` (from 0) starts or stops."""

    at_ns: int
    vu: int
    start: bool


def total_ns(stages: Sequence[Stage]) -> int:
    """Length of all stages together."""
    return sum(stage.duration_ns for stage in stages)


def asked_vus(start_vus: int, stages: Sequence[Stage], at_ns: int) -> int:
    """Virtual users asked for at an instant; after the last stage, its target. O(stages)."""
    level, begin_ns = start_vus, 0
    for stage in stages:
        end_ns = begin_ns + stage.duration_ns
        if at_ns < end_ns:
            climbed = (stage.target - level) * (at_ns - begin_ns)
            # integer division that rounds towards the stage's beginning, up or down
            whole = abs(climbed) // stage.duration_ns
            return level + (whole if climbed >= 0 else -whole)
        level, begin_ns = stage.target, end_ns
    return level


def vu_changes(
    start_vus: int, stages: Sequence[Stage], segment: Segment = WHOLE
) -> Iterator[VuChange]:
    """Every start and stop of a segment's virtual users, in order of time.

    The integer v is reached at `stage_end - D*(to - v)/(to - from)`. Going down, the highest
    number stops first. O(changes), lazily.
    """
    for vu in range(start_vus):
        if segment.owns(vu):
            yield VuChange(0, vu, start=True)
    level, begin_ns = start_vus, 0
    for stage in stages:
        end_ns = begin_ns + stage.duration_ns
        change = abs(stage.target - level)
        for left in range(change - 1, -1, -1):  # changes still to come after this one
            up = stage.target > level
            vu = stage.target - 1 - left if up else stage.target + left
            if segment.owns(vu):
                yield VuChange(end_ns - stage.duration_ns * left // change, vu, start=up)
        level, begin_ns = stage.target, end_ns


def vu_seconds(start_vus: int, stages: Sequence[Stage]) -> float:
    """Virtual users asked for times seconds: the area under the steps of `asked_vus`.

    The steps of a stage lie half a user below a rising line on average, half a user above a
    falling one. O(stages).
    """
    area, level = 0.0, start_vus
    for stage in stages:
        rounding = (stage.target > level) - (stage.target < level)
        area += (level + stage.target - rounding) / 2 * stage.duration_ns / NS_PER_S
        level = stage.target
    return area
