"""The await and publish steps of a plan: that what they name is there, and can be waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.awaiting import senders, since_of
from wedload.plan.channels import MESSAGE_NAMES
from wedload.plan.checks.addresses import report_unknown
from wedload.plan.checks.channels import report_unread
from wedload.plan.expressions.expression import suggest
from wedload.plan.uses import of_captures, of_checks, step_lists
from wedload.plan.verbs.await_ import AwaitStep
from wedload.plan.verbs.http import HttpStep
from wedload.plan.verbs.publish import PublishStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.channels import Channel
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.verbs import Step
    from wedload.plan.verbs.base import SampledStep

#: services whose messages have an event
_WITH_EVENTS: Final = ("supabase", "phoenix")
#: what checks and captures read of the message that was awaited: also how long it took
_AWAITED: Final = MESSAGE_NAMES | {"duration"}
_SENT: Final = frozenset({"duration"})  # the same where nobody waits for it


def check_awaits(draft: Draft, plan: Plan) -> None:
    """Report awaits of what cannot come, and messages to where none can be sent."""
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            here = (*path, index)
            if isinstance(step, AwaitStep) and not draft.damaged((*here, "await")):
                _check_await(draft, plan, here, steps, step)
            elif isinstance(step, PublishStep) and not draft.damaged((*here, "publish")):
                _check_publish(draft, plan, here, step)
    for outside, word in (("setup", "joins after set-up"), ("teardown", "has left by then")):
        steps = plan.setup if outside == "setup" else plan.teardown
        for path, step in _run_by(plan, (outside,), steps, frozenset()):
            if isinstance(step, AwaitStep | PublishStep) and path not in draft.pruned:
                message = f"{outside} cannot `{step.verb}`: who listens to a channel {word}"
                draft.report((*path, step.verb), message, "make it a step of a workflow")


def _run_by(
    plan: Plan, path: Path, steps: tuple[Step, ...], inside: frozenset[str]
) -> Iterator[tuple[Path, Step]]:
    """The steps of a list, also through `use`, each with its path."""
    for index, step in enumerate(steps):
        yield (*path, index), step
        for workflow, _ in step.runs():
            if workflow not in inside:
                inner = plan.workflows.get(workflow, ())
                yield from _run_by(plan, ("workflows", workflow), inner, inside | {workflow})


def _channel(draft: Draft, plan: Plan, path: Path, name: str) -> Channel | None:
    """The channel of a step; None: there is none, or it is damaged."""
    if ("channels",) in draft.pruned:
        return None
    if name not in draft.written_keys("channels"):
        report_unknown(draft, path, "channels", name)
        return None
    return None if ("channels", name) in draft.pruned else plan.channels[name]


def _check_await(
    draft: Draft, plan: Plan, path: Path, steps: tuple[Step, ...], step: AwaitStep
) -> None:
    here = (*path, "await")
    channel = _channel(draft, plan, (*here, "channel"), step.channel)
    if not step.await_.wait:
        for key in ("capture", "check"):
            if getattr(step, key):
                message = f"`{key}` reads the message, and with wait = false nobody waits for it"
                draft.report((*path, key), message, "take one of the two out")
    _check_reads(draft, path, step, _AWAITED)
    since = since_of(steps, step)
    if since is None:
        if path[0] in {"setup", "teardown"}:
            return  # where it cannot be at all
        if not draft.damaged(path[:-1]):
            _report_since(draft, here, steps, step)
    elif channel is not None and _is_publishing(since.step, step.channel):
        written = "since" in draft.written_keys(*here)
        message = f'"{since.step.label}" publishes to this channel itself, and expects that'
        hint = "take this step out, and write wait = true into that one"
        draft.report((*here, "since") if written else here, message, hint)
    elif isinstance(since.step, HttpStep) and since.step.routes is not None:
        message = f'"{since.step.label}" has routes: it is sent twice, and causes this twice'
        draft.report(here, message, "let a step without routes cause it")


def _check_reads(draft: Draft, path: Path, step: SampledStep, known: frozenset[str]) -> None:
    """Report what checks and captures read that is not there."""
    captured = of_captures(step.capture, (*path, "capture"))
    for use in (*captured, *of_checks(step.check, (*path, "check"))):
        report_unread(draft, use, known)


def _is_publishing(step: Step, channel: str) -> bool:
    return isinstance(step, PublishStep) and step.channel == channel


def _report_since(draft: Draft, path: Path, steps: tuple[Step, ...], step: AwaitStep) -> None:
    """Report that nothing before an await step can be what it refers to."""
    name = step.await_.since
    if name is None:
        message = "no step before it sends anything that this could be awaited of"
        draft.report(path, message, "put it behind the step that asks for it")
        return
    where = (*path, "since")
    if any(isinstance(one, AwaitStep) and one.label == name for one in steps):
        draft.report(where, f'"{name}" is an await step, and sends nothing', "name what is sent")
        return
    index = next(index for index, one in enumerate(steps) if one is step)
    if any(one.step.label == name for one in senders(steps[index:])):
        message = f'the step "{name}" comes later'
        draft.report(where, message, "an await refers to a step before it")
        return
    known = [one.step.label for one in senders(steps[:index])]
    near = suggest(name, known, lead="did you mean ")
    listed = f"before it: {', '.join(known)}" if known else None
    message = f'there is no step "{name}" before this one in its list of steps'
    draft.report(where, message, near or listed)


def _check_publish(draft: Draft, plan: Plan, path: Path, step: PublishStep) -> None:
    here = (*path, "publish")
    channel = _channel(draft, plan, (*here, "channel"), step.channel)
    _check_reads(draft, path, step, _AWAITED if step.publish.wait else _SENT)
    if channel is None or draft.damaged(("channels", step.channel)):
        return
    if channel.kind == "webhook":
        message = f'"{step.channel}" is a webhook: its messages come from the platform'
        draft.report((*here, "channel"), message, "ask the platform for one with an http step")
    elif channel.realtime == "sse":
        message = f'"{step.channel}" speaks SSE, in which only the service sends'
        draft.report((*here, "channel"), message, "ask the platform for one with an http step")
    elif step.publish.event is not None and channel.realtime not in _WITH_EVENTS:
        message = f"messages of {channel.realtime} have no event"
        draft.report((*here, "event"), message, "take it out, or put it into the payload")
