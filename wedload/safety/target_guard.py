"""The target guard: where load may go. Asked for every address before a connection is made.

`TargetGuard` is the port; whoever connects is given one. Loopback is free. Everything else must be
a host that the target declares and that was proven (`wedload.safety.proof`) before the load, at an
address that it had then. Some addresses are refused whatever anybody says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from wedload.safety.addresses import NEVER, kind_of, leads_here, normal_host, parsed
from wedload.workload.permits import Permits

if TYPE_CHECKING:
    from wedload.plan.model import Target


class BlockedAddressError(Exception):
    """An address that load must not go to."""


class TargetGuard(Protocol):
    """Says where load may go."""

    def require_allowed(self, address: str, host: str) -> None:
        """Pass if load may go to `address` (an IP address that `host` resolved to).

        Raises:
            BlockedAddressError: it may not.
            ValueError: that is no address.
        """

    def pinned(self, host: str) -> tuple[str, ...]:
        """The addresses of a host that was proven, so that it need not be looked up; or none."""


@dataclass(frozen=True, slots=True)
class DeclaredHosts:
    """Load goes to this machine, and to hosts that are declared and proven. A `TargetGuard`."""

    declared: frozenset[str]  # as `normal_host` writes them
    permits: Permits

    def require_allowed(self, address: str, host: str) -> None:
        """Pass for this machine and for what is pinned; see `TargetGuard`."""
        require_possible(address, host)
        if leads_here(address):
            return
        name = normal_host(host)
        permit = self.permits.of(name)
        if permit is not None and str(parsed(address)) in permit.addresses:
            return
        raise BlockedAddressError(f"{where(address, host)} {self._why(name, permit is not None)}")

    def pinned(self, host: str) -> tuple[str, ...]:
        """The addresses of a host that was proven; see `TargetGuard`."""
        permit = self.permits.of(normal_host(host))
        return () if permit is None else permit.addresses

    def _why(self, name: str, permitted: bool) -> str:
        if permitted:
            return "is not among the addresses that the host had when it was proven"
        if name in self.declared:
            return f"is not on loopback, and nothing proves that load may go there: {remedy(name)}"
        return "is not on loopback, and the target does not declare it: see allow_hosts"


LOOPBACK_ONLY: Final = DeclaredHosts(frozenset(), Permits())


def guard_of(target: Target, permits: Permits) -> TargetGuard:
    """The guard of all that a run against a target connects to."""
    return DeclaredHosts(frozenset(declared_hosts(target)), permits)


def declared_hosts(target: Target) -> tuple[str, ...]:
    """The hosts that a target declares, each once: that of its base URL, and `allow_hosts`."""
    base = urlsplit(target.base_url or "").hostname
    hosts = (*((base,) if base else ()), *target.allow_hosts)
    return tuple(dict.fromkeys(map(normal_host, hosts)))


def require_possible(address: str, host: str) -> None:
    """Pass unless an address is of a kind that no load ever goes to.

    Raises:
        BlockedAddressError: it is; says of which.
        ValueError: that is no address.
    """
    if (why := NEVER.get(kind_of(address))) is not None:
        raise BlockedAddressError(f"{where(address, host)} {why}; no load ever goes there")


def where(address: str, host: str) -> str:
    """A host and its address, as messages name them."""
    return address if host == address else f"{host} ({address})"


def remedy(host: str) -> str:
    """What to do about a host that is not proven."""
    return f"`wedload prove {host}` tells how"
