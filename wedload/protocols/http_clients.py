"""The HTTP clients that a plan can ask for: the table, and how each is made of a plan."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.proxy import proxy_of
from wedload.protocols.http.pool import Pool, WirePool
from wedload.protocols.http.tls import client_context
from wedload.safety.target_guard import guard_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from wedload.clock import Clock
    from wedload.plan.model import Plan, Tls
    from wedload.workload.compile_plan import Settings


def http_clients(plan: Plan, settings: Settings, clock: Clock) -> Any:
    """What makes the clients of a load process: an `HttpClients` of wedload.engine.port.

    Raises:
        OSError: a file of the target's `tls` cannot be read.
    """
    return _CLIENTS[plan.http.client](plan, settings, clock)


def _wire(plan: Plan, settings: Settings, clock: Clock) -> Pool:
    target = plan.targets[settings.target]
    tls = tls_context(target.tls)
    if target.http == "1.1":
        return WirePool(clock, tls, **names_of(plan, settings))
    from wedload.protocols.http2.pool import Http2Pool  # noqa: PLC0415 - its package is optional

    return Http2Pool(clock, tls, **names_of(plan, settings), http=target.http)


def _aiohttp(plan: Plan, settings: Settings, clock: Clock) -> Any:
    target = plan.targets[settings.target]
    # only here and by name, so that other load processes start fast and stay small
    pool = import_module("wedload.protocols.aiohttp.pool")
    proxy = proxy_of(plan, settings.target, settings.env.plain, settings.secrets.plain)
    tls, names = tls_context(target.tls), names_of(plan, settings)
    return pool.AiohttpPool(clock, tls, **names, proxy=proxy)


#: client of [http] -> what makes the clients of a load process
_CLIENTS: Final[dict[str, Callable[[Plan, Settings, Clock], Any]]] = {
    "wire": _wire,
    "aiohttp": _aiohttp,
}


def names_of(plan: Plan, settings: Settings) -> dict[str, Any]:
    """How names become addresses, and which of these load may go to: arguments of a `Connector`."""
    target = plan.targets[settings.target]
    guard = guard_of(target, settings.permits)
    hosts = {host.name: (host.address, host.port) for host in target.hosts}
    return {"hosts": hosts, "dns_ttl_ns": plan.http.dns_ttl, "guard": guard}


def tls_context(tls: Tls) -> ssl.SSLContext | None:
    """How a target is to prove who it is; None: as any other, which is made when first needed.

    Raises:
        OSError: a file of it cannot be read; says which.
    """
    if tls.verify and tls.ca is None and tls.cert is None:
        return None
    try:
        return client_context(verify=tls.verify, ca=tls.ca, cert=tls.cert, key=tls.key)
    except OSError as error:
        files = [file for file in (tls.ca, tls.cert, tls.key) if file is not None]
        # which file it was, ssl does not say
        named = [file for file in files if not os.access(file, os.R_OK)] or files
        raise OSError(error.errno, error.strerror or str(error), ", ".join(named)) from None
