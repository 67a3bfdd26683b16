"""Where a plan listens here: for webhooks, spans, scrapes; as third parties and proxies."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_LISTEN: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d{1,9})")
_MOST_PORT: Final = 65_535


def check_listen(draft: Draft, path: Path, listen: str, *, expose: bool) -> None:
    """Report an address at which nobody can listen here, or others would be heard unasked.

    `expose`: whether the plan says that other machines may reach it.
    """
    match = _LISTEN.fullmatch(listen)
    if match is not None and int(match["port"]) > _MOST_PORT:
        message = f'"{listen}" has the port {match["port"]}; it must be from 0 to {_MOST_PORT}'
        draft.report(path, message, "0 is any free port")
    elif address_of(listen) is None:
        message = f'"{listen}" is not an address on this machine'
        hint = 'write "127.0.0.1:0" for any free port, or "127.0.0.1:8800" for a certain one'
        draft.report(path, message, hint)
    elif not (expose or _is_loopback(listen)):
        message = f'"{listen}" can be reached from other machines'
        hint = f'write listen = "127.0.0.1:{listen.rpartition(":")[2]}", or expose = true beside it'
        draft.report(path, f"{message}, and the plan does not expose it", hint)


def address_of(listen: str) -> tuple[str, int] | None:
    """Host and port of an address that this machine may have; None: it is none."""
    match = _LISTEN.fullmatch(listen)
    if match is None or int(match["port"]) > _MOST_PORT:
        return None
    host = match["host"].strip("[]")
    if host == "localhost":
        return host, int(match["port"])
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host, int(match["port"])


def _is_loopback(listen: str) -> bool:
    """Whether nobody but this machine reaches what listens there."""
    address = address_of(listen)
    assert address is not None
    return address[0] == "localhost" or ipaddress.ip_address(address[0]).is_loopback


def check_ports(draft: Draft, plan: Plan) -> None:
    """Report listeners that want the same port."""
    taken: dict[tuple[str, int], str] = {}
    for path, what, listen in _listeners(plan):
        address = address_of(listen)
        if address is None or not address[1] or draft.damaged(path):
            continue
        if address in taken:
            message = f"{taken[address]} listens there already"
            draft.report(path, message, 'choose another port, or "127.0.0.1:0" for any')
        taken.setdefault(address, what)


def _listeners(plan: Plan) -> Iterator[tuple[Path, str, str]]:
    """Each with where it stands, what it is, and its address."""
    for name, channel in plan.channels.items():
        if channel.webhook is not None:
            yield ("channels", name, "listen"), f"the channel {name}", channel.listen
    for name, dependency in plan.dependencies.items():
        yield ("dependencies", name, "listen"), f"the dependency {name}", dependency.listen
    for name, proxy in plan.proxies.items():
        yield ("proxies", name, "listen"), f"the proxy {name}", proxy.listen
    if plan.tracing is not None:
        yield ("tracing", "listen"), "the receiver of spans", plan.tracing.listen
    prometheus = None if plan.monitoring is None else plan.monitoring.prometheus
    if prometheus is not None and prometheus.listen is not None:
        yield ("monitoring", "prometheus", "listen"), "/metrics", prometheus.listen
