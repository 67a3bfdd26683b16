"""The engine of one load process: set-up, load, tear-down, clean-up, one after the other.

It does not know where it runs or who reads its snapshots.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.engine.caps import ABORT_GRACE_NS, KeptCaps
from wedload.engine.context import ScenarioContext, Shared
from wedload.engine.deletion import CleanupList
from wedload.engine.executors import new_executor
from wedload.engine.executors.controlled import ControlledExecutor
from wedload.engine.executors.probed import ProbedExecutor
from wedload.engine.health import HealthProbe
from wedload.engine.outside import Outside
from wedload.engine.pacing import Comb, Pace
from wedload.engine.tracing import Tracer
from wedload.engine.verbs import drivers_of
from wedload.metrics.recorder import Recorder
from wedload.plan.scenarios import SETUP, TEARDOWN
from wedload.protocols.http.decoding import ACCEPT_ENCODING
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import compile_workload
from wedload.workload.feeders import RowSource
from wedload.workload.phases import PhaseTimeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from fractions import Fraction

    from wedload.clock import Clock
    from wedload.engine.executors.base import Executor
    from wedload.engine.port import HttpClients, Remember
    from wedload.engine.sweeping import Swept
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.model import Plan
    from wedload.safety.journal.account import Account
    from wedload.safety.journal.writer import LoadJournal
    from wedload.workload.compile_plan import CompiledScenario, Settings
    from wedload.workload.segment import Segment
    from wedload.workload.verbs.sql import SlowestQuery

_FLUSHES_A_SECOND: Final = 4
#: the second of samples that were taken outside of the load
OUTSIDE: Final = -1


class Engine:
    """Drives one segment of a workload. Used inside a running event loop."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        *,
        segment: Segment,
        clock: Clock,
        http: HttpClients,
        emit: Callable[[Snapshot], None],
        journal: LoadJournal | None = None,
        remember: Remember | None = None,
    ) -> None:
        self._workload = compile_workload(plan, settings, accept_encoding=ACCEPT_ENCODING)
        self._segment = segment
        self._clock = clock
        self._emit = emit
        self._recorder = Recorder()
        self._executors: list[Executor] = []
        self._caps = KeptCaps(self._workload.scenarios, settings, segment, clock)
        self._aborted = False
        self._given_up: str | None = None  # why no scenario goes on
        #: what `probe` was asked for before the load
        self._first_probe: tuple[int, Mapping[str, Fraction], int, int] | None = None
        most = settings.max_rate_per_s
        pace = None if most is None else Pace(Comb(most, segment), clock)
        self._shared = Shared(
            clock=clock,
            recorder=self._recorder,
            catalogue=self._workload.catalogue,
            http=http,
            cleanup=CleanupList(),
            sources={name: RowSource(name, feeder, segment) for name, feeder in plan.data.items()},
            plan=plan,
            settings=settings,
            journal=journal,
            give_up=self._give_up,
            fresh_connections=plan.http.connections == "per-iteration",
            plan_variables=self._workload.variables,
            remember=remember,
            pace=pace,
            homes=self._workload.homes,
            tracer=_tracer(plan, settings, segment),
        )
        # signing in is HTTP, whatever it is done for
        verbs = self._workload.teardown_verbs if settings.recovers else self._workload.verbs
        self._shared.drivers = drivers_of({"http", *verbs}, self._shared)
        self._outside = Outside(
            self._shared, self._workload, segment.count, lambda: self._flush(OUTSIDE)
        )

    async def open(self) -> None:
        """Make ready what the steps are driven by."""
        for drivers in set(self._shared.drivers.values()):
            await drivers.open()

    async def close(self) -> None:
        """End it, with every connection."""
        all_drivers = set(self._shared.drivers.values())
        try:  # one that cannot be closed keeps no other open
            ended = await asyncio.gather(
                *(drivers.close() for drivers in all_drivers), return_exceptions=True
            )
        finally:
            if self._shared.journal is not None:
                self._shared.journal.close()
        for one in ended:
            if isinstance(one, BaseException):
                raise one

    async def setup(self) -> tuple[dict[str, Any], list[str]]:
        """Run the set-up steps: what they captured, and what went wrong, if anything did."""
        return await self._outside.run_once(SETUP, self._workload.setup)

    async def get_ready(self, variables: dict[str, Any]) -> None:
        """Connect what is to be there before the load, with what set-up captured."""
        self._shared.variables = dict(variables)
        for drivers in set(self._shared.drivers.values()):
            await drivers.begin()

    async def load(
        self, variables: dict[str, Any]
    ) -> tuple[list[tuple[str, str]], dict[str, float]]:
        """Drive the scenarios from now on.

        Returns which ended before their schedule, if any did, and why; and what each missed of the
        load that it was asked for, in its schedule's own unit.
        """
        self._shared.variables = dict(variables)
        start_ns = self._clock.now_ns()
        if self._shared.journal is not None:
            self._shared.journal.mark(start_ns)
            self._shared.journal.write_soon(asyncio.get_running_loop().call_soon)
        self._shared.tracer.begin(start_ns)
        probe = HealthProbe(self._clock)
        self._executors = [self._executor(one, start_ns) for one in self._workload.scenarios]
        self._caps.share_out(self._executors)
        if self._first_probe is not None:
            self.probe(*self._first_probe)
        background = [
            asyncio.create_task(probe.watch(), name="loop lag"),
            asyncio.create_task(self._flush_often(start_ns, probe), name="flush"),
            asyncio.create_task(
                self._caps.end_load(self._executors, start_ns), name="max_duration"
            ),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for executor in self._executors:
                    group.create_task(_carry_out(executor))
                if self._aborted:
                    self.abort()
        except BaseExceptionGroup as defects:
            raise defects.exceptions[0] from None  # one is as good as many, and reads better
        finally:
            self._shared.tracer.end()
            if self._shared.journal is not None:
                self._shared.journal.write_at_once()
            for task in background:
                task.cancel()
            ended = await asyncio.gather(*background, return_exceptions=True)
            self._flush((self._clock.now_ns() - start_ns) // NS_PER_S)
        for one in ended:
            if isinstance(one, Exception):  # a defect: what they were to tell is missing
                raise one
        return self._outcome()

    @property
    def slowest(self) -> list[SlowestQuery]:
        """Queries that are to be explained, one a step."""
        return list(self._shared.slowest.values())

    def abort(self) -> None:
        """Start no new iteration; what runs gets a few seconds to finish."""
        self._aborted = True
        for executor in self._executors:
            executor.abort(ABORT_GRACE_NS)

    def _give_up(self, why: str) -> None:
        """Start no new iteration in any scenario, for a reason of ours."""
        self._given_up = why
        self.abort()

    def scale(self, scenario: str, vus: int) -> None:
        """Have so many virtual users in a scenario, if it is externally controlled."""
        executor = self._executor_of(scenario)
        if isinstance(executor, ControlledExecutor):
            granted = self._caps.grant(scenario, vus)
            self._caps.share_out(self._executors)
            executor.scale(granted)

    def pause(self, scenario: str) -> None:
        """Start no iteration of a scenario."""
        if (executor := self._executor_of(scenario)) is not None:
            executor.pause()

    def resume(self, scenario: str) -> None:
        """Start iterations of a scenario again."""
        if (executor := self._executor_of(scenario)) is not None:
            executor.resume()

    def probe(
        self, number: int, rates: Mapping[str, Fraction], warm_ns: int, judged_ns: int
    ) -> None:
        """Begin a probe now: `rates` per s by scenario, over all load processes together.

        One that is ordered before the load has begun begins with it.
        """
        if not self._executors:
            self._first_probe = number, rates, warm_ns, judged_ns
            return
        for scenario, rate in rates.items():
            executor = self._executor_of(scenario)
            if isinstance(executor, ProbedExecutor):
                executor.probe(number, rate, warm_ns, judged_ns)

    def cut_probe(self) -> None:
        """End the probe that is under way."""
        for executor in self._executors:
            if isinstance(executor, ProbedExecutor):
                executor.cut()

    def end_probes(self) -> None:
        """There is no further probe: let the load end."""
        for executor in self._executors:
            if isinstance(executor, ProbedExecutor):
                executor.end_probes()

    def _executor_of(self, scenario: str) -> Executor | None:
        """None outside of the load."""
        pairs = zip(self._workload.scenarios, self._executors, strict=False)
        return next((executor for one, executor in pairs if one.name == scenario), None)

    async def teardown(self, variables: dict[str, Any]) -> list[str]:
        """Run the tear-down steps, with what set-up captured; what went wrong."""
        self._shared.variables = dict(variables)
        _, problems = await self._outside.run_once(TEARDOWN, self._workload.teardown)
        return problems

    @property
    def created(self) -> int:
        """How much there is to clean up since the start."""
        return self._shared.cleanup.count.created

    async def cleanup(self, progress: Callable[[CleanupCount], None]) -> CleanupCount:
        """Delete what the steps' `cleanup` requests name; `progress` is told how far that is."""
        return await self._outside.clean_up(progress)

    async def recover(
        self, account: Account, progress: Callable[[CleanupCount], None]
    ) -> CleanupCount:
        """Delete what load processes have created that are gone, and tell their journals."""
        return await self._outside.recover(account, progress)

    async def sweep(self, variables: dict[str, Any]) -> Swept:
        """Send the plan's sweep, with what set-up captured."""
        self._shared.variables = dict(variables)
        return await self._outside.sweep()

    # --- inside -----------------------------------------------------------------------------

    def _executor(self, scenario: CompiledScenario, start_ns: int) -> Executor:
        """What carries a scenario out, if the load begins at an instant."""
        begin_ns = start_ns + scenario.start_ns
        context = ScenarioContext(
            self._shared,
            scenario.name,
            self._workload.identities_of(scenario.name),
            begin_ns,
            PhaseTimeline(scenario.phases, begin_ns),
        )
        return new_executor(scenario, context, self._segment)

    def _outcome(self) -> tuple[list[tuple[str, str]], dict[str, float]]:
        """Of a load that is over: which scenarios ended early, and what each missed."""
        names = [scenario.name for scenario in self._workload.scenarios]
        driven = dict(zip(names, self._executors, strict=True))
        ended_early = [
            (name, why)
            for name, one in driven.items()
            if (why := one.ended_because or self._given_up) is not None
        ]
        return ended_early, {name: one.missing for name, one in driven.items()}

    async def _flush_often(self, start_ns: int, probe: HealthProbe) -> None:
        """Flush on the quarters of each second, so that no flush holds samples of two."""
        number = 0
        while True:
            number += 1
            await self._clock.sleep_until(start_ns + number * NS_PER_S // _FLUSHES_A_SECOND)
            second = (number - 1) // _FLUSHES_A_SECOND
            self._flush(second, probe if number % _FLUSHES_A_SECOND == 0 else None)

    def _flush(self, second: int, probe: HealthProbe | None = None) -> None:
        vus = {
            scenario.name: executor.active
            for scenario, executor in zip(self._workload.scenarios, self._executors, strict=False)
        }
        health = probe.take() if probe is not None else None
        if self._shared.journal is not None:
            self._shared.journal.mark(self._clock.now_ns())
        self._emit(self._recorder.flush(self._segment.index, second, vus, health))


def _tracer(plan: Plan, settings: Settings, segment: Segment) -> Tracer:
    """What traces requests, if somebody receives the spans that come of it."""
    tracing = plan.tracing
    if tracing is None or not settings.spans:
        return Tracer()
    return Tracer(
        tracing.share, settings.run_id, segment.index, settings.seed, tracing.server_timing
    )


async def _carry_out(executor: Executor) -> None:
    """Run a scenario; whatever happens, nothing of it is left then."""
    try:
        await executor.run()
    finally:
        await executor.end()
