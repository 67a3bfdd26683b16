"""What a run needs of this machine's open files and local ports, and what there is of them.

A limit that is found out in the middle of a run shows as failures of the target, which they are
not; so it is found out before.

Source: getrlimit(2) for open files; ip(7), `ip_local_port_range`, for local ports: a connection to
one address and port needs one of its own.
"""

from __future__ import annotations

import resource
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.errors import UsageError
from wedload.plan.model import HttpStep, UseStep

if TYPE_CHECKING:
    from wedload.plan.fields import RequestLine
    from wedload.plan.model import Plan
    from wedload.workload.compile import Workload

#: open in a load process beside its virtual users' connections: the loop's own, its socket to the
#: coordinator, clean-up's connections, and some that are closed but not yet gone
_OTHER_FILES: Final = 64
_PORTS_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
#: share of the local ports above which a run may not find a free one: others use some, and those of
#: connections that were just closed are not free for a minute
_MOST_PORTS: Final = 0.8
#: addresses that the plan does not spell out: the target's, and one that variables tell
_TARGET: Final = "target"
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine has."""

    open_files: int | None  # a process may have; None: as many as it likes
    local_ports: int | None  # for connections to one address; None: not known


@dataclass(frozen=True, slots=True)
class Demand:
    """What a run needs at its peak, about."""

    open_files: int  # in the load process with the most
    connections: int  # of all load processes to one address


def limits_here(ports_file: Path = _PORTS_FILE) -> Limits:
    """The limits of this machine; of open files the hard one: load processes raise theirs to it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ports = None
    with suppress(OSError, ValueError):  # not on every system
        lowest, highest = map(int, ports_file.read_text().split())
        ports = highest - lowest + 1
    return Limits(None if hard == resource.RLIM_INFINITY else hard, ports)


def demand_of(plan: Plan, workload: Workload, workers: int) -> Demand:
    """What a run of so many load processes needs: a connection a virtual user and address."""
    files = _OTHER_FILES
    connections: Counter[str] = Counter()
    for scenario in workload.scenarios:
        most_vus = scenario.schedule.most_vus
        addresses = {one for flow in scenario.flows for one in _addresses(plan, flow.name)}
        files += -(-most_vus // workers) * len(addresses)
        for address in addresses:
            connections[address] += most_vus
    return Demand(files, max(connections.values(), default=0))


def require_limits(plan: Plan, workload: Workload, workers: int) -> str | None:
    """Refuse what cannot be run on this machine; a warning of what may fail, if anything may.

    Raises:
        UsageError: the limit of open files is too low.
    """
    demand, limits = demand_of(plan, workload, workers), limits_here()
    require_open_files(demand, limits, workers)
    return few_ports(demand, limits)


def require_open_files(demand: Demand, limits: Limits, workers: int) -> None:
    """Refuse a run that would run out of open files.

    Raises:
        UsageError: the limit is too low, and only its owner can raise it.
    """
    if limits.open_files is not None and demand.open_files > limits.open_files:
        where = "" if workers == 1 else f" in each of {workers} load processes"
        raise UsageError(
            f"this plan needs about {demand.open_files:,} open files{where}, "
            f"the limit is {limits.open_files:,}",
            f"raise it before the run: ulimit -n {_round(demand.open_files)} (as root, if the "
            "shell refuses), or spread the virtual users over more load processes (--workers)",
        )


def few_ports(demand: Demand, limits: Limits) -> str | None:
    """Why connections may find no local port, with the remedy; None if there are enough."""
    if limits.local_ports is None or demand.connections <= limits.local_ports * _MOST_PORTS:
        return None
    return (
        f"Up to {demand.connections:,} connections to one address may find no free local port: "
        f"this machine has {limits.local_ports:,} for it; lower the load, or widen the range: "
        "sysctl -w net.ipv4.ip_local_port_range='1024 65535'."
    )


def _round(number: int) -> int:
    """The next power of two: what people set limits to."""
    return 1 << (number - 1).bit_length()


def _addresses(plan: Plan, workflow: str) -> set[str]:
    """Where a virtual user of a workflow connects to: scheme and authority."""
    found: set[str] = set()
    for step in plan.workflows[workflow]:
        if isinstance(step, UseStep):
            found |= _addresses(plan, step.use)
        elif isinstance(step, HttpStep):
            found.add(_address(step.http))
            sign_in = None if step.as_ is None else plan.identities[step.as_].http
            if sign_in is not None:
                found.add(_address(sign_in))
    return found


def _address(line: RequestLine) -> str:
    first = line.url.parts[0] if line.url.parts else ""
    if not isinstance(first, str):
        return _UNKNOWN
    if first.startswith("/"):
        return _TARGET
    scheme, _, rest = first.partition("://")
    authority, slash, _ = rest.partition("/")
    whole = slash or len(line.url.parts) == 1
    return f"{scheme}://{authority}" if whole else _UNKNOWN
