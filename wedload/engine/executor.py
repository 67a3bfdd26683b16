"""The executor of ramping (and constant) virtual users: it starts and stops them on schedule.

A virtual user that is to stop finishes its iteration within a time of grace and is cancelled
after it; if load rises again within that time it goes on. The schedule itself is
wedload.workload.stages; what a virtual user does is wedload.engine.virtual_user.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import TYPE_CHECKING

from wedload.engine.virtual_user import VirtualUser
from wedload.units import NS_PER_S
from wedload.workload.feeders import FeederExhaustedError

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.workload.compile import CompiledScenario
    from wedload.workload.flow import Flow
    from wedload.workload.stages import Segment


class _Slot:
    """The place of one virtual user of the schedule."""

    __slots__ = ("cancel_at", "number", "task", "user", "waiting", "wanted")

    def __init__(self, number: int) -> None:
        self.number = number  # from 0
        self.wanted = False  # by the schedule
        self.waiting = False  # between two iterations
        self.user: VirtualUser | None = None
        self.task: asyncio.Task[None] | None = None
        self.cancel_at: asyncio.TimerHandle | None = None


class VuExecutor:
    """Runs one scenario's virtual users of one segment."""

    def __init__(
        self, scenario: CompiledScenario, context: ScenarioContext, segment: Segment
    ) -> None:
        self._scenario = scenario
        self._context = context
        self._segment = segment
        self._clock = context.shared.clock
        self._end_ns = context.origin_ns + scenario.end_ns - scenario.start_ns
        self._slots: dict[int, _Slot] = {}
        self._schedule: asyncio.Task[None] | None = None
        self._closing = False  # no virtual user starts any more
        self._last_cancel_s: float | None = None  # loop time by which everybody is gone
        self.active = 0  # virtual users that run now
        self.missing_vu_ns = 0  # by which virtual users started late, all of them together
        self.ended_because: str | None = None  # if it ended before its schedule
        self.failure: BaseException | None = None  # a defect of wedload, to be raised

    async def run(self) -> None:
        """Run the scenario to its end, the last grace included."""
        if self._closing:
            return  # aborted before it began
        self._schedule = asyncio.create_task(self._follow(), name=f"schedule {self._scenario.name}")
        try:
            await asyncio.wait([self._schedule])
            if not self._schedule.cancelled():
                self._schedule.result()
            self._close(self._scenario.graceful_stop_ns)
            await self._drained()
            if self.failure is not None:
                raise self.failure
        finally:
            self._schedule.cancel()
            await self._cancel_all()

    def abort(self, grace_ns: int) -> None:
        """Start nothing any more; what runs gets `grace_ns` to finish its iteration."""
        if self._schedule is not None:
            self._schedule.cancel()
        self._close(grace_ns)

    # --- the schedule -----------------------------------------------------------------------

    async def _follow(self) -> None:
        scenario, origin_ns = self._scenario, self._context.origin_ns
        for change in scenario.changes(self._segment):
            due_ns = origin_ns + change.at_ns
            if due_ns > self._clock.now_ns():
                await self._clock.sleep_until(due_ns)
            if self._closing:
                return
            if change.start:
                self._start(change.vu, due_ns)
            else:
                self._stop(self._slots[change.vu], scenario.graceful_ramp_down_ns)
        if scenario.once:
            await self._drained()
        await self._clock.sleep_until(self._end_ns)

    def _start(self, number: int, due_ns: int) -> None:
        slot = self._slots.setdefault(number, _Slot(number))
        slot.wanted = True
        if slot.cancel_at is not None:
            slot.cancel_at.cancel()
            slot.cancel_at = None
        # one that is finishing its iteration goes on; one that is being cancelled starts anew
        # when it is gone (see _gone)
        if slot.task is None:
            slot.task = asyncio.create_task(self._live(slot, due_ns), name=f"vu {number}")
            slot.task.add_done_callback(lambda task: self._gone(slot, task))
            self.active += 1

    def _stop(self, slot: _Slot, grace_ns: int) -> None:
        slot.wanted = False
        if slot.task is None:
            return
        if slot.waiting:
            slot.task.cancel()  # nothing is under way
            return
        loop = asyncio.get_running_loop()
        at_s = loop.time() + grace_ns / NS_PER_S
        if self._last_cancel_s is not None:
            at_s = min(at_s, self._last_cancel_s)
        if slot.cancel_at is not None:
            at_s = min(at_s, slot.cancel_at.when())
            slot.cancel_at.cancel()
        slot.cancel_at = loop.call_at(at_s, slot.task.cancel)

    def _gone(self, slot: _Slot, task: asyncio.Task[None]) -> None:
        self.active -= 1
        slot.task = None
        slot.waiting = False
        if slot.cancel_at is not None:
            slot.cancel_at.cancel()
            slot.cancel_at = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # a defect of ours must end the run, not just one virtual user in silence
            if self._schedule is not None:
                self._schedule.cancel()
            self.failure = error
            self._close(0)
        elif slot.wanted and not self._closing:
            self._start(slot.number, self._clock.now_ns())

    # --- the end ----------------------------------------------------------------------------

    def _close(self, grace_ns: int) -> None:
        self._closing = True
        by_s = asyncio.get_running_loop().time() + grace_ns / NS_PER_S
        if self._last_cancel_s is None or by_s < self._last_cancel_s:
            self._last_cancel_s = by_s
        for slot in self._slots.values():
            self._stop(slot, grace_ns)

    async def _drained(self) -> None:
        while tasks := [slot.task for slot in self._slots.values() if slot.task is not None]:
            await asyncio.wait(tasks)

    async def _cancel_all(self) -> None:
        self._closing = True
        for slot in self._slots.values():
            slot.wanted = False
            if slot.task is not None:
                slot.task.cancel()
        await self._drained()

    # --- a virtual user's life --------------------------------------------------------------

    async def _live(self, slot: _Slot, due_ns: int) -> None:
        user = slot.user
        if user is None:
            user = slot.user = VirtualUser(self._context, self._context.scope(slot.number))
        self.missing_vu_ns += max(min(self._clock.now_ns(), self._end_ns) - due_ns, 0)
        try:
            if self._scenario.once:
                for flow in self._scenario.flows:
                    await user.iterate(flow)
                slot.wanted = False
            else:
                await self._repeat(slot, user, due_ns)
        except FeederExhaustedError as error:
            self.ended_because = str(error)
            slot.wanted = False
            self.abort(self._scenario.graceful_stop_ns)
        finally:
            user.close()

    async def _repeat(self, slot: _Slot, user: VirtualUser, due_ns: int) -> None:
        """Iterate while wanted, first at `due_ns`; with a pace, at most that often."""
        clock, pace_ns = self._clock, self._scenario.pace_ns
        # what is due when the last stage ends does not start, whichever timer fires first
        while slot.wanted and clock.now_ns() < self._end_ns:
            flow = self._pick(user)
            if pace_ns is not None:
                now_ns = clock.now_ns()
                phase = self._context.phase_at(now_ns)
                user.record("iteration_lateness", flow.series, phase, now_ns - due_ns)
            await user.iterate(flow)
            ended_ns = clock.now_ns()
            if pace_ns is not None:
                due_ns = max(due_ns + pace_ns, ended_ns)
                if slot.wanted and due_ns > ended_ns:
                    slot.waiting = True
                    await clock.sleep_until(due_ns)
                    slot.waiting = False
            else:
                await asyncio.sleep(0)  # one that sent nothing must not lock the loop

    def _pick(self, user: VirtualUser) -> Flow:
        flows = self._scenario.flows
        if len(flows) == 1:
            return flows[0]
        weights = self._scenario.cumulative_weights
        return flows[bisect_right(weights, user.scope.rng.random() * weights[-1])]
