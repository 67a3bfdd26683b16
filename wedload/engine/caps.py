"""The caps of a target, as a load process keeps them: how many virtual users, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.safety.allowance import Allowance
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.clock import Clock
    from wedload.engine.executors.base import Executor
    from wedload.workload.compile_plan import CompiledScenario, Settings
    from wedload.workload.segment import Segment

#: an abort lets running iterations finish for this long
ABORT_GRACE_NS: Final = 5 * NS_PER_S


class KeptCaps:
    """What the executors of one load process may do at most; they are in the scenarios' order."""

    def __init__(
        self,
        scenarios: Sequence[CompiledScenario],
        settings: Settings,
        segment: Segment,
        clock: Clock,
    ) -> None:
        self._scenarios = scenarios
        self._segment = segment
        self._clock = clock
        self._most_vus = settings.max_vus
        self._most_ns = settings.max_duration_ns
        self._allowance = Allowance(scenarios, settings.max_vus)

    def grant(self, scenario: str, vus: int) -> int:
        """How many of so many virtual users a scenario that people scale may have."""
        return self._allowance.grant(scenario, vus, self._clock.now_ns())

    def share_out(self, executors: Sequence[Executor]) -> None:
        """Tell each executor how many virtual users it may have here, if there is a cap."""
        if self._most_vus is None:
            return
        now_ns = self._clock.now_ns()
        for one, executor in zip(self._scenarios, executors, strict=True):
            executor.most_vus = self._segment.share(self._allowance.of(one.name, now_ns))

    async def end_load(self, executors: Sequence[Executor], start_ns: int) -> None:
        """End the load when `max_duration` is over, as an abort does.

        What a schedule asks for was checked before: whoever begins nothing more then has its own
        time to finish, as long as that is no longer than an abort's.
        """
        if self._most_ns is None:
            return
        over_ns = start_ns + self._most_ns
        why = f"the target's max_duration, {format_duration_ns(self._most_ns)}, was over"
        await self._clock.sleep_until(over_ns)
        for one, executor in zip(self._scenarios, executors, strict=True):
            if one.end_ns > self._most_ns:
                executor.ended_because = executor.ended_because or why
                executor.abort(ABORT_GRACE_NS)
        await self._clock.sleep_until(over_ns + ABORT_GRACE_NS)
        for executor in executors:
            if executor.active:
                executor.ended_because = executor.ended_because or why
                executor.abort(0)
