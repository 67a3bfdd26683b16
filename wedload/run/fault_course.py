"""What people are told of the faults of a load: when each begins and ends. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.plan.fault_times import FaultSpan


class FaultCourse:
    """The begins and ends that are still to come."""

    def __init__(self, faults: Sequence[FaultSpan]) -> None:
        begins = [(one.begin_s, f"{one.name} begins") for one in faults]
        ends = [(one.end_s, f"{one.name} ends") for one in faults]
        self._changes = deque(sorted([*begins, *ends], key=lambda change: change[0]))

    def until(self, elapsed_s: float) -> Iterator[str]:
        """What has begun and ended since this was asked last, in words; a fault is told once."""
        while self._changes and self._changes[0][0] <= elapsed_s:
            yield self._changes.popleft()[1]
