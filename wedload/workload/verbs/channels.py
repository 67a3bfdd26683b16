"""Compiling `await` and `publish`: what a virtual user expects of channels, and since when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from wedload.plan.awaiting import is_known_early, since_of
from wedload.plan.uses import step_lists
from wedload.plan.verbs.await_ import AwaitStep
from wedload.plan.verbs.publish import PublishStep
from wedload.workload.compiled import Batch, Driven, Sampled
from wedload.workload.render_parts import Text, json_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Plan
    from wedload.plan.verbs import Step
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import CompiledStep, Value


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a channel from the sending of a step on, which has it in `expects`."""

    name: str  # label of the step that awaits it, or publishes it
    channel: str
    kind: Literal["webhook", "realtime"]
    series: int  # of that step: what the channel finds is recorded there
    #: known when the sending step has ended; None: not before the await step, which binds it
    key: Value | None
    within_ns: int
    wanted: bool  # whether somebody waits for it
    message: bool  # whether captures or checks read the message


@dataclass(frozen=True, slots=True)
class AwaitTask:
    """What an await step is to do."""

    expectation: Expectation
    key: Value
    wait: bool
    since: str  # label of the step at whose sending the clock starts


@dataclass(frozen=True, slots=True)
class PublishTask:
    """What a publish step is to do; what it expects itself is bound when it is sent."""

    expectation: Expectation
    event: Value | None
    payload: Value
    wait: bool  # until every subscriber has it


def compile_await(steps: StepCompiler, step: AwaitStep, workflow: str | None) -> Driven:
    """Compile an await step; `open_expectations` gives its expectation to its `since` step."""
    asked, sampled = step.await_, steps.sampled(step, workflow)
    channel = steps.plan.channels[asked.channel]
    since = since_of(steps.beside, step)
    assert since is not None  # the plan was checked
    key = asked.key.evaluate
    expectation = Expectation(
        name=step.label,
        channel=asked.channel,
        kind=channel.kind,
        series=sampled["series"],
        key=key if is_known_early(steps.plan, steps.beside, step, since) else None,
        within_ns=channel.within if asked.within is None else asked.within,
        wanted=asked.wait,
        message=bool(step.capture or step.check),
    )
    return Driven(**sampled, task=AwaitTask(expectation, key, asked.wait, since.step.label))


def compile_publish(steps: StepCompiler, step: PublishStep, workflow: str | None) -> Driven:
    """Compile a publish step."""
    said, sampled = step.publish, steps.sampled(step, workflow)
    channel = steps.plan.channels[said.channel]
    expectation = Expectation(
        name=step.label,
        channel=said.channel,
        kind=channel.kind,
        series=sampled["series"],
        key=said.key.evaluate,
        within_ns=channel.within if said.within is None else said.within,
        wanted=said.wait,
        message=False,
    )
    event = None if said.event is None else Text(said.event)
    task = PublishTask(expectation, event, json_value(said.payload.value), said.wait)
    return Driven(**sampled, task=task)


def published_channels(plan: Plan) -> tuple[str, ...]:
    """The channels that steps publish to, in the order of the plan."""
    found = {one.channel for one in _steps(plan) if isinstance(one, PublishStep)}
    return tuple(name for name in plan.channels if name in found)


def shortest_within_ns(plan: Plan) -> int | None:
    """The shortest deadline of all that steps expect of channels, ns; None: nothing is expected."""
    found = []
    for step in _steps(plan):
        if isinstance(step, AwaitStep | PublishStep):
            asked = step.await_ if isinstance(step, AwaitStep) else step.publish
            channel = plan.channels[asked.channel]
            found.append(channel.within if asked.within is None else asked.within)
    return min(found, default=None)


def read_channels(plan: Plan) -> frozenset[str]:
    """The channels whose messages captures and checks read."""
    return frozenset(
        one.await_.channel
        for one in _steps(plan)
        if isinstance(one, AwaitStep) and (one.capture or one.check)
    )


def _steps(plan: Plan) -> Iterator[Step]:
    return (step for _, steps in step_lists(plan) for step in steps)


def open_expectations(compiled: list[CompiledStep]) -> None:
    """Give what each await step of a list expects to the step that its clock starts with."""
    places: dict[str, tuple[int, int | None]] = {}  # label -> where; within a batch, also there
    for index, step in enumerate(compiled):
        if isinstance(step, Driven) and isinstance(step.task, AwaitTask):
            _open(compiled, *places[step.task.since], step.task.expectation)
        elif isinstance(step, Sampled):
            places[step.name] = index, None
        elif isinstance(step, Batch):
            places |= {call.name: (index, place) for place, call in enumerate(step.calls)}


def _open(
    compiled: list[CompiledStep], index: int, place: int | None, expectation: Expectation
) -> None:
    step = compiled[index]
    if place is None:
        assert isinstance(step, Sampled)
        compiled[index] = replace(step, expects=(*step.expects, expectation))
    else:
        assert isinstance(step, Batch)
        calls = list(step.calls)
        calls[place] = replace(calls[place], expects=(*calls[place].expects, expectation))
        compiled[index] = replace(step, calls=tuple(calls))
