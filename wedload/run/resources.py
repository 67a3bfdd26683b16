"""The resources of a run: found before its load, sampled beside it, told of in the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wedload.errors import TargetError, UsageError
from wedload.fleet.databases import allowed_places, with_files
from wedload.fleet.packages import require_database_packages
from wedload.fleet.reach import ELSEWHERE, addresses_of
from wedload.plan.confinement import FileRefusedError
from wedload.plan.database_places import PlaceError, PostgresPlace
from wedload.plan.resources import (
    CGROUPS,
    MACHINE,
    SANDBOX,
    AddressError,
    Readable,
    address_of,
)
from wedload.resources.cgroup import ControlGroup
from wedload.resources.machine import Machine
from wedload.resources.port import Unknown
from wedload.resources.process import Processes
from wedload.resources.sampler import Sampler
from wedload.safety.redactor import KNOWN
from wedload.safety.target_guard import BlockedAddressError
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wedload.plan.expressions.template import Template
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Target
    from wedload.plan.resources import Query
    from wedload.resources.port import Source
    from wedload.resources.prometheus import Prometheus
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.safety.redactor import Redactor
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings

_NO_HOST: Final = "write postgresql://USER@localhost/NAME, or ?host=/var/run/postgresql"


class Resources:
    """What is sampled of a run: its machine, and what its plan names."""

    def __init__(self, loaded: LoadedPlan, audience: Audience, redact: Redactor) -> None:
        self._loaded = loaded
        self._asked = loaded.plan.resources
        self._audience = audience
        self._redact = redact
        self._sources: dict[str, Source] = {MACHINE: Machine()}
        self._sampler: Sampler | None = None
        #: what stands in the result of each beside its levels
        self.reports: dict[str, dict[str, Any]] = {}

    async def find(self, guard: TargetGuard, settings: Settings, sandbox: int | None) -> None:
        """Find out where all of them are; `sandbox` is the number of its process, if there is one.

        Raises:
            UsageError: wedload must not go there, or what it takes is not installed.
        """
        prometheus: Prometheus | None = None
        for name, query in self._asked.queries:
            if query.kind == "prometheus":
                prometheus = prometheus or await self._prometheus(guard, settings)
                from wedload.resources.prometheus import PrometheusQuery  # noqa: PLC0415 - aiohttp

                self._sources[name] = PrometheusQuery(prometheus, query.asked)
            elif query.kind == "postgres":
                self._sources[name] = await self._postgres(name, query, guard, settings)
            elif query.kind == "cgroup":
                self._sources[name] = ControlGroup(Path(CGROUPS / query.asked))
            elif query.asked != SANDBOX:
                self._sources[name] = Processes(query.asked)
            elif sandbox is not None:
                self._sources[name] = Processes(str(sandbox))
            else:
                place = self._place("queries", name)
                raise UsageError(
                    f"{place}: the target of this run is not the sandbox",
                    f"take the resource {name} out, or run it with --target of a sandbox",
                )

    async def open(self, stack: AsyncExitStack, log: Logbook) -> None:
        """The load is about to begin: look at all of them for the first time; `stack` ends it.

        What cannot be looked at is said, and looked for again each time.
        """
        every_s = self._asked.every // NS_PER_S
        self._sampler = Sampler(self._sources, every_s, log.recorded, self._redact)
        stack.push_async_callback(self._sampler.close)
        for name, problem in (await self._sampler.open()).items():
            self._audience.notice(f"warning, resource {name} is not sampled: {problem}")

    def begin(self) -> None:
        """The load begins: look at all of them once a second from now on."""
        if self._sampler is not None:
            self._sampler.begin()

    async def end(self) -> None:
        """The load is over."""
        if self._sampler is not None:
            self.reports = self._redacted(await self._sampler.end())

    def _redacted(self, reports: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Statements, which are others' texts, without what is secret."""
        for report in reports.values():
            for one in report.get("statements", ()):
                one["text"] = self._redact(one["text"])
            for one in report.get("locks", ()):
                one["holder"] = None if one["holder"] is None else self._redact(one["holder"])
        return reports

    # --- where they are ---------------------------------------------------------------------

    async def _prometheus(self, guard: TargetGuard, settings: Settings) -> Prometheus:
        from wedload.resources.prometheus import Prometheus  # noqa: PLC0415 - needs aiohttp

        template = self._asked.prometheus
        assert template is not None  # the plan was checked
        place = self._place("prometheus")
        url = self._address(place, template, settings)
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise UsageError(f"{place} makes no URL", "write http://HOST:9090")
        host = urlsplit(url).hostname or ""
        return Prometheus(url, await self._allowed(place, host, self._target(settings), guard))

    async def _postgres(
        self, name: str, query: Query, guard: TargetGuard, settings: Settings
    ) -> Source:
        require_database_packages(name)
        from wedload.resources.postgres import Postgres  # noqa: PLC0415 - an optional dependency

        place = settings.databases.get(query.asked)  # which was reached already
        if query.dsn is None:
            assert isinstance(place, PostgresPlace)
            return Postgres(place, guard)
        where = self._place("queries", name)
        scope = Readable(settings.env.plain, settings.secrets.plain)
        try:
            place = with_files(self._loaded, query.dsn.place(scope))
        except (PlaceError, FileRefusedError, OSError) as error:
            raise UsageError(f"{where} {error}", "look at the secrets that it is made of") from None
        if not isinstance(place, PostgresPlace):
            raise UsageError(f"{where} is no PostgreSQL", _NO_HOST)
        for redactor in (KNOWN, self._redact):
            redactor.learn(filter(None, [place.password]))
        try:
            first, *_ = await allowed_places(where, place, self._target(settings), guard)
        except TargetError as error:  # nobody knows it now
            return Unknown(error.message)
        return Postgres(first, guard)

    def _target(self, settings: Settings) -> Target:
        return self._loaded.plan.targets[settings.target]

    def _address(self, place: str, template: Template, settings: Settings) -> str:
        try:
            return address_of(template, settings.env.plain, settings.secrets.plain)
        except AddressError as error:
            raise UsageError(f"{place} {error}", "look at the secrets that it is made of") from None

    async def _allowed(
        self, place: str, host: str, target: Target, guard: TargetGuard
    ) -> list[str]:
        """The addresses of a host; none if nobody knows it, which each sample then says.

        Raises:
            UsageError: wedload must not go there.
        """
        try:
            found = await addresses_of(host, target, guard)
            for address in found:
                guard.require_allowed(address, host)
        except BlockedAddressError as error:
            raise UsageError(f"{place}: {error}", ELSEWHERE) from None
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            self._audience.notice(f"warning, {place}: the name {host} is not known")
            return []
        return found

    def _place(self, *path: str) -> str:
        positions = self._loaded.positions
        return f"{positions.file}:{positions.line(('resources', *path))}: {path[-1]}"
