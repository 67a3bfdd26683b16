"""Executors of a closed load: a virtual user starts its next iteration when the last has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wedload.engine.executors.base import ON_TIME_NS, Executor, Slot
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.schedule import IterationSchedule, VuSchedule
    from wedload.workload.segment import Segment


class ClosedExecutor(Executor):
    """What closed loads share: iterations one after the other, with a pace at most that often."""

    def _has_more(self, slot: Slot) -> bool:
        """Whether there is an iteration left for a virtual user."""
        del slot
        return True

    def _begin(self, slot: Slot) -> None:
        """Take note that a virtual user begins an iteration."""

    async def _work(self, slot: Slot, user: VirtualUser, due_ns: int) -> None:
        clock, pace_ns, now_ns = self._clock, self._scenario.pace_ns, self._clock.now_ns
        at_ns = now_ns()
        # what is due when the last stage ends does not start, whichever timer fires first
        while slot.wanted and at_ns < self._end_ns and self._has_more(slot):
            if self._paused:
                await self._resumption(slot)
                due_ns = at_ns = now_ns()
                continue
            self._begin(slot)
            flow = self._pick(user)
            if pace_ns is not None:
                user.late(flow, due_ns)
            at_ns = await user.iterate(flow, due_ns)
            if pace_ns is None:
                due_ns = at_ns
                if not user.paused:  # one that waited for nothing must not lock the loop
                    await asyncio.sleep(0)
                    at_ns = now_ns()
            else:
                due_ns = max(due_ns + pace_ns, at_ns)
                if slot.wanted and due_ns > at_ns and self._has_more(slot):
                    slot.waiting = True
                    await clock.sleep_until(due_ns)
                    slot.waiting = False
                    at_ns = now_ns()


class VuExecutor(ClosedExecutor):
    """constant-vus and ramping-vus: starts and stops virtual users on schedule."""

    def __init__(
        self,
        scenario: CompiledScenario,
        schedule: VuSchedule,
        context: ScenarioContext,
        segment: Segment,
    ) -> None:
        super().__init__(scenario, context, segment)
        self._vus = schedule

    async def _follow(self) -> None:
        origin_ns = self._context.origin_ns
        for change in self._vus.changes(self._segment):
            due_ns = origin_ns + change.at_ns
            if due_ns > self._clock.now_ns():
                await self._clock.sleep_until(due_ns)
            if self._closing:
                return
            if change.start:
                self._start(change.vu, due_ns)
            else:
                self._stop(self._slots[change.vu], self._vus.graceful_ramp_down_ns)
        if self._scenario.once:
            await self._drained()
        await self._clock.sleep_until(self._end_ns)

    async def _work(self, slot: Slot, user: VirtualUser, due_ns: int) -> None:
        late_ns = min(self._clock.now_ns(), self._end_ns) - due_ns
        if late_ns > ON_TIME_NS:
            self.missing += late_ns / NS_PER_S
        if self._scenario.once:
            for flow in self._scenario.workflows:
                await user.iterate(flow, self._clock.now_ns())
            slot.wanted = False
        else:
            await super()._work(slot, user, due_ns)


class IterationExecutor(ClosedExecutor):
    """per-vu-iterations and shared-iterations: ends when all iterations have run."""

    def __init__(
        self,
        scenario: CompiledScenario,
        schedule: IterationSchedule,
        context: ScenarioContext,
        segment: Segment,
    ) -> None:
        super().__init__(scenario, context, segment)
        self._iterations = schedule
        self._vus = segment.share(schedule.vus)
        #: iterations that nobody has begun, of each virtual user or of all of them
        self._left: dict[int, int] = {}

    async def _follow(self) -> None:
        schedule, origin_ns = self._iterations, self._context.origin_ns
        numbers = [self._segment.nth(position) for position in range(self._vus)]
        if schedule.shared:
            self._left = {0: schedule.share_of(self._segment)}
        else:
            self._left = dict.fromkeys(numbers, schedule.iterations)
        await self._clock.sleep_until(origin_ns)
        for number in numbers:
            self._start(number, origin_ns)
        over = asyncio.create_task(self._clock.sleep_until(self._end_ns), name="max_duration")
        drained = asyncio.create_task(self._drained(), name="all iterations")
        try:
            await asyncio.wait([over, drained], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (over, drained):
                task.cancel()
        await asyncio.gather(over, drained, return_exceptions=True)
        if left := sum(self._left.values()):
            self._drop(self._end_ns, left)

    def _has_more(self, slot: Slot) -> bool:
        return self._left[self._whose(slot)] > 0

    def _begin(self, slot: Slot) -> None:
        self._left[self._whose(slot)] -= 1

    def _whose(self, slot: Slot) -> int:
        return 0 if self._iterations.shared else slot.number

    async def _work(self, slot: Slot, user: VirtualUser, due_ns: int) -> None:
        await super()._work(slot, user, due_ns)
        slot.wanted = False  # there is nothing left for it to do
