"""Where a proxy listens and connects to: `host:port`, resolved once, and only where it may be."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Final, NamedTuple

from wedload.errors import PartyError
from wedload.plan.fault_proxies import host_and_port

#: whether an IP address may be listened on, or connected to
Allowed = Callable[[str], bool]

_HOW: Final = 'write listen = "127.0.0.1:0": an address of loopback, and a port; 0 is any free one'
_UPSTREAM_HOW: Final = 'write upstream = "127.0.0.1:5432": an address of loopback, and its port'


def loopback_only(address: str) -> bool:
    """Whether it is this machine alone that is there; see `Allowed`."""
    # a scope id (fe80::1%eth0) is not part of the address
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def anywhere(_address: str) -> bool:
    """Also what other machines reach: for who is exposed on purpose; see `Allowed`."""
    return True


class Place(NamedTuple):
    """A host, as name or address without brackets, and a port."""

    host: str
    port: int

    @staticmethod
    def parse(text: str, proxy: str) -> Place:
        """Read `host:port`.

        Raises:
            PartyError: it is something else.
        """
        found = host_and_port(text)
        if found is None:
            raise PartyError(f"proxy {proxy}: {text!r} is not host:port", _HOW)
        return Place(*found)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


async def resolved(place: Place, proxy: str, allowed: Allowed, *, listens: bool) -> Place:
    """The same with the first address that its host has, once all of them are allowed.

    Raises:
        PartyError: the host is not known or not allowed.
    """
    loop = asyncio.get_running_loop()
    how = _HOW if listens else _UPSTREAM_HOW
    try:
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PartyError(f"proxy {proxy}: {place.host} is not known: {error}", how) from None
    addresses = [str(address[0]) for *_, address in found]
    for address in addresses:
        if not allowed(address):
            where = address if address == place.host else f"{place.host} ({address})"
            why = "the plan does not expose it" if listens else "nothing allows to connect to it"
            raise PartyError(f"proxy {proxy}: {where} is not on loopback, and {why}", how)
    return Place(addresses[0], place.port)


def bound(place: Place, proxy: str) -> socket.socket:
    """A socket bound to a resolved place, that does not listen yet.

    Raises:
        PartyError: its port is taken, or may not be had.
    """
    bound_one = socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET)
    try:
        bound_one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound_one.setblocking(False)
        bound_one.bind((place.host, place.port))
    except OSError as error:
        bound_one.close()
        raise cannot_listen(place, proxy, error) from None
    return bound_one


def cannot_listen(place: Place, proxy: str, error: OSError) -> PartyError:
    """What to tell when the system refuses."""
    return PartyError(
        f"proxy {proxy}: cannot listen on {place}: {error.strerror or error}",
        "end what listens there, or give another port; port 0 takes any that is free",
    )
