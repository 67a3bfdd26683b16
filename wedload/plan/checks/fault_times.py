"""When the faults of a plan are in force: within the load, and not at odds with each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from wedload.plan.faults import KINDS, OF_BYTES
from wedload.plan.row_times import end_of_schedule_ns
from wedload.units import format_duration_ns

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.faults import Fault
    from wedload.plan.model import Plan


def check_fault_times(draft: Draft, plan: Plan) -> None:
    """Report faults that begin too late, and two that would be of the same at the same time."""
    end_ns = end_of_schedule_ns(plan.scenarios.values()) if draft.sound("scenarios") else 0
    for index, fault in enumerate(plan.faults):
        if fault.at >= end_ns > 0 and not draft.damaged(("faults", index)):
            begin, end = format_duration_ns(fault.at), format_duration_ns(end_ns)
            message = f"{begin} is not before the end of the load, {end}: nothing would suffer it"
            hint = "choose an earlier instant, or make the load longer"
            draft.report(("faults", index, "at"), message, hint)
    sound = [
        (index, fault)
        for index, fault in enumerate(plan.faults)
        if not draft.damaged(("faults", index))
    ]
    for (first, one), (second, other) in combinations(sound, 2):
        if one.name == other.name or not (one.at < other.until and other.at < one.until):
            continue
        for thing in (thing for thing in other.on if thing in one.on):
            if (kind := same_kind(one, other)) is not None:
                line = draft.positions.line(("faults", first))
                message = (
                    f"`{kind}` of {thing} is set by the fault {one.name!r} of line {line} too, "
                    f"from {format_duration_ns(one.at)} to {format_duration_ns(one.until)}"
                )
                hint = "let one of them begin when the other is over"
                draft.report(("faults", second, "at"), message, hint)
                break


def same_kind(one: Fault, other: Fault) -> str | None:
    """What two faults would both do to the same bytes or answers; None: nothing."""
    for kind in KINDS:
        if kind in one.kinds and kind in other.kinds:
            apart = {one.direction, other.direction} == {"up", "down"}
            if kind not in OF_BYTES or not apart:
                return kind
    return None
