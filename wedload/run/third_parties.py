"""The third parties of a run: their process, from before its target starts to what they saw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PartyError, TargetError
from wedload.fleet.reach import checked_upstreams
from wedload.fleet.sandbox_faults import SandboxFaults, sandbox_schedule
from wedload.fleet.third_parties import ThirdPartiesProcess
from wedload.plan.fault_proxies import SANDBOX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AsyncExitStack

    from wedload.plan.model import Plan
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings

#: how long operations that may go on are waited for after the load; what the target does by itself
#: may go on for ever
_PATIENCE_S: Final = 2.0
#: key of a dependency -> option of the sandbox that is told where it is
_SANDBOX_OPTIONS: Final = {"google-calendar": "calendar", "email": "email"}


class ThirdParties:
    """Those of a run, if its plan has any, or proxies, or faults; without, nothing happens."""

    def __init__(
        self,
        plan: Plan,
        audience: Audience,
        redact: Callable[[str], str],
        places: Mapping[str, str],
    ) -> None:
        """`places`: where in the plan each stands: `proxy db` -> `plan.toml:12`."""
        self._plan = plan
        self._audience = audience
        self._redact = redact
        self._places = places
        self._process: ThirdPartiesProcess | None = None
        self._sandbox: SandboxFaults | None = None
        self._told: dict[str, dict[str, str]] = {}  # dependency -> where it is, faults included
        self._proxies: dict[str, dict[str, str]] = {}
        #: what stands in the result of each beside its metrics; None: it was lost
        self.dependencies: dict[str, dict[str, Any]] | None = {}
        self.proxies: dict[str, dict[str, Any]] | None = {}

    @property
    def played(self) -> bool:
        """Whether there is a process of theirs."""
        return bool(self._plan.dependencies or self._plan.proxies)

    async def open(self, stack: AsyncExitStack, guard: TargetGuard, settings: Settings) -> Settings:
        """Play them, and open the proxies; the settings with where they are. `stack` ends it.

        Raises:
            PartyError: one of them cannot listen where it is to.
            UsageError, TargetError: a proxy must not, or cannot, lead where it is to.
            WorkerError: the process was not started.
        """
        if not self.played:
            return settings
        plan = replace(self._plan, proxies=await checked_upstreams(self._plan, guard))
        self._audience.notice("playing the third parties")
        self._process = await ThirdPartiesProcess.start()
        stack.push_async_callback(self._process.stop)
        try:
            opened = await self._process.open(
                plan, seed=settings.seed, time_scale=settings.time_scale, env=settings.env,
                addresses=settings.permits.addresses,
            )  # fmt: skip
        except PartyError as error:
            raise self._placed(error) from None
        self._told, self._proxies = opened.dependencies, opened.proxies
        return replace(settings, dependencies=self._told, proxies=self._proxies)

    # --- the sandbox ------------------------------------------------------------------------

    def sandbox_arguments(self) -> list[str]:
        """What the sandbox is told of where its third parties are.

        Of several of a kind it has the one that is called as the sandbox calls it, or the first.
        """
        arguments: list[str] = []
        for simulate, option in _SANDBOX_OPTIONS.items():
            names = [
                name for name, one in self._plan.dependencies.items() if one.simulate == simulate
            ]
            if not names:
                continue
            name = option if option in names else names[0]
            arguments += [f"--{option}-url", on_this_machine(self._told[name]["url"])]
            if simulate == "email":
                arguments += ["--email-provider", self._plan.dependencies[name].provider]
        return arguments

    def sandbox_environment(self) -> dict[str, str]:
        """What the sandbox has in its environment, so that we may make faults there."""
        if not any(sandbox_schedule(self._plan.faults, 1.0)):
            return {}
        self._sandbox = SandboxFaults()
        return self._sandbox.environment

    def before_sandbox(self, url: str) -> str:
        """The base URL of the sandbox: that of the proxy before it, if there is one."""
        for name, proxy in self._plan.proxies.items():
            if proxy.upstream == SANDBOX:
                return self._proxies[name]["url"]
        return url

    # --- from set-up to the result ----------------------------------------------------------

    async def observe(self, settings: Settings, sandbox_url: str | None, index: int) -> None:
        """The target is there, and load processes will be: observe what comes from now on."""
        if self._sandbox is not None and sandbox_url is not None:
            self._sandbox.at(sandbox_url, sandbox_schedule(self._plan.faults, settings.time_scale))
        if self._process is None:
            return
        try:
            await self._process.observe(self._plan, settings, sandbox_url, index)
        except PartyError as error:
            raise self._placed(error) from None

    async def begin(self, log: Logbook, lost: Callable[[], None]) -> None:
        """The load begins, and faults with it; `lost` is to end it, if nobody plays any more.

        Raises:
            TargetError: the sandbox does not let us make faults in it.
            PartyError: their process is lost already.
        """
        if self._sandbox is not None:
            await self._sandbox.begin()
        if self._process is not None:
            await self._process.begin(log, lost)

    async def end_faults(self) -> None:
        """End all faults, and begin no more."""
        if self._process is not None:
            self._process.end_faults()
        if self._sandbox is not None:
            try:
                await self._sandbox.end()
            except TargetError as error:  # what follows finds it as it is
                why = error.message if error.hint is None else f"{error.message}, {error.hint}"
                self._audience.notice(f"warning, faults go on in the sandbox: {self._redact(why)}")

    async def settle(self, *, aborted: bool) -> None:
        """The load is over: take in what is known of operations."""
        if self._process is None:
            return
        settled = await self._process.settle(0.0 if aborted else _PATIENCE_S)
        if settled is None:
            self.dependencies = self.proxies = None
        else:
            self.dependencies, self.proxies = settled.dependencies, settled.proxies

    def kill(self) -> None:
        """End it this instant."""
        if self._process is not None:
            self._process.kill()

    def _placed(self, error: PartyError) -> PartyError:
        """The same, with where in the plan it is about, and without secrets."""
        message = self._redact(error.message)
        for what, place in self._places.items():
            if message.startswith(f"{what}:"):
                message = f"{place}: {message}"
                break
        return PartyError(message, None if error.hint is None else self._redact(error.hint))


def on_this_machine(url: str) -> str:
    """Where something is found from here that listens on all addresses."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
