"""What await steps refer to: the step at whose sending their clock starts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.plan.verbs.base import SampledStep, sampled_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.plan.model import Plan
    from wedload.plan.verbs.await_ import AwaitStep
    from wedload.plan.verbs.base import Step

_NOBODY: Final = frozenset[str]()


class Since(NamedTuple):
    """The step that an await step refers to."""

    at: int  # in their list of steps; of a batch, if the step is a request of it
    step: SampledStep


def senders(steps: Sequence[Step]) -> Iterator[Since]:
    """The steps of a list that send something, in order; what `use` leads to is another list."""
    for index, step in enumerate(steps):
        for _, sampled in sampled_steps(step):
            if sampled.sends:
                yield Since(index, sampled)


def since_of(steps: Sequence[Step], step: AwaitStep) -> Since | None:
    """What an await step of a list refers to: as it says, or else what was sent last before it.

    None: there is no such step before it.
    """
    index = next(index for index, one in enumerate(steps) if one is step)
    before = list(senders(steps[:index]))
    name = step.await_.since
    return next((one for one in reversed(before) if name in (None, one.step.label)), None)


def is_known_early(plan: Plan, steps: Sequence[Step], step: AwaitStep, since: Since) -> bool:
    """Whether the key of an await step has its value as soon as its `since` step has ended.

    It has not if anything in between sets a variable that the key reads, nor if the step has a
    condition: what it expects is known when that holds.
    """
    if step.when is not None:
        return False
    index = next(index for index, one in enumerate(steps) if one is step)
    late = {name for name, _ in step.let}
    for between in steps[since.at + 1 : index]:
        late |= bound_by(plan, between)
    for _, held in steps[since.at].held(()):  # these run at the same time
        if held.label != since.step.label:
            late |= bound_by(plan, held)
    return not late & step.await_.key.reads.variables


def bound_by(plan: Plan, step: Step, inside: frozenset[str] = _NOBODY) -> set[str]:
    """The variables that a step sets, also through `use`; `inside`: workflows that led here."""
    names = {name for name, _ in step.let}
    if isinstance(step, SampledStep):
        names |= {name for name, _ in step.capture}
    for _, held in step.held(()):
        names |= bound_by(plan, held)
    for workflow, _ in step.runs():
        if workflow not in inside:
            for inner in plan.workflows.get(workflow, ()):
                names |= bound_by(plan, inner, inside | {workflow})
    return names
