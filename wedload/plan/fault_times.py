"""When faults are in force, and the dimensions that they give to samples.

A fault begins at its `at` and ends after its `for`, both from the begin of the load on and in the
time scale of the run. Samples belong to what is in force as they begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wedload.plan.faults import Fault

#: `{fault='calendar outage'}` while it is in force, `{before_fault=…}` from the begin of the load
#: until then, `{after_fault=…}` from its end on
FAULT_DIMENSIONS: Final = frozenset({"fault", "before_fault", "after_fault"})
#: `{fault=none}`: while no fault is in force
NO_FAULT: Final = "none"
#: load after a fault without which nobody can say whether the platform has recovered
RECOVERY_NS: Final = 5 * NS_PER_S


@dataclass(frozen=True, slots=True)
class FaultSpan:
    """When a fault is in force, ns from the begin of the load."""

    name: str
    begin_ns: int
    end_ns: int

    @property
    def begin_s(self) -> float:
        """Its begin, s from that of the load."""
        return self.begin_ns / NS_PER_S

    @property
    def end_s(self) -> float:
        """Its end, s from the begin of the load."""
        return self.end_ns / NS_PER_S


def fault_spans(faults: Iterable[Fault], time_scale: float = 1.0) -> tuple[FaultSpan, ...]:
    """When each fault of a plan is in force, in the order of the plan."""
    return tuple(
        FaultSpan(one.name, round(one.at * time_scale), round((one.at + one.for_) * time_scale))
        for one in faults
    )


def free_of_faults(
    spans: Sequence[FaultSpan], begin_ns: int = 0
) -> tuple[tuple[int, int | None], ...]:
    """When none of them is in force: begin and end (None: for good), from an instant on."""
    free: list[tuple[int, int | None]] = []
    for one in sorted(spans, key=lambda one: one.begin_ns):
        if one.begin_ns > begin_ns:
            free.append((begin_ns, one.begin_ns))
        begin_ns = max(begin_ns, one.end_ns)
    return (*free, (begin_ns, None))
