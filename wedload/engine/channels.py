"""Driving `await` and `publish`: what channels hear, as steps of virtual users."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

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
from wedload.workload.verbs.channels import AwaitTask, PublishTask

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
        assert shared.plan is not None
        assert shared.settings is not None
        self._ears = shared.settings.ears
        self._expectations = Expectations(shared.recorder, shared.plan.channels)
        self._link: Link | None = None
        self.publishers = Publishers(shared)
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
        ended_ns = max(told.at_ns or self._now_ns(), began_ns)
        if told.fate == "ok":
            outcome, took_ns = "ok", told.at_ns - pending.since_ns
        else:
            outcome, took_ns = told.fate, ended_ns - pending.since_ns
            self._recorder.note(f"{step.name}: {self._why(pending, told)}")
        waited_ns = end_step(
            self._context, self._due, step.series, pending.phase, ended_ns, happened=True
        )
        row = self._recorder.buffer(_AWAIT_ROW, step.series, pending.phase, outcome)
        row.append(took_ns)
        if waited_ns >= 0:
            trend = self._recorder.trend("response_time", step.series, pending.phase)
            trend.append(waited_ns)
        message = told.message or Message(ended_ns, b"")
        message.at_ns, message.since_ns = pending.since_ns + took_ns, pending.since_ns
        return self._check(step, scope, message, pending.phase, answered=told.fate == "ok")

    def _why(self, pending: Pending, told: Told) -> str:
        within = format_ms(pending.expectation.within_ns / NS_PER_MS)
        channel = pending.expectation.channel
        return {
            "missed": f"not heard on channel {channel} within {within}",
            "nobody": f"no subscriber of channel {channel} had joined when it was caused",
            "undecided": f"the run ended before channel {channel} heard it",
        }[told.fate]

    def _check(
        self, step: Driven, scope: Scope, message: Message, phase: int, *, answered: bool
    ) -> bool:
        scope.response = message
        if step.checks:
            check_all(self._context, step.checks, phase, scope, answered=answered)
        if step.captures:
            capture_all(self._context, step, scope, succeeded=answered)
        return answered

    async def _publish(self, step: Driven, task: PublishTask, scope: Scope) -> bool:
        expectation = task.expectation
        try:
            event = None if task.event is None else task.event(scope)
            payload = task.payload(scope)
        except EVALUATION_ERRORS as error:
            self._recorder.note(f"{step.name}: {missing(error)}")
            raise EndIteration from None
        sent = await self._publishers.of(expectation.channel).publish(
            event, payload, expectation.within_ns
        )
        phase = self._context.phase_at(sent.sent_ns)
        ok = sent.outcome == "ok"
        if not ok:
            self._recorder.note(f"{step.name}: {sent.problem}")
        self._expectations.open(self._context, (expectation,), scope, sent.sent_ns, caused=ok)
        row = self._recorder.buffer(_PUBLISH_ROW, step.series, phase, sent.outcome)
        row.append(sent.acknowledged_ns - sent.sent_ns)
        told_ns = sent.acknowledged_ns
        pending: Pending | None = scope.expecting.pop(step.name, None)
        message = Message(told_ns, b"")
        message.since_ns = sent.sent_ns
        if task.wait and pending is not None:
            assert pending.told is not None
            told = await pending.told
            ok = told.fate == "ok"
            told_ns = max(told.at_ns or self._now_ns(), told_ns)
            if not ok:
                self._recorder.note(f"{step.name}: {self._why(pending, told)}")
            if told.message is not None:
                message = told.message
                message.at_ns, message.since_ns = told_ns, sent.sent_ns
        waited_ns = end_step(
            self._context, self._due, step.series, phase, told_ns, happened=sent.sent_ns > 0
        )
        if waited_ns >= 0 and sent.sent_ns:
            self._recorder.trend("response_time", step.series, phase).append(waited_ns)
        return self._check(step, scope, message, phase, answered=ok)
