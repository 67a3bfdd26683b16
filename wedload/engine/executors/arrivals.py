"""Executor of an open load: iterations start on schedule, whoever is free runs them.

The dispatcher sleeps to absolute instants and never waits for a virtual user: a slow target does
not delay a later arrival's due time. What is due while nobody is free waits in line and keeps its
due time, or is dropped and counted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from wedload.engine.executors.base import ON_TIME_NS, Executor, Slot

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.schedule import ArrivalSchedule
    from wedload.workload.segment import Segment

#: arrivals handed out in one go: a dispatcher that is late must still let others run
_MOST_AT_ONCE: Final = 100


class ArrivalExecutor(Executor):
    """constant-arrival-rate and ramping-arrival-rate."""

    def __init__(
        self,
        scenario: CompiledScenario,
        schedule: ArrivalSchedule,
        context: ScenarioContext,
        segment: Segment,
    ) -> None:
        super().__init__(scenario, context, segment)
        self._arrivals = schedule
        self._most_vus = segment.share(schedule.max_vus)
        self._idle: list[Slot] = []  # the one that ended last is taken first: it is warm
        self._busy = 0
        self._line: deque[int] = deque()  # instants of arrivals that nobody was free for

    @property
    def active(self) -> int:
        """Virtual users that run an iteration now."""
        return self._busy

    def abort(self, grace_ns: int) -> None:
        """Start nothing any more, not even what is in line."""
        self._drop_line()
        super().abort(grace_ns)

    def resume(self) -> None:
        """Start iterations again, those in line first."""
        super().resume()
        while self._line and self._idle:
            self._hand_out(self._line.popleft())

    async def run(self) -> None:
        """Run the scenario to its end; in the last grace what is in line still gets its turn."""
        try:
            await super().run()
        finally:
            self._drop_line()

    async def _follow(self) -> None:
        await self._start_all(self._arrivals, self._context.origin_ns)
        await self._clock.sleep_until(self._end_ns)

    async def _start_all(self, arrivals: ArrivalSchedule, origin_ns: int) -> None:
        """Start what a schedule has due, which begins at an instant, until its end or ours."""
        clock = self._clock
        in_a_row = 0
        for at_ns in arrivals.due_ns(self._segment):
            due_ns = origin_ns + at_ns
            if due_ns > clock.now_ns():
                await clock.sleep_until(due_ns)
                in_a_row = 0
            elif in_a_row >= _MOST_AT_ONCE:
                await asyncio.sleep(0)
                in_a_row = 0
            if self._closing or self._cut():
                return
            in_a_row += 1
            self._dispatch(due_ns)

    def _cut(self) -> bool:
        """Whether the schedule under way is to end before its time."""
        return False

    def _dispatch(self, due_ns: int) -> None:
        if self._clock.now_ns() - due_ns > ON_TIME_NS:
            self.missing += 1
        if self._paused:
            self._drop(due_ns)
        elif self._idle:
            self._hand_out(due_ns)
        elif len(self._slots) < self._most_here():
            self._start(self._segment.nth(len(self._slots)), due_ns)
        elif self._arrivals.drop:
            self._drop(due_ns)
        else:
            self._line.append(due_ns)

    def _most_here(self) -> int:
        return self._most_vus if self.most_vus is None else min(self._most_vus, self.most_vus)

    def _hand_out(self, due_ns: int) -> None:
        slot = self._idle.pop()
        slot.waiting = False
        assert slot.work is not None
        slot.work.set_result(due_ns)

    async def _work(self, slot: Slot, user: VirtualUser, due_ns: int) -> None:
        loop = asyncio.get_running_loop()
        while True:
            flow = self._pick(user)
            user.late(flow, due_ns)
            self._busy += 1
            try:
                await user.iterate(flow, due_ns)
            finally:
                self._busy -= 1
            if self._line and not self._paused:
                await asyncio.sleep(0)  # one that sent nothing must not lock the loop
            # only now: in the meantime there may have been an abort, or a pause
            if self._line and not self._paused:
                due_ns = self._line.popleft()
            elif self._closing:
                return
            else:
                slot.work = loop.create_future()
                slot.waiting = True
                self._idle.append(slot)
                due_ns = await slot.work

    def _close(self, grace_ns: int) -> None:
        self._idle.clear()  # they are cancelled: nothing can be handed out to them any more
        super()._close(grace_ns)

    def _drop_line(self) -> None:
        for due_ns in self._line:
            self._drop(due_ns)
        self._line.clear()
