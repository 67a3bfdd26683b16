"""Phases: what is in force at an instant, as samples are told apart by it.

What a plan schedules beside the load itself – stages, and whatever else comes and goes at known
instants – is a dimension. A phase lasts from one instant at which any of them changes to the next.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.metrics.catalogue import Phase
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOREVER_NS: Final = 1 << 62  # 146 years


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that samples are told apart by, as a selector names it: `stage`."""

    name: str
    #: (begin, what is in force from then on or None), ns from the scenario's start, in order; the
    #: first begins at 0
    changes: tuple[tuple[int, str | None], ...]

    def at(self, instant_ns: int) -> str | None:
        """What is in force at an instant."""
        begun = [value for begin_ns, value in self.changes if begin_ns <= instant_ns]
        return begun[-1] if begun else None


def phases_of(scenario: str, dimensions: Sequence[Dimension]) -> list[tuple[int, Phase]]:
    """The phases of a scenario, each with its begin; the last has no end. O(changes²)."""
    begins = sorted({begin_ns for one in dimensions for begin_ns, _ in one.changes})
    phases = []
    for position, begin_ns in enumerate(begins):
        values = {one.name: one.at(begin_ns) for one in dimensions}
        stage = values.pop("stage", None)
        others = tuple((name, value) for name, value in values.items() if value is not None)
        last = position + 1 == len(begins)
        duration_s = 0.0 if last else (begins[position + 1] - begin_ns) / NS_PER_S
        phases.append((begin_ns, Phase(scenario, stage, duration_s, others)))
    return phases


class PhaseTimeline:
    """Which phase a sample belongs to, by its start; a cursor, as instants mostly move forward.

    `phase` is in force from `begin_ns` until `end_ns`, where instants were asked for last.
    """

    __slots__ = ("_begins_ns", "_phases", "begin_ns", "end_ns", "phase")

    def __init__(self, boundaries: Sequence[tuple[int, int]], origin_ns: int = 0) -> None:
        """`boundaries`: (begin_ns, phase) in order of time; the first begins the timeline.

        Instants that are asked for count from where the boundaries do, less `origin_ns`.
        """
        self._begins_ns = [begin + origin_ns for begin, _ in boundaries]
        self._phases = [phase for _, phase in boundaries]
        self.at(self._begins_ns[0])

    def at(self, instant_ns: int) -> int:
        """The phase in force at an instant; before the first, that one. O(log boundaries)."""
        begins = self._begins_ns
        position = max(bisect_right(begins, instant_ns) - 1, 0)
        self.phase = self._phases[position]
        self.begin_ns = begins[position] if position else -_FOREVER_NS
        self.end_ns = begins[position + 1] if position + 1 < len(begins) else _FOREVER_NS
        return self.phase
