"""The composition root: a checked plan becomes a finished run. The one place that knows everybody.

It starts the processes of a run, takes them through set-up, load, tear-down and clean-up, and ends
them, whatever happens in between.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wedload.clock import MonotonicClock
from wedload.control.stop_file import require_no_stop_file, stop_file
from wedload.errors import TargetError
from wedload.fleet.cores import automatic_workers
from wedload.fleet.local import LocalFleet
from wedload.report.view import view_of
from wedload.run import interrupts
from wedload.run.audience import Audience
from wedload.run.beside import Beside
from wedload.run.capacity import CapacitySearch
from wedload.run.cleaning import clean_up
from wedload.run.ending_early import EndingEarly
from wedload.run.explaining import explain_slowest
from wedload.run.facts import finished_run, run_info
from wedload.run.fault_course import FaultCourse
from wedload.run.gateways import Gateways
from wedload.run.journal import KeptJournal
from wedload.run.kill_switch import watched
from wedload.run.listening import Channels
from wedload.run.logbook import Logbook
from wedload.run.monitoring import Monitoring
from wedload.run.opening import (
    RunTarget,
    channel_places,
    open_control,
    open_recording,
    party_places,
    require_limits,
    tracing_place,
)
from wedload.run.resources import Resources
from wedload.run.settings import first_settings
from wedload.run.steering import Steering
from wedload.run.stopping import InterruptedRunError, Stopping
from wedload.run.suspension import suspendable
from wedload.run.third_parties import ThirdParties
from wedload.run.tracing import Tracing
from wedload.safety.allowance import Allowance
from wedload.safety.caps import require_within_caps
from wedload.safety.journal.disk import WrittenOften
from wedload.safety.journal.sources import secrets_of
from wedload.safety.own_code import folder_of_code
from wedload.safety.redactor import KNOWN, Redactor
from wedload.units import NS_PER_S
from wedload.verdict import findings as finding
from wedload.verdict.validity import load_findings
from wedload.workload.compile_plan import compile_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.fleet.port import Fleet
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.report.view import Observer
    from wedload.results.recording import Ending, Recording
    from wedload.results.run import Run
    from wedload.run.options import RunOptions
    from wedload.workload.compile_plan import Settings

_TICK_S: Final = 0.5


async def run_plan(
    loaded: LoadedPlan,
    options: RunOptions,
    observer: Observer,
    environ: Mapping[str, str],
    keep: Callable[[Run], None] | None = None,
) -> Run:
    """Run a plan.

    `keep` saves what came of it; as long as it takes, interrupts do not end this process.

    Raises:
        PlanError, UsageError: it cannot be run as it is, or not with these options.
        TargetError: the target could not be reached, or set-up failed.
        WorkerError: a load process could not be started.
        UsageError: the kill switch is on.
        InterruptedRunError: it was interrupted before its load, or told to stop at once; further
            interrupts are ignored then, as this process is expected to end.
    """
    audience = Audience(observer)
    try:
        return await _Session(loaded, options, audience, environ).run(keep)
    finally:
        audience.close()


class _Session:
    def __init__(
        self,
        loaded: LoadedPlan,
        options: RunOptions,
        audience: Audience,
        environ: Mapping[str, str],
    ) -> None:
        self._loaded = loaded
        self._plan: Plan = loaded.plan
        self._options = options
        self._audience = audience
        self._environ = environ
        self._target = RunTarget(loaded, options.target, production=options.production)
        self._code = folder_of_code(loaded, allowed=options.allow_python)
        self._seed = secrets.randbits(32) if options.seed is None else options.seed
        self._clock = MonotonicClock()
        self._stopping = Stopping()
        self._early = EndingEarly(self._stopping, audience.notice)
        self._redact = Redactor()  # until it is known what the plan reads
        self._recording: Recording | None = None
        self._load_began_ns: int | None = None
        self._variables: dict[str, Any] = {}  # what set-up captured …
        self._captured = False  # … which is known: all of it, or what there was when it failed
        self._reached: Settings | None = None  # once it is known where everything is
        self._journal = KeptJournal(None, "", audience.notice)
        self._search: CapacitySearch | None = None  # from when there is load

    # --- the whole --------------------------------------------------------------------------

    async def run(self, keep: Callable[[Run], None] | None) -> Run:
        early = self._early
        early.task = asyncio.current_task()
        require_no_stop_file(self._environ)
        with interrupts.handled(early.interrupt), watched(self._environ, early.switch_off):
            try:
                async with AsyncExitStack() as stack:
                    run = await self._run(stack)
            except asyncio.CancelledError:
                if self._stopping.interrupts:
                    raise self._interrupted() from None
                raise
            if keep is not None:
                keep(run)
        return run

    async def _run(self, stack: AsyncExitStack) -> Run:
        environment = self._target.environment(self._environ)
        KNOWN.learn(environment.certain)
        self._redact = Redactor(environment.hidden)
        parties = ThirdParties(self._plan, self._audience, self._redact, party_places(self._loaded))
        settings = first_settings(
            self._plan, self._target, self._options, environment, seed=self._seed, code=self._code
        )
        require_within_caps(self._loaded, settings)
        resources = Resources(self._loaded, self._audience, self._redact)
        tracing = Tracing(self._plan, self._audience, tracing_place(self._loaded))
        settings = await tracing.open(stack, settings)
        monitoring = Monitoring(self._loaded, self._audience, self._redact, self._options.result)
        seekers = (resources, monitoring)
        settings = await self._target.reach(stack, settings, self._audience, parties, seekers)
        self._reached = settings
        self._redact.learn(one.password for one in settings.databases.values() if one.password)
        workers, log = self._logbook(settings, parties.played)
        channels = Channels(log, self._audience, channel_places(self._loaded))
        gateways = Gateways(self._audience.notice)
        beside = self._early.beside = Beside(
            channels, parties, resources, tracing, gateways, monitoring
        )  # fmt: skip
        settings = await beside.open(stack, self._plan, settings, workers, self._target.sandbox_url)
        settings = self._keep_journal(stack, settings, workers, log)
        await monitoring.alerting.silence(stack, self._journal)
        fleet = self._early.fleet = LocalFleet(workers, log)
        stack.push_async_callback(fleet.stop)
        await fleet.prepare(self._plan, settings)
        workload = log.view.workload
        info = run_info(self._loaded, self._options, settings, workload, workers)
        steering = Steering(
            info.run_id, log, fleet, self._early.interrupt, self._elapsed_s,
            Allowance(workload.scenarios, settings.max_vus), stop_file(self._environ),
        )  # fmt: skip
        await open_control(stack, info.run_id, steering, self._audience)
        stack.enter_context(suspendable(steering.obey))
        if self._options.recording is not None:
            path = self._options.recording(info.run_id)
            self._recording = open_recording(stack, path, info, log, self._ending)
            log.sinks.append(self._recording)
        cleanup = await self._drive(stack, fleet, beside, log, steering)
        if (end := self._target.lost()) is not None:
            log.sandbox_lost(end)
        await monitoring.alerting.end()
        run = finished_run(
            info, log, self._stopping, self._audience, cleanup=cleanup, beside=beside,
            search=self._search,
        )  # fmt: skip
        return await monitoring.conclude(run)

    def _logbook(self, settings: Settings, played: bool) -> tuple[int, Logbook]:
        """How many load processes there are to be, and the book of what they find.

        Raises:
            UsageError: this machine's limits do not allow it.
        """
        workload = compile_workload(self._plan, settings)
        workers = 1 if self._options.once else self._options.workers or automatic_workers(workload)
        view = view_of(
            self._plan,
            self._target.name,
            workload,
            time_scale=self._options.time_scale,
            # the processes beside the load tell of their seconds, too
            workers=workers + bool(self._plan.channels) + played,
            max_rate_per_s=settings.max_rate_per_s,
        )
        view.run_id = settings.run_id
        log = Logbook(view, self._redact, self._audience.notice, self._stopping)
        require_limits(self._loaded, workload, self._target.name, workers, log)
        self._early.know(view, settings.max_duration_ns)
        return workers, log

    def _keep_journal(
        self, stack: AsyncExitStack, settings: Settings, workers: int, log: Logbook
    ) -> Settings:
        """The settings with where the run's journal is, if it keeps one."""
        options, run_id = self._options, settings.run_id
        folder = None if options.journal is None else options.journal(run_id)
        journal = self._journal = KeptJournal(folder, run_id, self._audience.notice)
        kept = journal.begin(self._loaded, settings, workers, secrets_of(self._plan, settings))
        stack.callback(journal.close)
        if kept:
            stack.callback(WrittenOften(kept).stop)
        log.again = journal.again
        return replace(settings, journal=kept)

    async def _drive(
        self,
        stack: AsyncExitStack,
        fleet: Fleet,
        beside: Beside,
        log: Logbook,
        steering: Steering,
    ) -> CleanupCount | None:
        """From set-up to clean-up, which comes whatever was before it."""
        variables: dict[str, Any] | None = None
        try:
            self._journal.begun()
            variables = await self._setup(fleet, log)
            early = self._stopping.interrupts > 0
            if variables is not None and not early:
                if self._plan.channels:
                    self._stopping.phase = "setting up"
                await beside.channels.join(variables)
                await fleet.get_ready(variables)
                early = self._stopping.interrupts > 0  # meanwhile
            if variables is not None and not early:
                await self._load(stack, fleet, beside, log, variables)
                steering.finish()
        except Exception:
            await self._undo(fleet, log)
            raise
        cleanup = await self._undo(fleet, log)
        self._stopping.phase = "saving"
        if early:
            raise self._interrupted()
        return cleanup

    def _ending(self, error: type[BaseException] | None) -> Ending:
        """How the run ends, for its recording."""
        if self._stopping.at_once:
            return "stopped"
        return "whole" if error is None else "failed"

    # --- from set-up to clean-up ------------------------------------------------------------

    async def _setup(self, fleet: Fleet, log: Logbook) -> dict[str, Any] | None:
        """What set-up captured; None if that was lost."""
        if not self._plan.setup:
            self._captured = True
            self._journal.captured({})
            return {}
        self._stopping.phase = "setting up"
        self._audience.notice("setting up")
        done = await fleet.setup()
        if done is None:
            return None
        self._captured = True
        self._variables = done.variables
        for redactor in (KNOWN, self._redact):
            redactor.learn_captured(done.variables)
        self._journal.captured(done.variables, whole=not done.problems)
        if done.problems:
            raise TargetError(
                "set-up failed: " + "; ".join(map(log.redact, done.problems)),
                self._target.lost() or "try the plan's steps alone: wedload run PLAN --once",
            )
        return done.variables

    async def _load(
        self,
        stack: AsyncExitStack,
        fleet: Fleet,
        beside: Beside,
        log: Logbook,
        variables: dict[str, Any],
    ) -> None:
        view = log.view
        self._stopping.phase = "load"  # an interrupt from here on ends it as soon as it begins
        await beside.begin(stack, log, fleet.abort)
        self._load_began_ns = self._clock.now_ns()
        course = FaultCourse(view.workload.faults)

        async def tick() -> None:
            while True:
                view.elapsed_s = self._elapsed_s()
                for change in course.until(view.elapsed_s):
                    self._audience.notice(change)
                self._early.abort_if_missed()
                self._early.kill_if_over()
                self._audience.tick(view)
                beside.monitoring.tick()
                await asyncio.sleep(_TICK_S)

        aside = [asyncio.create_task(tick(), name="live view")]
        if self._options.knee is not None:
            self._search = CapacitySearch(
                self._options.knee, view, self._stopping, self._audience.notice, self._elapsed_s
            )
            aside.append(asyncio.create_task(self._search.run(fleet), name="search"))
        try:
            done = await fleet.load(variables)
        finally:
            view.elapsed_s = self._elapsed_s()
            for task in aside:
                task.cancel()
            ended = await asyncio.gather(*aside, return_exceptions=True)
            self._stopping.phase = "settling"  # until all that was caused is heard, or overdue
            await beside.settle(aborted=self._stopping.stopped_load)
            self._stopping.phase = "finishing"
        for failed in ended:
            if isinstance(failed, Exception):  # a defect: no row could abort the load any more
                raise failed
        self._audience.tick(view)
        if not self._stopping.interrupts:
            assert self._reached is not None
            notify = self._audience.notice
            await explain_slowest(done.slowest, self._plan, self._reached, log, notify)
        log.findings += map(finding.ended_early, dict.fromkeys(why for _, why in done.ended_early))
        if not (self._stopping.stopped_load or self._options.once):
            asked = {one.name: one.schedule.asked for one in view.workload.scenarios}
            ended_early = {name for name, _ in done.ended_early}
            log.findings += load_findings(asked, done.missing, ended_early)

    def _elapsed_s(self) -> float:
        """How long the load lasts, s; 0 before it."""
        began_ns = self._load_began_ns
        return 0.0 if began_ns is None else (self._clock.now_ns() - began_ns) / NS_PER_S

    async def _undo(self, fleet: Fleet, log: Logbook) -> CleanupCount | None:
        """Tear down and clean up, also where set-up failed or nothing was to begin after it."""
        self._stopping.phase = "finishing"
        if self._captured:
            await self._teardown(fleet, log)
        return await clean_up(
            fleet, log, self._journal, self._audience.notice, self._variables,
            sweeps=self._plan.cleanup.sweeps,
        )  # fmt: skip

    async def _teardown(self, fleet: Fleet, log: Logbook) -> None:
        if self._plan.teardown:
            self._audience.notice("tearing down")
            problems = await fleet.teardown(self._variables)
            for problem in problems:
                log.teardown_failed(problem)
            if not (problems or self._stopping.gave_up):
                self._journal.torn_down()

    def _interrupted(self) -> InterruptedRunError:
        """What becomes of a run that is not judged."""
        kept = None if self._recording is None else self._recording.kept
        return InterruptedRunError(self._stopping.outcome(), kept)
