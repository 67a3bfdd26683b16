"""The target guard: where load may go. Asked for every address before a connection is made.

`TargetGuard` is the port; whoever connects is given one. This version has one alone, which allows
loopback: a way to declare and prove other hosts is to come.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, Protocol

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


class LoopbackOnly:
    """Load goes to this machine, and nowhere else."""

    def require_allowed(self, address: str, host: str) -> None:
        """Pass for an address of loopback; see `TargetGuard`."""
        # a scope id (fe80::1%eth0) is not part of the address
        if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            where = address if host == address else f"{host} ({address})"
            raise BlockedAddressError(
                f"{where} is not on loopback, and this version sends load to this machine only"
            )


LOOPBACK_ONLY: Final = LoopbackOnly()


def guard_of(_target: Target) -> TargetGuard:
    """The guard of all that a run against a target connects to."""
    return LOOPBACK_ONLY
