"""Driving `await` and `publish`: what channels hear, as steps of virtual users."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.channels.link import Link
from wedload.channels.message import Message
from wedload.engine.ending import capture_all, check_all, end_step
from wedload.engine.expecting import Expectations, Pending, Told
from wedload.engine.publishing import Publishers
from wedload.engine.scope import EndIteration, missing
from wedload.metrics.recorder import Row
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_MS, format_ms
from wedload.workload.compiled import Driven
from wedload.workload.verbs.channels import AwaitTask, PublishTask, published_channels

if TYPE_CHECKING:
    from wedload.channels.realtime.publisher import Acknowledgement
    from wedload.engine.context import Shared
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compiled import Guarded

_AWAIT_ROW = Row(("await_duration",), counter="awaits")
_PUBLISH_ROW = Row(("publish_duration",), counter="publishes")
#: what has been waited for to its end
_DECIDED: Final = frozenset({"ok", "missed"})
_WHY_NOT: Final = {
    "missed": "not heard",
    "nobody": "no subscriber had joined when it was caused",
    "undecided": "the run ended before it was heard",
    "no_key": "its key has no value, so that nobody can tell it",
}


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
            self._recorder.note(f"{step.name}: {task.since} was not sent")
            return False
        if not (pending.is_told or pending.withdrawn):
            self._expectations.bind(pending, task.key, scope)
        if pending.withdrawn:  # why was noted, and counted, where that happened
            del scope.expecting[step.name]
            return False
        if not task.wait:
            del scope.expecting[step.name]
            return True
        assert pending.told is not None
        try:
            told = await pending.told  # it stays in scope.expecting meanwhile
        except asyncio.CancelledError:
            self._cut_off("await_interrupted", step, pending.since_ns)
            raise
        del scope.expecting[step.name]
        return self._heard(step, scope, pending, told, began_ns)

    def _heard(
        self, step: Driven, scope: Scope, pending: Pending, told: Told, began_ns: int
    ) -> bool:
        """What was awaited is there, or will not be in time: record and check it."""
        decided = told.fate in _DECIDED
        at_ns = told.at_ns if decided else self._now_ns()
        if decided:
            row = self._recorder.buffer(_AWAIT_ROW, step.series, pending.phase, told.fate)
            row.append(at_ns - pending.since_ns)
        else:  # there was nothing to wait for, or nobody who knows
            self._recorder.count(step.series, "awaits", pending.phase, told.fate)
        if told.fate != "ok":
            self._recorder.note(f"{step.name}: {_why(pending, told)}")
        self._ended(step, pending.phase, max(at_ns, began_ns), timed=decided)
        message = told.message or Message(at_ns, b"")
        message.at_ns, message.since_ns = at_ns, pending.since_ns
        return self._check(step, scope, message, pending.phase, answered=told.fate == "ok")

    async def _publish(self, step: Driven, task: PublishTask, scope: Scope) -> bool:
        expectation = task.expectation
        try:
            event = "message" if task.event is None else task.event(scope)
            payload = task.payload(scope)
        except EVALUATION_ERRORS as error:
            self._recorder.note(f"{step.name}: {missing(error)}")
            raise EndIteration from None
        sent = self._publishers.of(expectation.channel).publish(event, payload)
        try:
            said = await sent.acknowledged(expectation.within_ns)
            caused = said.outcome == "ok"
            self._expectations.open(
                self._context, (expectation, *step.expects), scope, sent.sent_ns, caused=caused
            )
            told = await self._own(step.name, scope)
        except asyncio.CancelledError:
            self._cut_off("publish_interrupted", step, sent.sent_ns)
            raise
        return self._published(step, scope, sent.sent_ns, said, told)

    async def _own(self, name: str, scope: Scope) -> Told | None:
        """What became of the publish step's own expectation, if it waits for that."""
        pending: Pending = scope.expecting[name]
        told = Told("no_key", 0, None) if pending.withdrawn else None
        if pending.told is not None and not pending.withdrawn:
            told = await pending.told
        del scope.expecting[name]
        return told

    def _published(
        self, step: Driven, scope: Scope, sent_ns: int, said: Acknowledgement, told: Told | None
    ) -> bool:
        """A message was sent, or not: record and check it; it takes until it is acknowledged."""
        phase, outcome, why = self._context.phase_at(sent_ns), said.outcome, said.problem
        if outcome == "ok" and told is not None and told.fate != "ok":
            outcome, why = told.fate, _WHY_NOT[told.fate]
        if outcome != "ok":
            self._recorder.note(f"{step.name}: {why}")
        acknowledged = said.at_ns > sent_ns
        if acknowledged:
            row = self._recorder.buffer(_PUBLISH_ROW, step.series, phase, outcome)
            row.append(said.at_ns - sent_ns)
        else:  # a plain WebSocket says nothing; what was not sent took no time
            self._recorder.count(step.series, "publishes", phase, outcome)
        heard_ns = 0 if told is None else told.at_ns
        ended_ns = max(said.at_ns, heard_ns)
        self._ended(step, phase, ended_ns, timed=acknowledged or heard_ns > 0)
        message = Message(ended_ns, b"") if told is None or told.message is None else told.message
        message.at_ns, message.since_ns = ended_ns, sent_ns
        return self._check(step, scope, message, phase, answered=outcome == "ok")

    # --- both -----------------------------------------------------------------------------------

    def _cut_off(self, metric: str, step: Driven, since_ns: int) -> None:
        """Nobody waits any longer for a step that has not ended; how long somebody did."""
        trend = self._recorder.trend(metric, step.series, self._context.phase_at(since_ns))
        trend.append(self._now_ns() - since_ns)

    def _ended(self, step: Driven, phase: int, ended_ns: int, *, timed: bool) -> None:
        """The step is over: the next is due. `timed`: whether there was something to wait for."""
        waited_ns = end_step(self._context, self._due, step.series, phase, ended_ns, happened=timed)
        if timed and waited_ns >= 0:
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
    after = f" within {within}" if told.fate == "missed" else ""
    return f"channel {pending.expectation.channel}: {_WHY_NOT[told.fate]}{after}"
