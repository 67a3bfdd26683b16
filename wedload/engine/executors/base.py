"""What all executors share: the lives of one scenario's virtual users in one load process.

A virtual user that is to stop finishes its iteration within a time of grace and is cancelled
after it; if it is wanted again within that time it goes on. When virtual users are wanted, and
what makes them start an iteration, is a subclass's business; the schedule itself is
wedload.workload.schedule, and what a virtual user does is wedload.engine.virtual_user.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from wedload.engine.virtual_user import VirtualUser
from wedload.errors import JournalError
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.feeders import FeederExhaustedError

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.compiled import CompiledWorkflow
    from wedload.workload.segment import Segment

#: what starts no more than this late was there when it was asked for; on a busy machine that a
#: process shares with others, less cannot be promised
ON_TIME_NS: Final = 100 * NS_PER_MS


class Slot:
    """The place of one virtual user of the schedule."""

    __slots__ = ("cancel", "cancel_s", "number", "task", "user", "waiting", "wanted", "work")

    def __init__(self, number: int) -> None:
        self.number = number  # from 0
        self.wanted = False  # by the schedule
        self.waiting = False  # between two iterations
        self.user: VirtualUser | None = None
        self.task: asyncio.Task[None] | None = None
        self.cancel: asyncio.Handle | None = None  # of its task, when its time of grace is over …
        self.cancel_s = 0.0  # … at this loop time: uvloop's handles do not always tell
        self.work: asyncio.Future[int] | None = None  # what it waits for, with an arrival rate


class Executor(ABC):
    """Runs one scenario's virtual users of one segment."""

    def __init__(
        self, scenario: CompiledScenario, context: ScenarioContext, segment: Segment
    ) -> None:
        self._scenario = scenario
        self._context = context
        self._segment = segment
        self._clock = context.shared.clock
        self._end_ns = context.origin_ns + scenario.schedule.duration_ns
        self._slots: dict[int, Slot] = {}
        self._tasks = 0
        self._schedule: asyncio.Task[None] | None = None
        self._closing = False  # no virtual user starts any more
        self._last_cancel_s: float | None = None  # loop time by which everybody is gone
        self._paused = False  # no iteration starts …
        self._resumed = asyncio.Event()  # … until this is set
        self.most_vus: int | None = None  # that may run in this process, whatever the schedule says
        self.missing = 0.0  # of what the schedule asked for, in its own unit, for reasons of ours
        self.ended_because: str | None = None  # if it ended before its schedule
        self.failure: BaseException | None = None  # a defect of wedload, to be raised

    @property
    def active(self) -> int:
        """Virtual users that run now."""
        return self._tasks

    async def run(self) -> None:
        """Run the scenario to its end, the last grace included; `end` follows in any case."""
        if self._closing:
            return  # aborted before it began
        self._schedule = asyncio.create_task(self._follow(), name=f"schedule {self._scenario.name}")
        await asyncio.wait([self._schedule])
        if not self._schedule.cancelled():
            self._schedule.result()
        self._close(self._scenario.graceful_stop_ns)
        await self._drained()
        if self.failure is not None:
            raise self.failure

    async def end(self) -> None:
        """Cancel what still runs, and return when it is gone."""
        self._closing = True
        if self._schedule is not None:
            self._schedule.cancel()
        for slot in self._slots.values():
            slot.wanted = False
            if slot.task is not None:
                slot.task.cancel()
        await self._drained()

    def abort(self, grace_ns: int) -> None:
        """Start nothing any more; what runs gets `grace_ns` to finish its iteration."""
        if self._schedule is not None:
            self._schedule.cancel()
        self._close(grace_ns)

    def pause(self) -> None:
        """Start no iteration until `resume`; those under way go on, and so does the schedule."""
        self._paused = True
        self._resumed.clear()

    def resume(self) -> None:
        """Start iterations again."""
        self._paused = False
        self._resumed.set()

    # --- for subclasses ---------------------------------------------------------------------

    @abstractmethod
    async def _follow(self) -> None:
        """Carry out the schedule; returns at its end, before the last grace."""

    @abstractmethod
    async def _work(self, slot: Slot, user: VirtualUser, due_ns: int) -> None:
        """A virtual user's iterations, the first due at `due_ns`."""

    def _pick(self, user: VirtualUser) -> CompiledWorkflow:
        workflows = self._scenario.workflows
        if len(workflows) == 1:
            return workflows[0]
        weights = self._scenario.cumulative_weights
        return workflows[bisect_right(weights, user.scope.rng.random() * weights[-1])]

    async def _resumption(self, slot: Slot) -> None:
        """Return when the run is not paused."""
        while self._paused:
            slot.waiting = True
            await self._resumed.wait()
            slot.waiting = False

    def _drop(self, due_ns: int, number: int = 1) -> None:
        """Count iterations that were due and do not run."""
        phase = self._context.phase_at(due_ns)
        series = self._scenario.series
        self._context.shared.recorder.count(series, "dropped_iterations", phase, by=number)

    def _start(self, number: int, due_ns: int) -> Slot:
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = Slot(number)
        slot.wanted = True
        if slot.cancel is not None:
            slot.cancel.cancel()
            slot.cancel = None
        # one that is finishing its iteration goes on; one that is being cancelled starts anew
        # when it is gone (see _gone)
        if slot.task is None and (self.most_vus is None or self._tasks < self.most_vus):
            slot.task = asyncio.create_task(self._live(slot, due_ns), name=f"vu {number}")
            slot.task.add_done_callback(lambda task: self._gone(slot, task))
            self._tasks += 1
        return slot

    def _stop(self, slot: Slot, grace_ns: int) -> None:
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
        if slot.cancel is not None:
            at_s = min(at_s, slot.cancel_s)
            slot.cancel.cancel()
        slot.cancel, slot.cancel_s = loop.call_at(at_s, slot.task.cancel), at_s

    async def _drained(self) -> None:
        while tasks := [slot.task for slot in self._slots.values() if slot.task is not None]:
            await asyncio.wait(tasks)

    # --- inside -----------------------------------------------------------------------------

    async def _live(self, slot: Slot, due_ns: int) -> None:
        user = slot.user
        if user is None:
            user = slot.user = VirtualUser(self._context, self._context.scope(slot.number))
        try:
            await self._work(slot, user, due_ns)
        except FeederExhaustedError as error:
            self.ended_because = str(error)
            slot.wanted = False
            self.abort(self._scenario.graceful_stop_ns)
        except JournalError as error:
            slot.wanted = False
            if (give_up := self._context.shared.give_up) is not None:
                give_up(error.message)
        finally:
            user.close()

    def _gone(self, slot: Slot, task: asyncio.Task[None]) -> None:
        self._tasks -= 1
        slot.task = None
        slot.waiting = False
        if slot.cancel is not None:
            slot.cancel.cancel()
            slot.cancel = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # a defect of ours must end the run, not just one virtual user in silence
            if self._schedule is not None:
                self._schedule.cancel()
            self.failure = error
            self._close(0)
        elif slot.wanted and not self._closing:
            self._start(slot.number, self._clock.now_ns())

    def _close(self, grace_ns: int) -> None:
        self._closing = True
        by_s = asyncio.get_running_loop().time() + grace_ns / NS_PER_S
        if self._last_cancel_s is None or by_s < self._last_cancel_s:
            self._last_cancel_s = by_s
        for slot in self._slots.values():
            self._stop(slot, grace_ns)
