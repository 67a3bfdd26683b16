"""Phases: what is in force at an instant, as samples are told apart by it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOREVER_NS: Final = 1 << 62  # 146 years


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
