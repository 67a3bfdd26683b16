"""Executors: when virtual users start an iteration. One file for each kind of load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.executors.arrivals import ArrivalExecutor
from wedload.engine.executors.closed import IterationExecutor, VuExecutor
from wedload.engine.executors.controlled import ControlledExecutor
from wedload.engine.executors.probed import ProbedExecutor
from wedload.workload.schedule import (
    ArrivalSchedule,
    ControlledSchedule,
    IterationSchedule,
    VuSchedule,
)

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.executors.base import Executor
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.segment import Segment


def new_executor(
    scenario: CompiledScenario, context: ScenarioContext, segment: Segment
) -> Executor:
    """The executor that carries out a scenario's schedule."""
    match scenario.schedule:
        case VuSchedule() as schedule:
            return VuExecutor(scenario, schedule, context, segment)
        case ArrivalSchedule() as schedule if schedule.probes:
            return ProbedExecutor(scenario, schedule, context, segment)
        case ArrivalSchedule() as schedule:
            return ArrivalExecutor(scenario, schedule, context, segment)
        case IterationSchedule() as schedule:
            return IterationExecutor(scenario, schedule, context, segment)
        case ControlledSchedule() as schedule:
            return ControlledExecutor(scenario, schedule, context, segment)
