"""The composition root: a checked plan becomes a finished run. The one place that knows everybody.

It starts the processes of a run, takes them through set-up, load, tear-down and clean-up, and ends
them, whatever happens in between.
"""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import signal
from collections import Counter
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from wedload import __version__
from wedload.clock import MonotonicClock
from wedload.errors import PlanError, TargetError, WorkerError
from wedload.fleet.local import LoadProcess
from wedload.fleet.messages import (
    Abort,
    Cleanup,
    CleanupDone,
    CleanupLeft,
    Load,
    LoadDone,
    Prepare,
    Prepared,
    Recorded,
    Setup,
    SetupDone,
    Teardown,
    TeardownDone,
)
from wedload.fleet.reach import require_reachable
from wedload.fleet.sandbox import SandboxProcess
from wedload.metrics.summary import Summary, Timeline
from wedload.plan.environment import missing_env
from wedload.plan.targets import choose_target
from wedload.plan.uses import uses_of
from wedload.report.redact import redactor
from wedload.report.run import Run, RunView
from wedload.units import NS_PER_S
from wedload.verdict.judge import judge
from wedload.verdict.model import Finding
from wedload.verdict.validity import generator_findings, generator_health, load_findings
from wedload.workload.compile import Settings, compile_workload
from wedload.workload.stages import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.report.run import Observer

_TICK_S: Final = 0.5
_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: sign-in keys of the sandbox; made up for a run where the environment has none
_SANDBOX_KEYS: Final = ("WEDLOAD_SUPPLIER_KEY", "WEDLOAD_COUPLE_KEY")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line adds to a plan."""

    target: str | None = None
    time_scale: float = 1.0
    seed: int | None = None  # None: a new one, which the result names
    once: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


class InterruptedRunError(Exception):
    """Interrupted where there is nothing to judge, or for the second time.

    After a second time, further ones are ignored: the process is expected to end.
    """


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
        self._seed = secrets.randbits(32) if options.seed is None else options.seed
        self._clock = MonotonicClock()
        self._findings: list[Finding] = []
        self._redact: Callable[[str], str] = str  # until the environment, and its secrets, are read
        self._interrupts = 0
        self._cut = False  # the load, by an interrupt
        self._sandbox: SandboxProcess | None = None
        self._load_process: LoadProcess | None = None
        self._phase: Literal["starting", "setting up", "load", "finishing"] = "starting"

    # --- the whole --------------------------------------------------------------------------

    async def run(self) -> Run:
        me = asyncio.current_task()
        assert me is not None
        with _interrupts(lambda: self._interrupted(me)):
            try:
                async with AsyncExitStack() as stack:
                    return await self._run(stack)
            except asyncio.CancelledError:
                if self._interrupts:
                    raise InterruptedRunError from None
                raise

    async def _run(self, stack: AsyncExitStack) -> Run:
        env = self._environment()
        base_url = await self._reach(stack, env)
        settings = Settings(
            target=self._target_name,
            base_url=base_url,
            seed=self._seed,
            time_scale=self._options.time_scale,
            once=self._options.once,
            env=env,
        )
        workload = compile_workload(self._plan, settings)
        process = await LoadProcess.start()
        stack.push_async_callback(process.stop)
        self._load_process = process
        await process.ask(Prepare(self._plan, settings, Segment()), Prepared)
        view = RunView(
            plan=self._plan.name,
            target=self._target_name,
            workload=workload,
            benchmarks=self._plan.benchmarks,
            summary=Summary(workload.catalogue),
            timeline=Timeline(),
        )
        started_at = datetime.now(UTC)
        cleanup: CleanupCount | None = None
        load_s = 0.0
        try:
            variables = await self._setup(process, view)
            if self._interrupts:
                await self._cleanup(process, view)
                raise InterruptedRunError
            load_s = await self._load(process, view, variables)
            await self._teardown(process, view)
            cleanup = await self._cleanup(process, view)
        except WorkerError as error:
            self._lost(error, view)
            load_s = view.elapsed_s
        except TargetError:
            await self._cleanup(process, view)
            raise
        if self._sandbox is not None and (end := self._sandbox.ended()) is not None:
            self._findings.append(
                Finding("sandbox-lost", f"The sandbox ended during the run: {self._redact(end)}.")
            )
        return self._finished(view, started_at, base_url, load_s, cleanup)

    # --- before the load --------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        """What the plan may read of the environment.

        Raises:
            PlanError: something that it needs is not set.
        """
        env = dict(self._environ)
        if self._target.sandbox:
            for name in _SANDBOX_KEYS:
                env.setdefault(name, secrets.token_urlsafe(16))
        problems = missing_env(self._loaded, env, target=self._target_name)
        if problems:
            raise PlanError(problems)
        read = {
            name for use in uses_of(self._plan) for name in use.reads.env | use.reads.optional_env
        }
        self._redact = redactor(env[name] for name in read if name in env)
        open_names = set(self._plan.secrets.env)
        return {
            name: value
            for name, value in env.items()
            if name.startswith("WEDLOAD_") or name in open_names
        }

    async def _reach(self, stack: AsyncExitStack, env: Mapping[str, str]) -> str:
        """The target's base URL, once it can be connected to."""
        if self._target.sandbox:
            self._observer.notice("starting the sandbox")
            sandbox = await SandboxProcess.start({**os.environ, **env}, seed=1)
            stack.push_async_callback(sandbox.stop)
            self._sandbox = sandbox
            return sandbox.url
        assert self._target.base_url is not None
        self._observer.notice(f"connecting to {self._target.base_url}")
        await require_reachable(self._target_name, self._target)
        return self._target.base_url

    async def _setup(self, process: LoadProcess, view: RunView) -> dict[str, Any]:
        if not self._plan.setup:
            return {}
        self._phase = "setting up"
        self._observer.notice("setting up")
        process.say(Setup())
        done = await process.answer(SetupDone, lambda message: self._take(message, view))
        if done.problems:
            raise TargetError(
                "set-up failed: " + "; ".join(map(self._redact, done.problems)),
                (self._sandbox is not None and self._sandbox.ended())
                or "try the plan's steps alone: wedload run PLAN --once",
            )
        return done.variables

    # --- the load ---------------------------------------------------------------------------

    async def _load(self, process: LoadProcess, view: RunView, variables: dict[str, Any]) -> float:
        """Drive the load; how long it lasted, s."""
        began_ns = self._clock.now_ns()

        def elapsed_s() -> float:
            return (self._clock.now_ns() - began_ns) / NS_PER_S

        async def tick() -> None:
            while True:
                view.elapsed_s = elapsed_s()
                self._observer.tick(view)
                await asyncio.sleep(_TICK_S)

        ticking = asyncio.create_task(tick(), name="live view")
        self._phase = "load"
        try:
            process.say(Load(variables))
            done = await process.answer(LoadDone, lambda message: self._take(message, view))
        finally:
            self._phase = "finishing"
            view.elapsed_s = elapsed_s()
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
        self._observer.tick(view)
        for reason in done.ended_early:
            self._findings.append(
                Finding("ended-early", f"A scenario ended early: {reason}.", invalidates=False)
            )
        if not (done.ended_early or self._interrupts or self._options.once):
            asked = {one.name: one.schedule.asked for one in view.workload.scenarios}
            self._findings += load_findings(asked, done.missing)
        return view.elapsed_s

    def _lost(self, error: WorkerError, view: RunView) -> None:
        """A lost load process: what was recorded is judged, and the run is invalid."""
        detail = f" {self._redact(error.hint)}" if error.hint else ""
        self._findings.append(
            Finding(
                "worker-lost",
                f"{error.message[:1].upper()}{error.message[1:]}, while {self._phase}, after "
                f"{view.elapsed_s:.0f} s of load; what it had created may still be there.{detail}",
            )
        )

    # --- after the load ---------------------------------------------------------------------

    async def _teardown(self, process: LoadProcess, view: RunView) -> None:
        if not self._plan.teardown:
            return
        self._observer.notice("tearing down")
        process.say(Teardown())
        done = await process.answer(TeardownDone, lambda message: self._take(message, view))
        for problem in done.problems:
            self._findings.append(
                Finding(
                    "teardown", f"Tear-down failed: {self._redact(problem)}.", invalidates=False
                )
            )

    async def _cleanup(self, process: LoadProcess, view: RunView) -> CleanupCount:
        def left(message: Recorded | CleanupLeft) -> None:
            if isinstance(message, CleanupLeft):
                if message.left:
                    self._observer.notice(f"cleaning up: {message.left:,} left")
            else:
                self._take(message, view)

        process.say(Cleanup())
        count = (await process.answer(CleanupDone, left)).count
        count.reasons = self._redacted(count.reasons)
        if count.leaked:
            why = "; ".join(f"{reason} ({number:,})" for reason, number in count.reasons.items())
            self._findings.append(
                Finding(
                    "cleanup",
                    f"Clean-up left {count.leaked:,} of {count.created:,} behind: {why}.",
                    invalidates=False,
                )
            )
        return count

    def _finished(
        self,
        view: RunView,
        started_at: datetime,
        base_url: str,
        load_s: float,
        cleanup: CleanupCount | None,
    ) -> Run:
        health = generator_health(view.timeline.health, self._plan.benchmarks)
        self._findings += generator_findings(health)
        if not view.summary.count("http_reqs"):
            self._findings.append(
                Finding("nothing-sent", "No request was sent; the plan's steps never ran.")
            )
        if self._cut:
            end_s = view.workload.end_ns / NS_PER_S
            self._findings.append(
                Finding(
                    "interrupted",
                    f"The run was stopped {load_s:.0f} s into its {end_s:.0f} s; "
                    "the rows are about what had run by then.",
                    invalidates=False,
                )
            )
        verdict = judge(view.summary, self._plan.benchmarks, self._findings, load_s=load_s)
        return Run(
            run_id=f"{started_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            plan=self._plan.name,
            plan_file=self._loaded.file,
            plan_hash=self._loaded.digest,
            target=self._target_name,
            base_url=base_url,
            started_at=started_at,
            load_s=load_s,
            time_scale=self._options.time_scale,
            seed=self._seed,
            version=__version__,
            workers=1,
            host={
                "system": platform.system(),
                "machine": platform.machine(),
                "cpus": os.cpu_count(),
                "python": platform.python_version(),
            },
            tags=self._options.tags,
            interrupted=self._cut,
            workload=view.workload,
            summary=view.summary,
            timeline=view.timeline,
            health=health,
            cleanup=cleanup,
            verdict=verdict,
        )

    def _take(self, message: Recorded | CleanupLeft, view: RunView) -> None:
        if isinstance(message, Recorded):
            snapshot = message.snapshot
            if snapshot.notes:
                snapshot = replace(snapshot, notes=self._redacted(snapshot.notes))
            view.summary.add(snapshot)
            view.timeline.add(snapshot)

    def _redacted(self, texts: Mapping[str, int]) -> dict[str, int]:
        """Texts and their numbers; those that are alike without their secrets are one."""
        redacted: Counter[str] = Counter()
        for text, number in texts.items():
            redacted[self._redact(text)] += number
        return dict(redacted)

    # --- interrupts -------------------------------------------------------------------------

    def _interrupted(self, me: asyncio.Task[Any]) -> None:
        self._interrupts += 1
        process = self._load_process
        if self._interrupts > 1:
            _ignore_interrupts()
            if process is not None:
                process.kill()
            me.cancel()
        elif self._phase == "load" and process is not None:
            self._cut = True
            process.say(Abort())
            self._observer.notice(
                "stopping: iterations under way get 5 s; interrupt again to stop at once"
            )
        elif self._phase == "starting":
            me.cancel()
        else:
            self._observer.notice(f"{self._phase}; interrupt again to stop at once")


@contextmanager
def _interrupts(handle: Callable[[], None]) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP call `handle` as long as this lasts."""
    loop = asyncio.get_running_loop()
    for number in _INTERRUPTS:
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in _INTERRUPTS:
            loop.remove_signal_handler(number)


def _ignore_interrupts() -> None:
    """From now until the process ends: one more would cut short what ends its processes."""
    loop = asyncio.get_running_loop()
    for number in _INTERRUPTS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
