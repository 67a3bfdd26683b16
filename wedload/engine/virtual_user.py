"""A virtual user: one who signs in, runs workflows step by step, and pauses.

It knows how to run each kind of step. It does not know when it is to start or stop: see the
executor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wedload.engine.ending import Due
from wedload.engine.http import HttpSteps
from wedload.engine.scope import EndIteration, missing, no_value
from wedload.metrics.recorder import ITERATION_SAMPLE
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.workload.compiled import Call, CloseGroup, Guarded, OpenGroup, Think, Use

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.engine.context import ScenarioContext
    from wedload.engine.port import Driver, Drivers
    from wedload.engine.scope import Scope
    from wedload.workload.compiled import CompiledStep, CompiledWorkflow


class _OpenGroup(NamedTuple):
    series: int
    began_ns: int
    idle_ns: int  # of this iteration, when it began


class VirtualUser:
    """One virtual user of a scenario; runs one step at a time."""

    def __init__(self, context: ScenarioContext, scope: Scope) -> None:
        self.context = context
        self.scope = scope
        self._shared = context.shared
        self._clock = context.shared.clock
        self._now_ns = context.shared.clock.now_ns
        self._recorder = context.shared.recorder
        self.due = Due()
        self._http: HttpSteps | None = None  # made when first needed, as all drivers …
        self._drivers: dict[Drivers, Driver] = {}  # … which are here
        self._groups: list[_OpenGroup] = []
        self._think_ns = 0  # thought so far in this iteration
        self._failed = False  # something in this iteration did
        self._base: dict[str, Any] | None = None  # variables before anything has run
        self.iterations = 0
        self.paused = False  # whether this iteration has let others run, waiting for something

    # --- iterations -------------------------------------------------------------------------

    def late(self, flow: CompiledWorkflow, due_ns: int) -> None:
        """Record how late an iteration begins that has a due time; it counts where it was due."""
        phase = self.context.phase_at(due_ns)
        self.record("iteration_lateness", flow.series, phase, self._now_ns() - due_ns)

    async def iterate(self, flow: CompiledWorkflow, due_ns: int) -> int:
        """Run a workflow that was due at an instant, and record how it went; when it ended.

        One that is interrupted is counted apart.
        """
        recorder = self._recorder
        self.scope.begin_iteration(self.iterations, self.first_variables())
        self.iterations += 1
        self._groups.clear()
        self._think_ns = 0
        self._failed = self.paused = False
        self.due.at_ns, self.due.paced_ns = due_ns, 0
        began_ns = self._now_ns()
        phase = self.context.phase_at(began_ns)
        try:
            await self.run(flow.steps)
        except EndIteration:  # why was noted where it happened
            ended_ns = self._now_ns()
            recorder.ended(flow.series, phase).append(ended_ns - began_ns)
        except asyncio.CancelledError:
            recorder.count(flow.series, "interrupted_iterations", phase)
            raise
        else:
            ended_ns = self._now_ns()
            took_ns = ended_ns - began_ns
            outcome = "failed" if self._failed else "ok"
            samples = recorder.iteration(flow.series, phase, outcome)
            samples += ITERATION_SAMPLE(took_ns, took_ns - self._think_ns - self.due.paced_ns)
        finally:
            if self.due.paced_ns:
                self.record("max_rate_delay", flow.series, phase, self.due.paced_ns)
            if self.scope.expecting:
                self._shared.expectations.abandon(self.scope)
        if self._shared.fresh_connections:
            self.close()
        return ended_ns

    async def run_once(self, steps: tuple[CompiledStep, ...]) -> bool:
        """Run set-up or tear-down steps; whether all of them succeeded."""
        self.scope.begin_iteration(0, self.first_variables())
        self.due.at_ns = self._now_ns()
        try:
            await self.run(steps)
        except EndIteration:
            return False
        return not self._failed

    async def run(self, steps: tuple[CompiledStep, ...]) -> None:
        """Run steps in order.

        Raises:
            EndIteration: the rest makes no sense.
        """
        for step in steps:
            if type(step) is Call:  # as it mostly is: without a coroutine of its own
                if (step.let or step.when is not None) and not self._enter(step):
                    continue
                http = self._http
                if http is None:
                    http = self.http()
                if not await http.call(step, self.scope):
                    self._failed = True
                self.paused = True  # not before: what cannot be rendered waits for nothing
            elif (runner := _RUNNERS.get(type(step))) is not None:
                await runner(self, step)
            else:
                assert isinstance(step, Guarded)
                await self._drive(step)

    def record(self, metric: str, series: int, phase: int, duration_ns: int) -> None:
        """Record one duration of a trend."""
        self._recorder.trend(metric, series, phase).append(duration_ns)

    def close(self) -> None:
        """Close its connections at once."""
        for driver in self._drivers.values():
            driver.close()

    def know(self, variables: dict[str, Any]) -> None:
        """Start with these variables, instead of evaluating the plan's."""
        self._base = variables

    def first_variables(self) -> dict[str, Any]:
        """What an iteration starts with: the plan's variables, and what set-up captured."""
        base = self._base
        if base is None:
            self.scope.variables = base = self._base = {}
            for name, value in self._shared.plan_variables:
                try:
                    base[name] = value(self.scope)
                except EVALUATION_ERRORS as error:
                    # a step that reads it will say so too, and end its iteration
                    self._recorder.note(f"variable {name}: {missing(error)}")
            base.update(self._shared.variables)
        return dict(base)

    # --- steps ------------------------------------------------------------------------------

    def _enter(self, step: Guarded) -> bool:
        """Bind the step's names; whether it is to run at all."""
        try:
            for name, value in step.let:
                self.scope.variables[name] = value(self.scope)
            return step.when is None or bool(step.when(self.scope))
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, step.name, error) from None

    async def _think(self, step: Think) -> None:
        if self._enter(step):
            began_ns = self._now_ns()
            pause_ns = step.duration.draw_ns(self.scope.rng)
            self.due.at_ns += pause_ns
            self.paused = self.paused or pause_ns > 0
            await self._clock.sleep_until(began_ns + pause_ns)
            self._think_ns += self._now_ns() - began_ns

    async def _use(self, step: Use) -> None:
        if self._enter(step):
            for _ in range(step.repeat):
                await self.run(step.steps)

    async def _open_group(self, step: OpenGroup) -> None:
        idle_ns = self._think_ns + self.due.paced_ns
        self._groups.append(_OpenGroup(step.series, self._now_ns(), idle_ns))

    async def _close_group(self, _step: CloseGroup) -> None:
        group = self._groups.pop()
        idle_ns = self._think_ns + self.due.paced_ns - group.idle_ns
        took_ns = self._now_ns() - group.began_ns - idle_ns
        self.record("group_duration", group.series, self.context.phase_at(group.began_ns), took_ns)

    async def _drive(self, step: Guarded) -> None:
        """Run a step by the driver of its verb."""
        if self._enter(step):
            if not await self._driver(step.verb).run(step, self.scope):
                self._failed = True
            self.paused = True

    def _driver(self, verb: str) -> Driver:
        drivers = self._shared.drivers[verb]
        driver = self._drivers.get(drivers)
        if driver is None:
            driver = self._drivers[drivers] = drivers.driver(self)
        return driver

    def http(self) -> HttpSteps:
        """The driver of its http steps, which others use too."""
        driver = self._driver("http")
        assert isinstance(driver, HttpSteps)
        self._http = driver
        return driver


#: how steps are run that guide the virtual user itself; all others have a driver
_RUNNERS: Final[dict[type, Callable[[VirtualUser, Any], Awaitable[None]]]] = {
    Think: VirtualUser._think,  # noqa: SLF001 - of this module
    Use: VirtualUser._use,  # noqa: SLF001 - likewise
    OpenGroup: VirtualUser._open_group,  # noqa: SLF001 - likewise
    CloseGroup: VirtualUser._close_group,  # noqa: SLF001 - likewise
}
