"""Executor of externally-controlled: somebody scales its virtual users while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.executors.closed import ClosedExecutor

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.schedule import ControlledSchedule
    from wedload.workload.segment import Segment


class ControlledExecutor(ClosedExecutor):
    """Keeps as many virtual users as it was told last."""

    def __init__(
        self,
        scenario: CompiledScenario,
        schedule: ControlledSchedule,
        context: ScenarioContext,
        segment: Segment,
    ) -> None:
        super().__init__(scenario, context, segment)
        self._controlled = schedule
        self._vus = schedule.vus
        self._begun = False

    def scale(self, vus: int) -> None:
        """Have so many virtual users from now on, over all load processes together."""
        self._vus = min(vus, self._controlled.max_vus)
        if self._begun and not self._closing:
            self._carry_out()

    async def _follow(self) -> None:
        await self._clock.sleep_until(self._context.origin_ns)
        self._begun = True
        self._carry_out()
        await self._clock.sleep_until(self._end_ns)

    def _carry_out(self) -> None:
        now_ns = self._clock.now_ns()
        for number in range(self._segment.index, self._vus, self._segment.count):
            slot = self._slots.get(number)
            if slot is None or not slot.wanted:
                self._start(number, now_ns)
        for number, slot in self._slots.items():
            if number >= self._vus and slot.wanted:
                self._stop(slot, self._controlled.graceful_ramp_down_ns)
