"""The third parties of a plan by themselves: played until somebody ends it, and then summed up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.clock import MonotonicClock
from wedload.dependencies.observation import Observation
from wedload.engine.health import raise_descriptor_limit
from wedload.fleet.reach import checked_upstreams
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.recorder import Recorder
from wedload.metrics.summary import Summary
from wedload.plan.fault_proxies import SANDBOX
from wedload.plan.fault_times import fault_spans
from wedload.results.simulated import Simulated
from wedload.run import interrupts
from wedload.run.fault_course import FaultCourse
from wedload.safety.addresses import leads_here
from wedload.simulators.world import World
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.plan.model import Plan
    from wedload.safety.target_guard import TargetGuard
    from wedload.simulators.world import Places

_FLUSH_S: Final = 0.25
_NEVER_NS: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What is asked of it besides the plan."""

    seed: int
    time_scale: float = 1.0
    faults: bool = False  # follow their timeline, from the start on
    env: Mapping[str, str] | None = None


async def simulate(
    plan: Plan,
    options: SimulationOptions,
    guard: TargetGuard,
    *,
    ready: Callable[[Places], None],
    tell: Callable[[str], None],
) -> Simulated:
    """Play the third parties of a plan, and its proxies, until this process is interrupted.

    `ready` is told where they are, `tell` what people are to know meanwhile.

    Raises:
        PartyError: one of them cannot listen where it is to.
        UsageError, TargetError: a proxy must not, or cannot, lead where it is to.
    """
    raise_descriptor_limit()
    stopped = asyncio.Event()
    with interrupts.handled(stopped.set):
        return await _Simulation(plan, options, tell).run(guard, ready, stopped)


class _Simulation:
    def __init__(self, plan: Plan, options: SimulationOptions, tell: Callable[[str], None]) -> None:
        self._plan = plan
        self._options = options
        self._tell = tell
        self._clock = MonotonicClock()
        self._began_ns = self._clock.now_ns()
        catalogue = Catalogue()
        phase = catalogue.add_phase(Phase(""))
        series = {
            name: catalogue.add_series(Series("", dependency=name)) for name in plan.dependencies
        }
        self._recorder = Recorder()
        self._observation = Observation(
            self._recorder, plan.dependencies, series, [(-_NEVER_NS, phase)]
        )
        self._summary = Summary(catalogue)

    async def run(
        self, guard: TargetGuard, ready: Callable[[Places], None], stopped: asyncio.Event
    ) -> Simulated:
        plan, options = self._plan, self._options
        upstreams = await checked_upstreams(plan, guard)
        before_sandbox = [name for name, one in upstreams.items() if one.upstream == SANDBOX]
        for name in before_sandbox:
            self._tell(f"without a run there is no sandbox that proxy {name} could lead to")
            del upstreams[name]
        world = World(
            plan.dependencies, upstreams, plan.faults,
            seed=options.seed, time_scale=options.time_scale, told=self._observation,
            clock=self._clock, env=options.env or {}, warn=self._tell,
            allowed=leads_here,
        )  # fmt: skip
        try:
            places = await world.open()
            self._began_ns = self._clock.now_ns()
            self._observation.begin(self._began_ns)
            course = FaultCourse(fault_spans(plan.faults, options.time_scale))
            if options.faults:
                world.begin()
            ready(places)
            while not stopped.is_set():
                self._take_in(world)
                for change in course.until(self._elapsed_s()) if options.faults else ():
                    self._tell(change)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), _FLUSH_S)
        finally:
            await world.close()
        self._observation.finish()
        self._flush()
        reports, seen = world.reports(), self._observation.reports()
        return Simulated(
            self._elapsed_s(),
            self._summary,
            {name: {**seen[name], **report} for name, report in reports.dependencies.items()},
            reports.proxies,
        )

    def _elapsed_s(self) -> float:
        return (self._clock.now_ns() - self._began_ns) / NS_PER_S

    def _take_in(self, world: World) -> None:
        oldest_ns, now_ns = world.oldest_ns(), self._clock.now_ns()
        self._observation.sweep(now_ns if oldest_ns is None else min(oldest_ns, now_ns))
        self._flush()

    def _flush(self) -> None:
        snapshot = self._recorder.flush(0, int(self._elapsed_s()), {})
        self._summary.add(snapshot)
