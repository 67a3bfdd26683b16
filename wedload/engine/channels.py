"""Driving `await` and `publish`: what channels hear, as steps of virtual users."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wedload.channels.link import Link
from wedload.channels.message import Message
from wedload.engine.ending import capture_all, check_all, end_step
from wedload.engine.expecting import Expectations, Pending
from wedload.engine.publishing import Publishers
from wedload.engine.scope import EndIteration, missing
from wedload.metrics.recorder import Row
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_MS, format_ms
from wedload.workload.compiled import Driven
from wedload.workload.verbs.channels import AwaitTask, PublishTask, published_channels

if TYPE_CHECKING:
    from wedload.engine.context import Shared
    from wedload.engine.expecting import Told
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compiled import Guarded

_AWAIT_ROW = Row(("await_duration",), counter="awaits")
_PUBLISH_ROW = Row(("publish_duration",), counter="publishes")


class ChannelDrivers:
    """What the await and publish steps of one load process share: the link, and publishers."""

    def __init__(self, shared: Shared) -> None:
        self._ears = shared.settings.ears
        self._expectations = Expectations(shared.recorder, shared.plan.channels)
        self._link: Link | None = None
        self.publishers = Publishers(shared, published_channels(shared.plan))
        shared.expectations = self._expectations

    async def open(self) -> None:
        """Connect to the ears."""
        loop = asyncio.get_running_loop()
        found = self._expectations
        _, self._link = await loop.create_unix_connection(
            lambda: Link(found.told, found.lost), self._ears
        )
        found.linked(self._link)

    async def begin(self) -> None:
        """Connect what publishes, before the load."""
        await self.publishers.open()

    def driver(self, user: VirtualUser) -> ChannelSteps:
        """The await and publish steps of one virtual user."""
        return ChannelSteps(user, self._expectations, self.publishers)

    async def close(self) -> None:
        """End the link, and what publishes."""
        await self.publishers.close()
        if self._link is not None:
            self._link.close()


class ChannelSteps:
    """Runs the await and publish steps of one virtual user."""

    def __init__(
        self, user: VirtualUser, expectations: Expectations, publishers: Publishers
    ) -> None:
        self._context = user.context
        self._due = user.due
        self._now_ns = user.context.shared.clock.now_ns
        self._recorder = user.context.shared.recorder
        self._expectations = expectations
        self._publishers = publishers

    def close(self) -> None:
        """Nothing is the virtual user's own."""

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Run an await or publish step; whether it succeeded.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Driven)
        if isinstance(step.task, AwaitTask):
            succeeded = await self._await(step, step.task, scope)
        else:
            assert isinstance(step.task, PublishTask)
            succeeded = await self._publish(step, step.task, scope)
        if not succeeded and step.ends_iteration:
            raise EndIteration
        return succeeded

    async def _await(self, step: Driven, task: AwaitTask, scope: Scope) -> bool:
        began_ns = self._now_ns()
        pending: Pending | None = scope.expecting.get(step.name)
        if pending is None:
            self._recorder.note(f"{step.name}: {task.since} was not sent, or failed")
            self._recorder.count(
                step.series, "awaits", self._context.phase_at(began_ns), "withdrawn"
            )
            return False
        if not pending.is_told and not self._expectations.bind(pending, task.key, scope):
            raise EndIteration
        if not task.wait:
            del scope.expecting[step.name]
            return True
        assert pending.told is not None
        told = await pending.told  # stays in scope.expecting meanwhile: it may be cut off
        del scope.expecting[step.name]
        return self._heard(step, scope, pending, told, began_ns)

    def _heard(
        self, step: Driven, scope: Scope, pending: Pending, told: Told, began_ns: int
    ) -> bool:
        """What was awaited is there, or will not be in time: record and check it."""
        succeeded = told.fate == "ok"
        if not succeeded:
            self._recorder.note(f"{step.name}: {_why(pending, told)}")
        at_ns = told.at_ns or self._now_ns()
        row = self._recorder.buffer(_AWAIT_ROW, step.series, pending.phase, told.fate)
        row.append(at_ns - pending.since_ns)
        self._ended(step, pending.phase, max(at_ns, began_ns))
        message = told.message or Message(at_ns, b"")
        message.at_ns, message.since_ns = at_ns, pending.since_ns
        return self._check(step, scope, message, pending.phase, answered=succeeded)

    async def _publish(self, step: Driven, task: PublishTask, scope: Scope) -> bool:
        expectation = task.expectation
        try:
            event = "message" if task.event is None else task.event(scope)
            payload = task.payload(scope)
        except EVALUATION_ERRORS as error:
            self._recorder.note(f"{step.name}: {missing(error)}")
            raise EndIteration from None
        sent = self._publishers.of(expectation.channel).publish(event, payload)
        said = await sent.acknowledged(expectation.within_ns)
        succeeded = said.outcome == "ok"
        if not succeeded:
            self._recorder.note(f"{step.name}: {said.problem}")
        self._expectations.open(
            self._context, (expectation,), scope, sent.sent_ns, caused=succeeded
        )
        phase = self._context.phase_at(sent.sent_ns)
        row = self._recorder.buffer(_PUBLISH_ROW, step.series, phase, said.outcome)
        row.append(said.at_ns - sent.sent_ns)
        ended_ns, message = said.at_ns, Message(said.at_ns, b"")
        pending: Pending | None = scope.expecting.get(step.name)
        if pending is not None and pending.told is not None:
            told = await pending.told
            succeeded, ended_ns = told.fate == "ok", max(told.at_ns or self._now_ns(), ended_ns)
            if not succeeded:
                self._recorder.note(f"{step.name}: {_why(pending, told)}")
            message = told.message or message
        scope.expecting.pop(step.name, None)
        self._ended(step, phase, ended_ns)
        message.at_ns, message.since_ns = ended_ns, sent.sent_ns
        return self._check(step, scope, message, phase, answered=succeeded)

    # --- both -----------------------------------------------------------------------------------

    def _ended(self, step: Driven, phase: int, ended_ns: int) -> None:
        """The step is over: the next is due."""
        waited_ns = end_step(self._context, self._due, step.series, phase, ended_ns, happened=True)
        if waited_ns >= 0:
            self._recorder.trend("response_time", step.series, phase).append(waited_ns)

    def _check(
        self, step: Driven, scope: Scope, message: Message, phase: int, *, answered: bool
    ) -> bool:
        scope.response = message
        if step.checks:
            check_all(self._context, step.checks, phase, scope, answered=answered)
        if step.captures:
            capture_all(self._context, step, scope, succeeded=answered)
        return answered


def _why(pending: Pending, told: Told) -> str:
    """Why what was expected is not there."""
    within = format_ms(pending.expectation.within_ns / NS_PER_MS)
    channel = pending.expectation.channel
    return {
        "missed": f"not heard on channel {channel} within {within}",
        "nobody": f"no subscriber of channel {channel} had joined when it was caused",
        "undecided": f"the run ended before channel {channel} heard it",
    }[told.fate]
