"""Whether a target can be reached, and load may go to it and to channels, before any load."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.errors import TargetError, UsageError
from wedload.plan.contacts import contacts_of_channels, contacts_of_routes
from wedload.plan.fault_proxies import host_and_port
from wedload.safety.addresses import written_out
from wedload.safety.target_guard import LOOPBACK_ONLY, BlockedAddressError
from wedload.workload.request import split_url

if TYPE_CHECKING:
    from wedload.plan.fault_proxies import FaultProxy
    from wedload.plan.model import Plan, Target
    from wedload.plan.proxy import Proxy
    from wedload.safety.target_guard import TargetGuard

_REACH_S: Final = 5.0
DOUBT: Final = "is it right?"  # of a name that nobody knows
ELSEWHERE: Final = (
    "start it here, or forward a port of it: ssh -L 8080:localhost:80 HOST; or declare the host in"
    " allow_hosts of the target, and prove it: wedload prove HOST"
)


async def addresses_of(host: str, target: Target | None, guard: TargetGuard) -> list[str]:
    """The addresses of a host, unchecked: those that the plan says, or pinned, or looked up.

    Raises:
        TimeoutError: nobody has answered in time.
        OSError, UnicodeError: nobody knows the name.
    """
    led = None if target is None else target.led_to(host)[0]
    if (written := led or written_out(host)) is not None:
        return [written]
    if pinned := guard.pinned(host):
        return list(pinned)
    async with asyncio.timeout(_REACH_S):
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


async def known_addresses(
    host: str, target: Target | None, guard: TargetGuard, *, where: str = "", doubt: str = DOUBT
) -> list[str]:
    """The same, for who cannot go on without; `where` says what leads there.

    Raises:
        TargetError: nobody knows the name, or nobody has answered in time.
    """
    try:
        return await addresses_of(host, target, guard)
    except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
        reason = getattr(error, "strerror", None) or str(error) or "no answer"
        raise TargetError(f"{where}the name {host} is not known: {reason}", doubt) from None


async def require_known(name: str, target: Target) -> None:
    """Look the name of a target's host up.

    Raises:
        TargetError: nobody knows it, or nobody has answered in time.
    """
    if target.base_url is None:
        return
    host = split_url(target.base_url)[0].host
    await known_addresses(host, target, LOOPBACK_ONLY, where=f"target {name}: ")


async def require_reachable(
    name: str, target: Target, guard: TargetGuard, proxy: Proxy | None = None
) -> None:
    """Connect to a target once, or to the proxy to it.

    Raises:
        TargetError: no connection; says why.
        UsageError: load must not go there.
    """
    assert target.base_url is not None
    origin, _ = split_url(target.base_url)
    where = f"target {name} ({target.base_url})"
    host, port = origin.host, origin.port
    if proxy is not None:
        where = f"proxy {proxy} of target {name}"
        host, port = proxy.host, proxy.port
    try:
        found = await addresses_of(host, target, guard)
        for address in found:
            guard.require_allowed(address, host)
        await _connect(found, target.led_to(host)[1] or port)
    except BlockedAddressError as error:
        raise UsageError(f"{where}: {error}", ELSEWHERE) from None
    except ConnectionResetError:
        return  # somebody is there, and hangs up: the run will say so
    except TimeoutError:
        raise TargetError(
            f"{where} cannot be reached: no answer within {_REACH_S:g} s", "is the address right?"
        ) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TargetError(
            f"{where} cannot be reached: {reason}", "is it running, and is the address right?"
        ) from None


async def _connect(addresses: list[str], port: int) -> None:
    """Connect to the first address at which somebody listens.

    Raises:
        TimeoutError, OSError: nobody does; what the last one said.
    """
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            await _connect_to(address, port)
            return
    await _connect_to(last, port)


async def _connect_to(address: str, port: int) -> None:
    async with asyncio.timeout(_REACH_S):
        _, writer = await asyncio.open_connection(address, port)
    writer.close()


async def checked_upstreams(plan: Plan, guard: TargetGuard) -> dict[str, FaultProxy]:
    """The proxies of a plan, each led to an address that was looked up once, and is allowed.

    Raises:
        TargetError: nobody knows a name.
        UsageError: load must not go there.
    """
    checked = dict(plan.proxies)
    for name, proxy in plan.proxies.items():
        written = host_and_port(proxy.upstream)
        if written is None:
            continue  # the sandbox, or a third party of the plan
        host, port = written
        where = f"[proxies.{name}] upstream ({proxy.upstream})"
        found = await _allowed(host, None, guard, where, DOUBT)
        address = await _answering(found, port)
        shown = f"[{address}]" if ":" in address else address
        checked[name] = replace(proxy, upstream=f"{shown}:{port}")
    return checked


async def _answering(addresses: list[str], port: int) -> str:
    """Of several the first at which somebody listens; else the first: it may come to be there."""
    for address in addresses if len(addresses) > 1 else ():
        with suppress(OSError):
            await _connect_to(address, port)
            return address
    return addresses[0]


async def require_channels_here(plan: Plan, target: Target, guard: TargetGuard) -> None:
    """Look up where the subscribers of channels will connect to.

    Raises:
        TargetError: nobody knows a name.
        UsageError: load must not go there.
    """
    for contact in contacts_of_channels(plan):
        where = f"{contact.what} ({contact.url})"
        await _allowed(contact.host, target, guard, where, "is its `url` right?")


async def route_addresses(
    plan: Plan, target: Target, guard: TargetGuard
) -> dict[tuple[str, str], list[str]]:
    """The addresses that routes lead to: by name, and `direct`, `via` or `envoy`.

    Raises:
        TargetError: nobody knows a name.
        UsageError: load must not go there.
    """
    found = {}
    for contact in contacts_of_routes(plan):
        _, name, key = contact.path
        where = f"{contact.what} ({contact.url})"
        doubt = f"is its `{key}` right?"
        found[str(name), str(key)] = await _allowed(contact.host, target, guard, where, doubt)
    return found


async def _allowed(
    host: str, target: Target | None, guard: TargetGuard, where: str, doubt: str
) -> list[str]:
    """The addresses of a host, each allowed by the guard.

    Raises:
        TargetError: nobody knows the name.
        UsageError: load must not go there.
    """
    found = await known_addresses(host, target, guard, where=f"{where}: ", doubt=doubt)
    try:
        for address in found:
            guard.require_allowed(address, host)
    except BlockedAddressError as error:
        raise UsageError(f"{where}: {error}", ELSEWHERE) from None
    return found
