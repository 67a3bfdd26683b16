"""The composition root: a checked plan becomes a finished run. The one place that knows everybody.

It starts the processes of a run, takes them through set-up, load, tear-down and clean-up, and ends
them, whatever happens in between.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wedload.about import __version__
from wedload.clock import MonotonicClock
from wedload.control.server import control_socket
from wedload.errors import TargetError
from wedload.fleet.cores import automatic_workers
from wedload.fleet.demand import demand_of
from wedload.fleet.limits import few_files, few_ports, limits_here, require_open_files
from wedload.fleet.local import LocalFleet
from wedload.fleet.packages import require_packages
from wedload.fleet.reach import require_reachable
from wedload.fleet.sandbox import SandboxProcess
from wedload.interrupts import Interrupts
from wedload.logbook import Logbook
from wedload.plan.environment import read_environment
from wedload.plan.proxy import proxy_of
from wedload.plan.row_table import row_source
from wedload.plan.targets import choose_target
from wedload.report.redact import redactor
from wedload.report.view import view_of
from wedload.results.recording import Recording, header
from wedload.results.run import Run, RunInfo, host_facts, stage_spans
from wedload.steering import Steering
from wedload.units import NS_PER_S
from wedload.verdict import findings as finding
from wedload.verdict.validity import load_findings
from wedload.verdict.wording import missed
from wedload.workload.compile_plan import Settings, compile_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wedload.fleet.port import Fleet
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.plan.environment import Environment
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.report.view import Observer
    from wedload.workload.compile_plan import Workload

_TICK_S: Final = 0.5
#: sign-in keys of the sandbox; made up for a run where the environment has none
_SANDBOX_KEYS: Final = ("WEDLOAD_SUPPLIER_KEY", "WEDLOAD_COUPLE_KEY")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line adds to a plan."""

    target: str | None = None
    time_scale: float = 1.0
    seed: int | None = None  # None: a new one, which the result names
    once: bool = False
    workers: int | None = 1  # load processes; None: as many as the cores allow
    tags: Mapping[str, str] = field(default_factory=dict)
    recording: Callable[[str], Path] | None = None  # run's id -> where to record it; None: nowhere


class InterruptedRunError(Exception):
    """Interrupted where there is nothing to judge, or for the second time.

    After a second time, further ones are ignored: the process is expected to end.
    """

    def __init__(self, recording: Path | None = None) -> None:
        super().__init__()
        self.recording = recording  # of the load as far as it went


async def run_plan(
    loaded: LoadedPlan, options: RunOptions, observer: Observer, environ: Mapping[str, str]
) -> Run:
    """Run a plan.

    Raises:
        PlanError, UsageError: it cannot be run as it is, or not with these options.
        TargetError: the target could not be reached, or set-up failed.
        WorkerError: a load process could not be started.
        InterruptedRunError: see there.
    """
    try:
        return await _Session(loaded, options, observer, environ).run()
    finally:
        observer.close()


class _Session:
    def __init__(
        self,
        loaded: LoadedPlan,
        options: RunOptions,
        observer: Observer,
        environ: Mapping[str, str],
    ) -> None:
        self._loaded = loaded
        self._plan: Plan = loaded.plan
        self._options = options
        self._observer = observer
        self._environ = environ
        self._target_name, self._target = choose_target(self._plan, options.target)
        require_packages(self._target_name, self._target)
        self._seed = secrets.randbits(32) if options.seed is None else options.seed
        self._clock = MonotonicClock()
        self._interrupts = Interrupts(self._stop_gracefully, self._stop_at_once)
        self._cut = False  # the load, by an interrupt
        self._task: asyncio.Task[Any] | None = None  # that runs all of this
        self._sandbox: SandboxProcess | None = None
        self._log: Logbook | None = None  # from when there is a fleet
        self._fleet: Fleet | None = None

    # --- the whole --------------------------------------------------------------------------

    async def run(self) -> Run:
        self._task = asyncio.current_task()
        with self._interrupts.handled():
            try:
                async with AsyncExitStack() as stack:
                    return await self._run(stack)
            except asyncio.CancelledError:
                if self._interrupts.count:
                    raise InterruptedRunError(self._kept()) from None
                raise

    async def _run(self, stack: AsyncExitStack) -> Run:
        environment = self._environment()
        base_url = await self._reach(stack, environment.variables)
        settings = Settings(
            target=self._target_name,
            base_url=base_url,
            seed=self._seed,
            time_scale=self._options.time_scale,
            once=self._options.once,
            env=environment.variables,
        )
        workload = compile_workload(self._plan, settings)
        workers = 1 if self._options.once else self._options.workers or automatic_workers(workload)
        view = view_of(
            self._plan, self._target_name, workload,
            time_scale=self._options.time_scale, workers=workers,
        )  # fmt: skip
        log = self._log = Logbook(view, redactor(environment.secrets), self._observer.notice)
        self._require_limits(workload, workers, log)
        fleet = self._fleet = LocalFleet(workers, log)
        stack.push_async_callback(fleet.stop)
        await fleet.prepare(self._plan, settings)
        started_at = datetime.now(UTC)
        run_id = f"{started_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        info = self._info(run_id, started_at, base_url, workload, fleet)
        steering = Steering(run_id, log, fleet, self._interrupts.interrupt)
        await self._open_control(stack, run_id, steering)
        self._record(stack, log, info)
        try:
            variables = await self._setup(fleet, log)
        except TargetError:
            await self._cleanup(fleet, log)
            raise
        if self._interrupts.count:
            await self._cleanup(fleet, log)
            raise InterruptedRunError
        if variables is not None:
            await self._load(fleet, log, variables)
            steering.finish()
            await self._teardown(fleet, log)
        cleanup = await self._cleanup(fleet, log)
        if self._sandbox is not None and (end := self._sandbox.ended()) is not None:
            log.sandbox_lost(end)
        return self._finished(log, info, cleanup)

    # --- before the load --------------------------------------------------------------------

    def _environment(self) -> Environment:
        environ = dict(self._environ)
        if self._target.sandbox:
            for name in _SANDBOX_KEYS:
                environ.setdefault(name, secrets.token_urlsafe(16))
        return read_environment(self._loaded, environ, self._target_name)

    async def _reach(self, stack: AsyncExitStack, env: Mapping[str, str]) -> str:
        """The target's base URL, once it can be connected to."""
        proxy = proxy_of(self._plan, self._target_name, env)
        if self._target.sandbox:
            self._observer.notice("starting the sandbox")
            sandbox = await SandboxProcess.start({**os.environ, **env}, seed=1)
            stack.push_async_callback(sandbox.stop)
            self._sandbox = sandbox
            return sandbox.url
        assert self._target.base_url is not None
        to = self._target.base_url if proxy is None else f"proxy {proxy}"
        self._observer.notice(f"connecting to {to}")
        await require_reachable(self._target_name, self._target, proxy)
        return self._target.base_url

    def _require_limits(self, workload: Workload, workers: int, log: Logbook) -> None:
        """Refuse what this machine's limits do not allow; say what they may not suffice for."""
        demand, limits = demand_of(self._plan, workload, self._target_name, workers), limits_here()
        require_open_files(demand, limits, workers)
        if (problem := few_files(demand, limits, workers)) is not None:
            log.few_files(problem)
        if (problem := few_ports(demand, limits)) is not None:
            log.few_ports(problem)

    async def _open_control(self, stack: AsyncExitStack, run_id: str, steering: Steering) -> None:
        """Let `wedload ctl` talk to this run; a run that nobody can steer is still a run."""
        try:
            await stack.enter_async_context(control_socket(run_id, steering.obey))
        except OSError as error:
            self._observer.notice(f"wedload ctl cannot reach this run: {error}")

    def _record(self, stack: AsyncExitStack, log: Logbook, info: RunInfo) -> None:
        """Keep what is found in a file from now on, as wedload can be killed."""
        if self._options.recording is None:
            return
        workload = log.view.workload
        recording = Recording(self._options.recording(info.run_id), self._observer.notice)
        benchmarks = {name: row_source(one) for name, one in log.view.benchmarks.items()}
        recording.begin(header(info, stage_spans(workload), workload.catalogue, benchmarks))
        stack.callback(recording.end)
        log.recording = recording

    def _kept(self) -> Path | None:
        """The recording, if there is something of the load in it."""
        recording = None if self._log is None else self._log.recording
        return None if recording is None else recording.kept

    async def _setup(self, fleet: Fleet, log: Logbook) -> dict[str, Any] | None:
        """What set-up captured; None if that was lost."""
        if not self._plan.setup:
            return {}
        log.phase = "setting up"
        self._observer.notice("setting up")
        done = await fleet.setup()
        if done is None:
            return None
        if done.problems:
            raise TargetError(
                "set-up failed: " + "; ".join(map(log.redact, done.problems)),
                (self._sandbox is not None and self._sandbox.ended())
                or "try the plan's steps alone: wedload run PLAN --once",
            )
        return done.variables

    # --- the load and after it --------------------------------------------------------------

    async def _load(self, fleet: Fleet, log: Logbook, variables: dict[str, Any]) -> None:
        view = log.view
        began_ns = self._clock.now_ns()

        def elapsed_s() -> float:
            return (self._clock.now_ns() - began_ns) / NS_PER_S

        async def tick() -> None:
            while True:
                view.elapsed_s = elapsed_s()
                self._abort_if_missed(log)
                self._observer.tick(view)
                await asyncio.sleep(_TICK_S)

        ticking = asyncio.create_task(tick(), name="live view")
        log.phase = "load"
        try:
            done = await fleet.load(variables)
        finally:
            log.phase = "finishing"
            view.elapsed_s = elapsed_s()
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
        self._observer.tick(view)
        log.findings += map(finding.ended_early, done.ended_early)
        stopped = self._interrupts.count or log.abort is not None
        cut_short = done.ended_early or stopped or log.lost_processes
        if not (cut_short or self._options.once):
            asked = {one.name: one.schedule.asked for one in view.workload.scenarios}
            log.findings += load_findings(asked, done.missing)

    async def _teardown(self, fleet: Fleet, log: Logbook) -> None:
        if self._plan.teardown:
            self._observer.notice("tearing down")
            for problem in await fleet.teardown():
                log.teardown_failed(problem)

    async def _cleanup(self, fleet: Fleet, log: Logbook) -> CleanupCount | None:
        def tell(left: int) -> None:
            if left:
                self._observer.notice(f"cleaning up: {left:,} left")

        count = await fleet.cleanup(tell)
        if count is not None:
            log.cleaned_up(count)
        return count

    def _info(
        self, run_id: str, started_at: datetime, base_url: str, workload: Workload, fleet: Fleet
    ) -> RunInfo:
        options = self._options
        return RunInfo(
            run_id=run_id,
            plan=self._plan.name,
            plan_file=self._loaded.file,
            plan_hash=self._loaded.digest,
            load_hash=self._loaded.load_digest,
            target=self._target_name,
            base_url=base_url,
            started_at=started_at,
            planned_s=0.0 if options.once else workload.end_ns / NS_PER_S,
            time_scale=options.time_scale,
            seed=self._seed,
            version=__version__,
            workers=fleet.count,
            host=host_facts(),
            tags=options.tags,
        )

    def _finished(self, log: Logbook, info: RunInfo, cleanup: CleanupCount | None) -> Run:
        view = log.view
        health, verdict = log.judged(interrupted=self._cut)
        return Run(
            info=info,
            load_s=view.elapsed_s,
            interrupted=self._cut,
            stages=stage_spans(view.workload),
            summary=view.summary,
            timeline=view.timeline,
            health=health,
            cleanup=cleanup,
            verdict=verdict,
        )

    # --- aborts and interrupts --------------------------------------------------------------

    def _abort_if_missed(self, log: Logbook) -> None:
        """End the load as a first interrupt does, if a row that is to abort it is missed."""
        abort = log.view.timed.abort
        if abort is None or log.abort is not None or self._interrupts.count:
            return
        log.abort = abort
        self._stop_load(log)
        self._observer.notice(f"stopping: {missed(abort.row).rstrip('.')}")

    def _stop_load(self, log: Logbook) -> None:
        log.view.timed.stop(log.view.elapsed_s)
        assert self._fleet is not None
        self._fleet.abort()

    def _stop_gracefully(self) -> None:
        log = self._log
        phase = "starting" if log is None else log.phase
        if phase == "load" and log is not None and log.abort is None:
            self._cut = True
            self._stop_load(log)
            self._observer.notice(
                "stopping: iterations under way get 5 s; interrupt again to stop at once"
            )
        elif phase == "load":
            self._observer.notice("stopping already; interrupt again to stop at once")
        elif phase == "starting":
            self._cancel()
        else:
            self._observer.notice(f"{phase}; interrupt again to stop at once")

    def _stop_at_once(self) -> None:
        if self._fleet is not None:
            self._fleet.kill()
        self._cancel()

    def _cancel(self) -> None:
        assert self._task is not None
        self._task.cancel()
