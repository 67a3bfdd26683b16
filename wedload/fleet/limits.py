"""This machine's limits of open files and local ports, and what a run that needs more is told.

A limit that is found out in the middle of a run shows as failures of the target, which they are
not; so it is found out before. What surely does not suffice is refused; what may not suffice is
said, and if it comes to that, wedload.verdict.exhaustion tells the failures from the target's.

Source: getrlimit(2) for open files; ip(7), `ip_local_port_range`, for local ports: a connection to
one address and port needs one of its own.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.errors import UsageError
from wedload.verdict.exhaustion import WIDEN_PORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.fleet.demand import Demand

_PORTS_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
#: share of the local ports above which a run may not find a free one: others use some, and those of
#: connections that were just closed are not free for a minute
_MOST_PORTS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine has."""

    open_files: int | None  # a process may have; None: as many as it likes
    local_ports: int | None  # for connections to one address; None: not known


def limits_here(ports_file: Path = _PORTS_FILE) -> Limits:
    """The limits of this machine; of open files the hard one: load processes raise theirs to it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ports = None
    with suppress(OSError, ValueError):  # not on every system
        lowest, highest = map(int, ports_file.read_text().split())
        ports = highest - lowest + 1
    return Limits(None if hard == resource.RLIM_INFINITY else hard, ports)


def require_open_files(demand: Demand, limits: Limits, workers: int) -> None:
    """Refuse a run that would surely run out of open files.

    Raises:
        UsageError: the limit is too low, and only its owner can raise it.
    """
    if limits.open_files is None:
        return
    needed = demand.open_files.sure
    if needed > limits.open_files:
        raise UsageError(
            f"this plan needs about {needed:,} open files{_where(workers)}, "
            f"the limit is {limits.open_files:,}",
            f"raise it before the run: {_ulimit(needed)} (as root, if the shell refuses), or "
            "spread the virtual users over more load processes (--workers)",
        )
    if demand.sandbox_files is not None and demand.sandbox_files.sure > limits.open_files:
        needed = demand.sandbox_files.sure
        raise UsageError(
            f"with this plan the sandbox needs about {needed:,} open files, one for each "
            f"connection to it, the limit is {limits.open_files:,}",
            f"raise it before the run: {_ulimit(needed)} (as root, if the shell refuses), or take "
            "fewer virtual users",
        )
    if demand.proxy_files is not None and demand.proxy_files.sure > limits.open_files:
        needed = demand.proxy_files.sure
        raise UsageError(
            f"the proxy before the sandbox needs about {needed:,} open files with this plan, two "
            f"for each connection, the limit is {limits.open_files:,}",
            f"raise it before the run: {_ulimit(needed)} (as root, if the shell refuses), or take "
            "fewer virtual users",
        )
    if demand.ears_files is not None and demand.ears_files.sure > limits.open_files:
        needed = demand.ears_files.sure
        raise UsageError(
            f"the process that listens to this plan's channels needs about {needed:,} open files, "
            f"one for each subscriber, the limit is {limits.open_files:,}",
            f"raise it before the run: {_ulimit(needed)} (as root, if the shell refuses), or take "
            "fewer subscribers",
        )


def few_files(demand: Demand, limits: Limits, workers: int) -> str | None:
    """Why a run may run out of open files, with the remedy; None if there are enough."""
    if limits.open_files is None:
        return None
    most, where = demand.open_files.most, _where(workers)
    then, spread = "fail, which makes the run invalid", ", or take more --workers"
    if demand.sandbox_files is not None and most <= limits.open_files:
        # which ends what it has no file for, as targets do: no finding can tell the difference
        most, where, then, spread = demand.sandbox_files.most, " in the sandbox", "are reset", ""
        if demand.proxy_files is not None and most <= limits.open_files:
            most, where = demand.proxy_files.most, " in the proxy before the sandbox"
    if most <= limits.open_files:
        return None
    return (
        "If the target gets slow, or the load is scaled up, this plan may need up to about "
        f"{most:,} open files{where}, the limit is {limits.open_files:,}, and connections beyond "
        f"it {then}; take fewer virtual users (max_vus), or raise the limit before the run: "
        f"{_ulimit(most)}{spread}."
    )


def few_ports(demand: Demand, limits: Limits) -> str | None:
    """Why connections may find no local port, with the remedy; None if there are enough."""
    if limits.local_ports is None or demand.connections <= limits.local_ports * _MOST_PORTS:
        return None
    return (
        f"Up to {demand.connections:,} connections to one address may find no free local port: "
        f"this machine has {limits.local_ports:,} for it; lower the load, or {WIDEN_PORTS}."
    )


def needs_words(demand: Demand, limits: Limits) -> str:
    """What one load process needs of a machine, beside what that has."""
    needed = demand.open_files
    more = "" if needed.most == needed.sure else f", {needed.most:,} at most"
    files = "no limit" if limits.open_files is None else f"limit {limits.open_files:,}"
    ports = "" if limits.local_ports is None else f" of {limits.local_ports:,}"
    return (
        f"needs about {needed.sure:,} open files{more} ({files}) and "
        f"{demand.connections:,}{ports} local ports"
    )


def shortages(demand: Demand, limits: Limits) -> Iterator[str]:
    """What one load process will or may not have enough of, in sentences."""
    if (ports := few_ports(demand, limits)) is not None:
        yield ports
    try:
        require_open_files(demand, limits, 1)
    except UsageError as error:
        yield f"{error.message[:1].upper()}{error.message[1:]}; {error.hint}."
        return
    if (files := few_files(demand, limits, 1)) is not None:
        yield files


def _where(workers: int) -> str:
    return "" if workers == 1 else f" in each of {workers} load processes"


def _ulimit(number: int) -> str:
    """The command for at least so many: the next power of two is what people set limits to."""
    return f"ulimit -n {1 << (number - 1).bit_length()}"
