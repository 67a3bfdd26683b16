"""The faults of a plan as a run has them: when, on what, and what goes wrong there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.fault_times import fault_spans
from wedload.plan.in_words import what_goes_wrong
from wedload.results.faults_model import PlannedFault

if TYPE_CHECKING:
    from wedload.plan.model import Plan


def planned_faults(plan: Plan, time_scale: float = 1.0) -> tuple[PlannedFault, ...]:
    """The faults of a plan, in its order, for a load that lasts `time_scale` times as long."""
    return tuple(
        PlannedFault(
            name=one.name,
            on=list(one.on),
            what=what_goes_wrong(one),
            begin_s=round(span.begin_s, 3),
            end_s=round(span.end_s, 3),
        )
        for one, span in zip(plan.faults, fault_spans(plan.faults, time_scale), strict=True)
    )
