"""The resources of a run: found before its load, sampled beside it, told of in the result."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from wedload.errors import UsageError
from wedload.fleet.reach import ELSEWHERE, addresses_of
from wedload.plan.resources import CGROUPS, MACHINE, SANDBOX, AddressError, address_of
from wedload.resources.cgroup import ControlGroup
from wedload.resources.machine import Machine
from wedload.resources.process import Processes
from wedload.resources.sampler import Sampler
from wedload.safety.target_guard import BlockedAddressError
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from wedload.plan.expressions.template import Template
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.resources import Query
    from wedload.resources.port import Source
    from wedload.resources.prometheus import Prometheus
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings

_INSTALL: Final = "install it with: pip install 'wedload[postgres]'"
_NO_HOST: Final = "write one: postgresql://USER@localhost/NAME, or ?host=/var/run/postgresql"


class Resources:
    """What is sampled of a run: its machine, and what its plan names."""

    def __init__(
        self, loaded: LoadedPlan, audience: Audience, redact: Callable[[str], str]
    ) -> None:
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

    async def begin(self, stack: AsyncExitStack, log: Logbook) -> None:
        """The load begins: look at all of them, and then once a second; `stack` ends it.

        What cannot be looked at is said, and looked for again each time.
        """
        every_s = self._asked.every // NS_PER_S
        self._sampler = Sampler(self._sources, every_s, log.recorded, self._redact)
        stack.push_async_callback(self._sampler.close)
        for name, problem in (await self._sampler.open()).items():
            self._audience.notice(f"warning, resource {name} is not sampled: {problem}")
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
        return Prometheus(url, await self._allowed(place, host, guard))

    async def _postgres(
        self, name: str, query: Query, guard: TargetGuard, settings: Settings
    ) -> Source:
        place = self._place("queries", name)
        if find_spec("asyncpg") is None:
            raise UsageError(f"{place} needs the package asyncpg, which is not there", _INSTALL)
        from wedload.resources.postgres import Postgres  # noqa: PLC0415 - an optional dependency

        dsn = self._address(place, query.dsn or self._database(query.asked), settings)
        host = _host_of(dsn)
        if host is None:
            raise UsageError(f"{place} names no single host of a PostgreSQL", _NO_HOST)
        if host.startswith("/"):
            return Postgres(dsn, host)
        found = await self._allowed(place, host, guard)
        # a certificate that is verified is that of the name
        return Postgres(dsn, host if "verify-full" in dsn or not found else found[0])

    def _database(self, name: str) -> Template:
        """The address of a database of the plan, which was checked to be there."""
        return self._loaded.plan.databases[name].dsn.template

    def _address(self, place: str, template: Template, settings: Settings) -> str:
        try:
            return address_of(template, settings.env.plain, settings.secrets.plain)
        except AddressError as error:
            raise UsageError(f"{place} {error}", "look at the secrets that it is made of") from None

    async def _allowed(self, place: str, host: str, guard: TargetGuard) -> list[str]:
        """The addresses of a host; none if nobody knows it, which each sample then says.

        Raises:
            UsageError: wedload must not go there.
        """
        try:
            found = await addresses_of(host, None, guard)
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


def _host_of(dsn: str) -> str | None:
    """The one host of a DSN, or the folder of its socket; None: it tells none, or several."""
    try:
        parts = urlsplit(dsn)
        named = parse_qs(parts.query).get("host", [parts.hostname or ""])
    except ValueError:
        return None
    host = named[0] if len(named) == 1 else ""
    known = parts.scheme in {"postgres", "postgresql"} and host and "," not in host
    return host if known else None
