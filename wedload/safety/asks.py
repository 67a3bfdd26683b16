"""What the scenarios of a plan ask for, and which have virtual users at the same time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.workload.schedule import ControlledSchedule, VuSchedule, schedule_of
from wedload.workload.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.model import Plan, Scenario
    from wedload.workload.compile_plan import Settings
    from wedload.workload.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Ask:
    """What a scenario asks for: virtual users, from when until when (ns from the load's begin)."""

    scenario: str
    vus: int
    begin_ns: int
    end_ns: int  # of its stages
    gone_ns: int  # nobody of it is left then

    def meets(self, other: Ask) -> bool:
        """Whether both have virtual users at the same time."""
        return self.begin_ns < other.gone_ns and other.begin_ns < self.gone_ns


def vus_asked(schedule: Schedule) -> int:
    """The most virtual users of a schedule; of one that people scale, those that it begins with."""
    return schedule.vus if isinstance(schedule, ControlledSchedule) else schedule.most_vus


def asks_of(plan: Plan, settings: Settings) -> tuple[Ask, ...]:
    """What each scenario of a checked plan asks for, with the options of the command line."""
    return tuple(_ask(name, scenario, settings) for name, scenario in plan.scenarios.items())


def _ask(name: str, scenario: Scenario, settings: Settings) -> Ask:
    schedule = schedule_of(scenario, settings.time_scale)
    begin_ns = round(scenario.start_time * settings.time_scale)
    if settings.once:
        schedule, begin_ns = VuSchedule(1, (Stage("once", 0, 1),)), 0
    end_ns = begin_ns + schedule.duration_ns
    gone_ns = max(end_ns + scenario.graceful_stop, begin_ns + 1)
    return Ask(name, vus_asked(schedule), begin_ns, end_ns, gone_ns)


def busiest(asks: Iterable[Ask]) -> tuple[Ask, ...]:
    """The scenarios that have the most virtual users at the same time, in the plan's order."""
    every = tuple(asks)
    moments = [
        tuple(one for one in every if one.begin_ns <= begun.begin_ns < one.gone_ns)
        for begun in every  # the number only grows where a scenario begins
    ]
    return max(moments, key=total_vus, default=())


def total_vus(asks: Iterable[Ask]) -> int:
    """Virtual users of all of them together."""
    return sum(one.vus for one in asks)
