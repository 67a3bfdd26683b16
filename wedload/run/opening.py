"""What a run needs before it can begin: a target that answers, a machine that allows it, a file."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from wedload.control.server import control_socket
from wedload.errors import PlanError
from wedload.fleet.databases import reach_databases
from wedload.fleet.demand import demand_of
from wedload.fleet.limits import few_files, few_ports, limits_here, require_open_files
from wedload.fleet.packages import require_packages
from wedload.fleet.proving import prove
from wedload.fleet.reach import require_channels_here, require_reachable
from wedload.fleet.sandbox import SandboxProcess
from wedload.plan.proxy import proxy_of
from wedload.plan.rate_limits import lower_rate, max_rate_per_s
from wedload.plan.row_table import row_source
from wedload.plan.secrets.environment import read_environment
from wedload.plan.secrets.held import held_secrets, secret_problems
from wedload.plan.targets import choose_target
from wedload.results.recording import Recording, header
from wedload.results.run import stage_spans
from wedload.run.third_parties import on_this_machine
from wedload.safety.caps import require_within_caps, with_owners_caps
from wedload.safety.target_guard import guard_of
from wedload.workload.compile_plan import compile_workload
from wedload.workload.fanout import beyond_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AsyncExitStack
    from pathlib import Path

    from wedload.plan.loader import LoadedPlan
    from wedload.plan.secrets.environment import Environment
    from wedload.results.recording import Ending
    from wedload.results.run import RunInfo
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.run.steering import Steering
    from wedload.run.third_parties import ThirdParties
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings, Workload

#: sign-in keys of the sandbox; made up for a run where the environment has none
_SANDBOX_KEYS: Final = ("WEDLOAD_SUPPLIER_KEY", "WEDLOAD_COUPLE_KEY")


class Seeker(Protocol):
    """Looks for what lives beside the target, once that is reached: what is sampled, or told."""

    async def find(self, guard: TargetGuard, settings: Settings, sandbox: int | None) -> None:
        """Find it; `sandbox` is the number of the sandbox's process, if there is one.

        Raises:
            UsageError: wedload must not go there, or what it takes is not installed.
        """


class RunTarget:
    """The target that a run has chosen, until it is reached and while it is under load."""

    def __init__(self, loaded: LoadedPlan, name: str | None, *, production: bool = False) -> None:
        """Choose it; `production`: whether load may go to one that says that it is that.

        Raises:
            UsageError: there is no such target, or what it needs is not installed.
        """
        self._loaded = loaded
        self.name, self._target = choose_target(loaded.plan, name)
        require_packages(self.name, self._target)
        self._production = production
        self._sandbox: SandboxProcess | None = None

    def environment(self, environ: Mapping[str, str]) -> Environment:
        """What of the environment the plan reads.

        Raises:
            PlanError: something that it needs is not there, or is of production, or expired.
        """
        found = dict(environ)
        if self._target.sandbox:
            for name in _SANDBOX_KEYS:
                found.setdefault(name, secrets.token_urlsafe(16))
        read = read_environment(self._loaded, found, self.name)
        held = held_secrets(self._loaded, self.name, read.variables.plain, read.files.plain)
        if problems := secret_problems(self._loaded, held, self._target, datetime.now(UTC)):
            raise PlanError(problems)
        return read

    @property
    def max_rate_per_s(self) -> float | None:
        """How many requests it may be sent at most; None: any number."""
        rate = max_rate_per_s(self._target)
        return None if rate is None else float(rate)

    async def reach(
        self,
        stack: AsyncExitStack,
        settings: Settings,
        audience: Audience,
        parties: ThirdParties,
        seekers: Sequence[Seeker] = (),
    ) -> Settings:
        """The settings with where it is, once it can be connected to, and its third parties are.

        Before anything is sent, what is not of this machine is proven, and its addresses pinned.
        The sandbox is started, and told of them; the address of a proxy before it stands for its
        own. `stack` ends all of that. Then `seekers` find what they look for.

        Raises:
            PlanError: load must not go where the plan leads.
            TargetError: it cannot be connected to.
            PartyError: a third party cannot be played, or a proxy not be opened.
            UsageError: load must not go there, or not to where a channel's subscribers would.
        """
        permits = await prove(
            self._loaded, self.name, production=self._production, notify=audience.notice
        )
        guard = guard_of(self._target, permits)
        most_per_s = lower_rate(settings.max_rate_per_s, permits.caps.max_rate)
        settings = with_owners_caps(replace(settings, permits=permits, max_rate_per_s=most_per_s))
        require_within_caps(self._loaded, settings)  # an owner may allow less than the plan says
        settings = await parties.open(stack, guard, settings)
        await require_channels_here(self._loaded.plan, self._target, guard)
        settings = await self._with_databases(settings, guard, audience)
        proxy = proxy_of(self._loaded.plan, self.name, settings.env.plain, settings.secrets.plain)
        if self._target.sandbox:
            url = await self._start_sandbox(stack, settings, audience, parties)
            pid = None if self._sandbox is None else self._sandbox.pid
            for seeker in seekers:
                await seeker.find(guard, settings, pid)
            return replace(settings, base_url=parties.before_sandbox(url))
        assert self._target.base_url is not None
        to = self._target.base_url if proxy is None else f"proxy {proxy}"
        audience.notice(f"connecting to {to}")
        await require_reachable(self.name, self._target, guard, proxy)
        for seeker in seekers:
            await seeker.find(guard, settings, None)
        return replace(settings, base_url=self._target.base_url)

    async def _with_databases(
        self, settings: Settings, guard: TargetGuard, audience: Audience
    ) -> Settings:
        """The settings with where the databases are, once each lets us in; see `reach`.

        A clean-up needs them only if tear-down does.
        """
        plan = self._loaded.plan
        if settings.recovers and "sql" not in compile_workload(plan, settings).teardown_verbs:
            return settings
        found = await reach_databases(self._loaded, self._target, settings, guard, audience.notice)
        return replace(settings, databases=found)

    async def _start_sandbox(
        self, stack: AsyncExitStack, settings: Settings, audience: Audience, parties: ThirdParties
    ) -> str:
        audience.notice("starting the sandbox")
        self._sandbox = await SandboxProcess.start(
            {**os.environ, **settings.env.plain, **parties.sandbox_environment()},
            seed=1,
            arguments=[*parties.sandbox_arguments(), *_sandbox_tracing(settings)],
            notify=audience.notice,
        )
        stack.push_async_callback(self._sandbox.stop)
        return self._sandbox.url

    @property
    def sandbox_url(self) -> str | None:
        """Where the sandbox itself is, if the target is one."""
        return None if self._sandbox is None else self._sandbox.url

    def lost(self) -> str | None:
        """How the sandbox ended by itself, if it did."""
        return None if self._sandbox is None else self._sandbox.ended()


def _sandbox_tracing(settings: Settings) -> list[str]:
    """What the sandbox is told of where spans are received, if they are."""
    return ["--otlp-endpoint", on_this_machine(settings.spans)] if settings.spans else []


def require_limits(
    loaded: LoadedPlan, workload: Workload, target: str, workers: int, log: Logbook
) -> None:
    """Refuse what this machine's limits do not allow; say what they may not suffice for.

    Raises:
        UsageError: they surely do not allow it.
    """
    demand, limits = demand_of(loaded.plan, workload, target, workers), limits_here()
    require_open_files(demand, limits, workers)
    if (problem := few_files(demand, limits, workers)) is not None:
        log.few_files(problem)
    if (problem := few_ports(demand, limits)) is not None:
        log.few_ports(problem)
    for problem in beyond_limits(loaded.plan, workload):
        log.channel_limits(problem)


def channel_places(loaded: LoadedPlan) -> dict[str, str]:
    """Where each channel stands in the plan: `plan.toml:12`."""
    return {name: _place(loaded, "channels", name) for name in loaded.plan.channels}


def party_places(loaded: LoadedPlan) -> dict[str, str]:
    """Where each third party and each proxy stands in the plan, by what messages call it."""
    plan = loaded.plan
    return {
        **{
            f"dependency {name}": _place(loaded, "dependencies", name) for name in plan.dependencies
        },
        **{f"proxy {name}": _place(loaded, "proxies", name) for name in plan.proxies},
    }


def tracing_place(loaded: LoadedPlan) -> str:
    """Where the plan says what is traced, if it does."""
    return f"{loaded.positions.file}:{loaded.positions.line(('tracing',))}"


def _place(loaded: LoadedPlan, table: str, name: str) -> str:
    return f"{loaded.positions.file}:{loaded.positions.line((table, name))}"


async def open_control(
    stack: AsyncExitStack, run_id: str, steering: Steering, audience: Audience
) -> None:
    """Let `wedload ctl` talk to a run; one that nobody can steer is still a run."""
    try:
        await stack.enter_async_context(control_socket(run_id, steering.obey))
    except OSError as error:
        audience.notice(f"wedload ctl cannot reach this run: {error}")


def open_recording(
    stack: AsyncExitStack,
    path: Path,
    info: RunInfo,
    log: Logbook,
    ending: Callable[[type[BaseException] | None], Ending],
) -> Recording:
    """Keep what is found in a file from now on, as wedload can be killed.

    `ending` says how the run ends, as `stack` does, with an exception of this type or with none.
    """
    workload = log.view.workload
    recording = Recording(path, log.notify)
    benchmarks = {name: row_source(one) for name, one in log.view.benchmarks.items()}
    stages = stage_spans(workload)
    recording.begin(header(info, stages, workload.catalogue, benchmarks, workload.faults))
    stack.push(lambda kind, *_: recording.end(ending(kind)))
    return recording
