"""Lists of compiled steps, with those that other steps hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.workload.compiled import Batch, Call, Guarded, Paired, Use
from wedload.workload.sweep import NOTHING_THERE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.workload.compiled import CompiledStep


def verbs_of(lists: Iterable[tuple[CompiledStep, ...]]) -> set[str]:
    """What the steps of some lists do."""
    found = set()
    for steps in lists:
        for step in steps:
            if isinstance(step, Guarded):
                found.add(step.verb)
            if isinstance(step, Use):
                found |= verbs_of([step.steps])
            elif isinstance(step, Batch):
                found |= {call.verb for call in step.calls}
            elif isinstance(step, Paired):
                found |= {step.direct.verb, step.via.verb}
    return found


def perhaps_done(steps: Iterable[CompiledStep]) -> tuple[CompiledStep, ...]:
    """Steps that may have been done before: what is gone already is no failure."""
    return tuple(map(_perhaps_done, steps))


def _perhaps_done(step: CompiledStep) -> CompiledStep:
    if isinstance(step, Call):
        return _or_nothing_there(step)
    if isinstance(step, Batch):
        return replace(step, calls=tuple(map(_or_nothing_there, step.calls)))
    if isinstance(step, Use):
        return replace(step, steps=perhaps_done(step.steps))
    return step


def _or_nothing_there(call: Call) -> Call:
    return replace(call, expected_status=call.expected_status | NOTHING_THERE)
