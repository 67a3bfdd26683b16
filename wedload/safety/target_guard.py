"""The target guard: where load may go. Asked for every address before a connection is made.

This version allows loopback only; a way to declare and prove other hosts is to come.
"""

from __future__ import annotations

import ipaddress


class BlockedAddressError(Exception):
    """An address that load must not go to."""


def require_allowed(address: str, host: str) -> None:
    """Pass if load may go to `address` (an IP address that `host` resolved to).

    Raises:
        BlockedAddressError: it may not.
    """
    # a scope id (fe80::1%eth0) is not part of the address
    if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        where = address if host == address else f"{host} ({address})"
        raise BlockedAddressError(
            f"{where} is not on loopback, and this version sends load to this machine only"
        )
