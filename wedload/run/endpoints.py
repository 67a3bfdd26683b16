"""Where what is sent of a run goes: an address of the plan, once it is known and allowed.

What is sent is no load: some hundred figures every few seconds, and a few words. So a host need not
be proven as one that load goes to; but it must be named by `allow_hosts` of `[monitoring]`, or be
one that the target may be loaded at. Addresses to which nothing ever goes stay refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wedload.errors import UsageError
from wedload.export.endpoint import Endpoint
from wedload.fleet.reach import addresses_of
from wedload.plan.resources import AddressError, address_of, text_with
from wedload.safety.addresses import normal_host
from wedload.safety.target_guard import BlockedAddressError, require_possible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.plan.expressions.template import Template
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.positions import Path
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.compile_plan import Settings

_ELSEWHERE = (
    "name the host in [monitoring] allow_hosts, if what is measured here may go to it; no proof is"
    " needed, as no load goes there"
)


class Endpoints:
    """Makes the endpoints of one run."""

    def __init__(self, loaded: LoadedPlan, settings: Settings, guard: TargetGuard) -> None:
        self._loaded = loaded
        self._settings = settings
        self._guard = guard

    async def endpoint(
        self,
        path: Path,
        url: Template,
        headers: Iterable[tuple[str, Template]] = (),
        own: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """The endpoint of a URL that stands at `path` below `[monitoring]`; `own`: more headers.

        A name that nobody knows makes one that cannot be reached, which sending to it says.

        Raises:
            UsageError: it makes no address, or nothing may go there.
        """
        place = self._place(path)
        address = self._read(place, url)
        parts = urlsplit(address)
        host = parts.hostname or ""
        if parts.scheme not in {"http", "https"} or not host:
            raise UsageError(f"{place} makes no URL", "write http://HOST:PORT/…")
        sent = {name: self._read(place, value, as_url=False) for name, value in headers}
        return Endpoint(address, await self._allowed(place, host), sent | dict(own or {}))

    def text(self, path: Path, template: Template | None) -> str:
        """What a template at `path` says; nothing without one; raises as `endpoint`."""
        if template is None:
            return ""
        return self._read(self._place(path), template, as_url=False)

    async def _allowed(self, place: str, host: str) -> list[str]:
        target = self._loaded.plan.targets[self._settings.target]
        try:
            found = await addresses_of(host, target, self._guard)
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            return []
        try:
            for address in found:
                if self._is_named(host):
                    require_possible(address, host)
                else:
                    self._guard.require_allowed(address, host)
        except BlockedAddressError as error:
            raise UsageError(f"{place}: {error}", _ELSEWHERE) from None
        return found

    def _is_named(self, host: str) -> bool:
        monitoring = self._loaded.plan.monitoring
        named = () if monitoring is None else monitoring.allow_hosts
        return normal_host(host) in map(normal_host, named)

    def _read(self, place: str, template: Template, *, as_url: bool = True) -> str:
        """What a template says; parts of a URL are percent-encoded."""
        read = self._settings.env.plain, self._settings.secrets.plain
        try:
            return address_of(template, *read) if as_url else text_with(template, *read)
        except AddressError as error:
            raise UsageError(f"{place} {error}", "look at the secrets that it is made of") from None

    def _place(self, path: Path) -> str:
        positions = self._loaded.positions
        line = positions.line(("monitoring", *path))
        return f"{positions.file}:{line}: {'.'.join(map(str, path))}"
