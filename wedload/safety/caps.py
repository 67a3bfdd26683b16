"""The most load that a target allows, and whether a plan asks for more. Pure.

What is refused here is kept by load processes all the same: see wedload.safety.allowance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.errors import PlanError, Problem
from wedload.safety.asks import asks_of, busiest, total_vus
from wedload.units import format_duration_ns
from wedload.workload.permits import Caps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.loader import LoadedPlan
    from wedload.safety.asks import Ask
    from wedload.workload.compile_plan import Settings


def require_within_caps(loaded: LoadedPlan, settings: Settings) -> None:
    """Refuse a plan that asks for more than its target allows.

    Raises:
        PlanError: with what it asks for, where, and what is allowed.
    """
    if problems := beyond_caps(loaded, settings):
        raise PlanError(problems)


def beyond_caps(loaded: LoadedPlan, settings: Settings) -> list[Problem]:
    """Where a plan asks for more than `max_vus` and `max_duration_ns` of the settings."""
    asks, problems = asks_of(loaded.plan, settings), []
    most, most_ns = settings.max_vus, settings.max_duration_ns
    if most is not None and total_vus(crowd := busiest(asks)) > most:
        cap = _cap(loaded, settings.target, "max_vus", most, f"{most:,} at most")
        problems.append(_too_many(loaded, crowd, cap, most))
    if most_ns is not None:
        long = [one for one in asks if one.end_ns > most_ns]
        allowed = format_duration_ns(most_ns)
        cap = _cap(loaded, settings.target, "max_duration", most_ns, f"{allowed} at most")
        problems += [_too_long(loaded, one, cap) for one in long]
    return problems


def _too_long(loaded: LoadedPlan, one: Ask, cap: str) -> Problem:
    return loaded.positions.problem(
        ("scenarios", one.scenario),
        f"the load may last {format_duration_ns(one.end_ns)}, and {cap}",
        "ask for a shorter one (stages, duration, max_duration, --time-scale), or raise that of "
        "the target if its owner agrees",
    )


def _too_many(loaded: LoadedPlan, crowd: Sequence[Ask], cap: str, most: int) -> Problem:
    largest = max(crowd, key=lambda one: one.vus)
    path = ("scenarios", largest.scenario)
    asked = f"asks for {largest.vus:,} virtual users"
    if others := [one for one in crowd if one is not largest]:
        listed = ", ".join(
            f"{one.vus:,} of {one.scenario} ({_place(loaded, 'scenarios', one.scenario)})"
            for one in others
        )
        asked += f", which with {listed} are {total_vus(crowd):,} at the same time"
    return loaded.positions.problem(
        path,
        f"{asked}, and {cap}",
        f"ask for fewer (stages, the scenario's max_vus, --vus {most}), or raise max_vus if the "
        "target's owner agrees",
    )


def _cap(loaded: LoadedPlan, target: str, key: str, most: int, shown: str) -> str:
    """Who allows how much, and where that stands."""
    stands_there = getattr(loaded.plan.targets[target], key) == most
    if not stands_there:  # the plan allows more, or says nothing
        return f"the owner of the target {target} allows {shown}"
    return f"the target {target} allows {shown} ({key}, {_place(loaded, 'targets', target, key)})"


def with_owners_caps(settings: Settings) -> Settings:
    """The settings with the lower one of two limits: the plan's, and those of hosts' owners."""
    both = Caps(None, settings.max_vus, settings.max_duration_ns) | settings.permits.caps
    return replace(settings, max_vus=both.max_vus, max_duration_ns=both.max_duration_ns)


def _place(loaded: LoadedPlan, *path: str) -> str:
    problem = loaded.positions.problem(path, "")
    return f"{problem.file}:{problem.line}" if problem.line else problem.file
