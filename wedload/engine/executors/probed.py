"""Executor of probes: stretches at constant arrival rates that are told while it runs.

Each begins when its order arrives: with a warm-up, whose samples have no stage, then the stretch
that is judged, which is the stage of its name. Between them nothing arrives, and the target can
drain. It ends when it is told to, or when its time is over.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wedload.engine.executors.arrivals import ArrivalExecutor

if TYPE_CHECKING:
    from fractions import Fraction

    from wedload.engine.context import ScenarioContext
    from wedload.workload.compile_plan import CompiledScenario
    from wedload.workload.schedule import ArrivalSchedule
    from wedload.workload.segment import Segment


class ProbedExecutor(ArrivalExecutor):
    """Arrival rates of a search, which knows the next one only when the last is over."""

    def __init__(
        self,
        scenario: CompiledScenario,
        schedule: ArrivalSchedule,
        context: ScenarioContext,
        segment: Segment,
    ) -> None:
        super().__init__(scenario, schedule, context, segment)
        self._phase_numbers = scenario.probe_phases
        self._between = scenario.phases[0][1]
        self._ordered = asyncio.Event()
        self._over = False
        self._number = 0  # of the probe that was ordered last; 0: none is
        self._rate: Fraction | None = None
        self._warm_ns = 0
        self._judged_ns = 0

    def probe(self, number: int, rate: Fraction, warm_ns: int, judged_ns: int) -> None:
        """Begin a probe now; `number` is from 1, `rate` per s. One that is under way ends."""
        self._number, self._rate = number, rate
        self._warm_ns, self._judged_ns = warm_ns, judged_ns
        self._ordered.set()

    def cut(self) -> None:
        """End the probe that is under way."""
        self._rate = None
        self._ordered.set()

    def end_probes(self) -> None:
        """There is no further probe: end as if the schedule were over."""
        self._over = True
        self._ordered.set()

    def _cut(self) -> bool:
        return self._ordered.is_set()

    async def _follow(self) -> None:
        ending = asyncio.create_task(self._end_in_time(), name="end of the probes")
        try:
            while not self._over:
                await self._ordered.wait()
                self._ordered.clear()
                if not self._over and self._rate is not None:
                    await self._carry_out(self._rate)
        finally:
            ending.cancel()

    async def _carry_out(self, rate: Fraction) -> None:
        begin_ns = self._clock.now_ns()
        judged_ns = begin_ns + self._warm_ns
        phases = self._context.phases
        phases.add(begin_ns, self._between)  # the last one may have been cut
        phases.add(judged_ns, self._phase_numbers[self._number - 1])
        phases.add(judged_ns + self._judged_ns, self._between)
        length_ns = self._warm_ns + self._judged_ns
        await self._start_all(self._arrivals.probe(self._number, rate, length_ns), begin_ns)

    async def _end_in_time(self) -> None:
        await self._clock.sleep_until(self._end_ns)
        self.end_probes()
