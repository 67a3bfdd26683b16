"""Phases: what is in force at an instant, as samples are told apart by it.

What a plan schedules beside the load itself – stages, and whatever else comes and goes at known
instants – is a dimension. A phase lasts from one instant at which any of them changes to the next.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.metrics.catalogue import Phase
from wedload.plan.fault_times import NO_FAULT, free_of_faults
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.fault_times import FaultSpan

_FOREVER_NS: Final = 1 << 62  # 146 years


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that samples are told apart by, as a selector names it: `stage`.

    What can be in force at the same time as others of its name has a dimension to itself: a fault.
    """

    name: str
    #: (begin, what is in force from then on or None), ns from the scenario's start, in order; the
    #: first begins at 0
    changes: tuple[tuple[int, str | None], ...]

    def at(self, instant_ns: int) -> str | None:
        """What is in force at an instant."""
        begun = [value for begin_ns, value in self.changes if begin_ns <= instant_ns]
        return begun[-1] if begun else None


def phases_of(
    scenario: str, dimensions: Sequence[Dimension], start_ns: int = 0
) -> list[tuple[int, Phase]]:
    """The phases of a scenario, each with its begin from that of the scenario on.

    `start_ns`: when the scenario begins, from the begin of the load on. The last has no end.
    O(changes²).
    """
    begins = sorted({begin_ns for one in dimensions for begin_ns, _ in one.changes})
    phases = []
    for position, begin_ns in enumerate(begins):
        values = [(one.name, value) for one in dimensions if (value := one.at(begin_ns))]
        stage = dict(values).get("stage")
        others = tuple(pair for pair in values if pair[0] != "stage")
        last = position + 1 == len(begins)
        duration_s = 0.0 if last else (begins[position + 1] - begin_ns) / NS_PER_S
        begin_s = 0.0 if last else (start_ns + begin_ns) / NS_PER_S
        phases.append((begin_ns, Phase(scenario, stage, duration_s, begin_s, others)))
    return phases


def fault_dimensions(faults: Sequence[FaultSpan], start_ns: int, length_ns: int) -> list[Dimension]:
    """What faults are to a scenario that begins at `start_ns` of the load and is so long.

    What is in force at its end stays in force for what still runs then.
    """

    def dimension(name: str, *changes: tuple[int, str | None]) -> Dimension:
        """Of changes from the begin of the load on; the first is what holds before all others."""
        since = [(at_ns - start_ns, value) for at_ns, value in changes]
        first = [value for at_ns, value in since if at_ns <= 0]
        later = [(at_ns, value) for at_ns, value in since if 0 < at_ns < length_ns]
        return Dimension(name, ((0, first[-1]), *later))

    def while_(name: str, value: str, begin_ns: int, end_ns: int | None) -> Dimension:
        ends = () if end_ns is None else ((end_ns, None),)
        return dimension(name, (0, None), (begin_ns, value), *ends)

    found = []
    for one in faults:
        found += [
            while_("fault", one.name, one.begin_ns, one.end_ns),
            while_("before_fault", one.name, 0, one.begin_ns),
            while_("after_fault", one.name, one.end_ns, None),
        ]
    if faults:
        found += [while_("fault", NO_FAULT, *free) for free in free_of_faults(faults)]
    return found


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

    def add(self, begin_ns: int, phase: int) -> None:
        """One more phase, from an instant on; what was to begin then or later is forgotten."""
        while self._begins_ns and self._begins_ns[-1] >= begin_ns:
            self._begins_ns.pop()
            self._phases.pop()
        self._begins_ns.append(begin_ns)
        self._phases.append(phase)
        self.at(begin_ns)

    def at(self, instant_ns: int) -> int:
        """The phase in force at an instant; before the first, that one. O(log boundaries)."""
        begins = self._begins_ns
        position = max(bisect_right(begins, instant_ns) - 1, 0)
        self.phase = self._phases[position]
        self.begin_ns = begins[position] if position else -_FOREVER_NS
        self.end_ns = begins[position + 1] if position + 1 < len(begins) else _FOREVER_NS
        return self.phase
