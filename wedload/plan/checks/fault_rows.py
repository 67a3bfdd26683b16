"""Rows about faults: which can be selected where, and that a row says which one it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.dependency_metrics import OF_FAULTS
from wedload.plan.fault_times import (
    FAULT_DIMENSIONS,
    NO_FAULT,
    RECOVERY_NS,
    free_of_faults,
)
from wedload.plan.row_times import end_of_schedule_ns
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.draft import Draft
    from wedload.plan.fault_times import FaultSpan
    from wedload.plan.model import Plan


def fault_values(
    spans: Sequence[FaultSpan], begin_ns: int, end_ns: int
) -> dict[str, frozenset[str]]:
    """The values of the fault dimensions from one instant of the load to another."""
    if not spans:
        return {}
    inside = [one for one in spans if one.begin_ns < end_ns and one.end_ns > begin_ns]
    names = {one.name for one in inside}
    if any(
        free_ns < end_ns and (until_ns is None or until_ns > begin_ns)
        for free_ns, until_ns in free_of_faults(spans)
    ):
        names.add(NO_FAULT)
    return {
        "fault": frozenset(names),
        "before_fault": frozenset(one.name for one in spans if one.begin_ns > begin_ns),
        "after_fault": frozenset(one.name for one in spans if one.end_ns < end_ns),
    }


def check_fault_rows(draft: Draft, plan: Plan) -> None:
    """Report rows about what a fault does that do not say which one, or when."""
    ends = {one.name: one.at + one.for_ for one in plan.faults}
    begins = {one.name: one.at for one in plan.faults}
    end_ns = 0 if draft.damaged(("scenarios",)) else end_of_schedule_ns(plan.scenarios.values())
    for name, row in plan.benchmarks.items():
        if row.metric not in OF_FAULTS or not plan.faults:
            continue
        path = ("benchmarks", name)
        faults = [(key, value) for key, value in row.where if key in FAULT_DIMENSIONS]
        example = f"{row.metric}{{fault={plan.faults[0].name!r}}}: {row.words}"
        if len(faults) != 1:
            told = "of several" if faults else "of no"
            message = f"`{row.metric}` is about one fault, and this row tells {told}"
            draft.report(path, message, f"write {example}")
        elif faults[0][0] == "before_fault":
            message = f"`{row.metric}` compares with what was before the fault"
            draft.report(path, message, f"write {example}, or after_fault")
        elif faults[0][1] == NO_FAULT:
            draft.report(path, f"`{row.metric}` needs a fault", f"write {example}")
        elif begins.get(faults[0][1], NS_PER_S) < NS_PER_S:
            begin = format_duration_ns(begins[faults[0][1]])
            message = f"its fault begins at {begin}, and there is no second before to compare with"
            draft.report(path, message, "let the fault begin later, after 20 good iterations")
        elif row.metric == "time_to_recover" and faults[0][1] in ends:
            left_ns = end_ns - ends[faults[0][1]]
            if end_ns and left_ns < RECOVERY_NS:
                left = format_duration_ns(max(left_ns, 0))
                message = f"the load goes on for {left} after this fault"
                hint = f"it takes {format_duration_ns(RECOVERY_NS)} at least to see a recovery"
                draft.report(path, message, hint)
        if row.timed or row.abort:
            key = "window" if row.window_s is not None else "after" if row.after_s else "abort"
            message = (
                f"`{row.metric}` is known when the load is over, and its fault says when it is"
            )
            draft.report((*path, key), message, f"leave out {key}")
