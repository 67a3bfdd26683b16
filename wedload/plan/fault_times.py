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


def calm_after(fault: FaultSpan, spans: Iterable[FaultSpan]) -> tuple[int, FaultSpan | None]:
    """When a fault and those that overlap its end are over, ns; and the next one (None: none)."""
    ended_ns = fault.end_ns
    following = None
    for one in sorted(spans, key=lambda one: one.begin_ns):
        if one.begin_ns >= ended_ns:
            following = one
            break
        ended_ns = max(ended_ns, one.end_ns)
    return ended_ns, following


def stretches(
    fault: FaultSpan, spans: Iterable[FaultSpan]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Selectors of what began before, during and after a fault.

    Before and after no fault is in force, and after ends where the next fault begins: what others
    do is not put down to this one.
    """
    _, following = calm_after(fault, spans)
    until = () if following is None else (("before_fault", following.name),)
    calm = ("fault", NO_FAULT)
    return {
        "before": (("before_fault", fault.name), calm),
        "during": (("fault", fault.name),),
        "after": (("after_fault", fault.name), calm, *until),
    }


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
