"""Messages to realtime channels: how many a plan asks for, and what the service allows. Pure.

One message is as many as it has subscribers; so a modest load may ask for more than a service's
quota. It is told beforehand where the schedule says it: with an arrival rate, or a pace.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from wedload.plan.awaiting import since_of
from wedload.plan.verbs.await_ import AwaitStep
from wedload.plan.verbs.publish import PublishStep
from wedload.units import NS_PER_S, counted
from wedload.workload.schedule import ArrivalSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.channels import Channel
    from wedload.plan.model import Plan
    from wedload.plan.verbs.base import Step
    from wedload.workload.compile_plan import CompiledScenario, Workload

#: a rate that is a plain number is per second
_UNIT_NS: Final = NS_PER_S


def published_per_s(plan: Plan, workload: Workload, channel: str) -> float | None:
    """The most messages per s that a channel will be asked for; None: the schedule does not say it.

    Steps with a condition count as if it held.
    """
    asking = []
    for scenario in workload.scenarios:
        messages = _messages(plan, scenario, channel)
        if not messages:
            continue
        if not isinstance(scenario.schedule, ArrivalSchedule) and scenario.pace_ns is None:
            return None
        asking.append((scenario, messages))
    instants = {at_ns for scenario, _ in asking for at_ns in _ends_ns(scenario)}
    return max(
        (sum(_iterations_per_s(one, at_ns) * n for one, n in asking) for at_ns in instants),
        default=0.0,
    )


def beyond_limits(plan: Plan, workload: Workload) -> list[str]:
    """What the plan asks of services beyond their limits: a sentence each, with its remedy."""
    found = []
    for name, channel in plan.channels.items():
        limits = channel.limits
        if limits is None:
            continue
        most = limits.connections
        if most is not None and channel.subscribers > most:
            found.append(
                f'The channel "{name}" has {counted(channel.subscribers, "subscriber")}, and its '
                f"service allows {most:,} at the same time (limits.connections): take fewer "
                "subscribers."
            )
        published = published_per_s(plan, workload, name)
        allowed = None if limits.messages is None else float(limits.messages.per_s(_UNIT_NS))
        if allowed is None or published is None:
            continue
        told = published * reached(channel)
        if told > allowed:
            found.append(
                f'The channel "{name}" is asked for up to {published:,.4g} messages a second, '
                f"{told:,.4g} to its {counted(channel.subscribers, 'subscriber')} together, and "
                f"its service allows {allowed:,.4g} (limits.messages): lower the load, or take "
                "fewer subscribers."
            )
    return found


def reached(channel: Channel) -> int:
    """The subscribers that each message goes to."""
    return channel.subscribers if channel.reaches == "every" else 1


def _messages(plan: Plan, scenario: CompiledScenario, channel: str) -> float:
    """Messages of one iteration, on average."""
    cumulative = scenario.cumulative_weights
    weights = [b - a for a, b in pairwise((0, *cumulative))]
    return sum(
        weight / cumulative[-1] * _of_steps(plan, plan.workflows[flow.name], channel)
        for flow, weight in zip(scenario.workflows, weights, strict=True)
    )


def _of_steps(plan: Plan, steps: Sequence[Step], channel: str) -> int:
    """Messages of a list of steps: each that is published, and one for each step awaited of."""
    messages = 0
    triggers = set()
    for step in steps:
        if isinstance(step, PublishStep) and step.channel == channel:
            messages += 1
        elif isinstance(step, AwaitStep) and step.channel == channel:
            since = since_of(steps, step)
            triggers.add(None if since is None else since.step.label)
        for workflow, times in step.runs():
            messages += times * _of_steps(plan, plan.workflows[workflow], channel)
    return messages + len(triggers)


def _iterations_per_s(scenario: CompiledScenario, at_ns: int) -> float:
    """The most iterations per s that a scenario starts at an instant of the load."""
    if not scenario.start_ns <= at_ns < scenario.end_ns:
        return 0.0
    level = scenario.schedule.level_at(at_ns - scenario.start_ns)
    if isinstance(scenario.schedule, ArrivalSchedule):
        return level
    assert scenario.pace_ns is not None
    return level * NS_PER_S / scenario.pace_ns


def _ends_ns(scenario: CompiledScenario) -> set[int]:
    """Where a scenario is at its most: begins and ends of its stages; between them it is linear."""
    lengths_ns = [stage.duration_ns for stage in scenario.schedule.stages]
    begins_ns = list(accumulate(lengths_ns, initial=scenario.start_ns))
    return {at_ns - before for at_ns in begins_ns for before in (0, 1)}
