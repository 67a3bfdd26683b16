"""`wedload prove`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import uvloop
from rich.text import Text

from wedload.errors import ExitCode, UsageError
from wedload.fleet.published import Asked, published_proof
from wedload.fleet.reach import known_addresses
from wedload.plan.targets import wrong_base_url
from wedload.report.console import SafeConsole
from wedload.safety.addresses import leads_here, normal_host, written_out
from wedload.safety.production import looks_like_production
from wedload.safety.proof import (
    ENVIRONMENTS,
    LABEL,
    MOST_DAYS,
    PATH,
    Proof,
    file_of,
    record_of,
    told_beside,
)
from wedload.safety.target_guard import LOOPBACK_ONLY, BlockedAddressError, require_possible
from wedload.workload.request import Origin, split_url

if TYPE_CHECKING:
    from rich.console import Console

    from wedload.fleet.published import Found


def prove_command(host: str, *, days: int) -> int:
    """Print what to publish so that load may go to a host, and check what is; the exit code.

    Raises:
        UsageError: that is no host, or one to which no load ever goes.
        TargetError: nobody knows its name.
    """
    if days > MOST_DAYS:
        raise UsageError(f"--days {days} is above {MOST_DAYS}", "publish a new one each year")
    origin = _origin(host)
    console = SafeConsole()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_prove(origin, days, console))


def _origin(text: str) -> Origin:
    """Where its file would be: HTTPS, unless a URL says something else."""
    if "://" in text:
        if (wrong := wrong_base_url(text)) is not None:
            raise UsageError(f"{text} {wrong}", "give a host, or https://host:port")
        return split_url(text)[0]
    bare = text.removeprefix("[").removesuffix("]")
    if written_out(bare) is None and (not bare or not set(bare).isdisjoint("/:@?# []")):
        host, _, port = text.rpartition(":")
        if host and port.isdecimal():
            raise UsageError(
                f"{text!r} has a port, which goes with a scheme",
                f"wedload prove https://{text}, or http://{text}",
            )
        raise UsageError(f"{text!r} is not a host", "wedload prove staging.example")
    return Origin("https", bare, 443)


async def _prove(origin: Origin, days: int, console: Console) -> int:
    host = normal_host(origin.host)
    found = await known_addresses(host, None, LOOPBACK_ONLY)
    try:
        for address in found:
            require_possible(address, host)
    except BlockedAddressError as error:
        raise UsageError(str(error)) from None
    if all(map(leads_here, found)):
        console.print(Text(f"{host} is this machine: load may go there without a proof"))
        return int(ExitCode.OK)
    named = written_out(host) is None
    _tell_what_to_publish(origin, host, days, console, named=named)
    if (why := looks_like_production(host)) is not None:
        console.print(
            Text(
                f"{host} looks like production: it {why}. A run against it needs environment ="
                ' "production" in its target, and --production, too.',
                style="yellow",
            )
        )
    outside = [address for address in found if not leads_here(address)]
    proof = await published_proof(Asked(host, origin, outside, has_record=named), datetime.now(UTC))
    return _tell_what_is_there(host, proof, console)


def _tell_what_to_publish(
    origin: Origin, host: str, days: int, console: Console, *, named: bool
) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    proof = Proof(host, midnight + timedelta(days=days + 1))
    either = "Publish one of these two" if named else "Publish this file"
    lines = [f"{either}, to allow load on {host} for {days} days.", ""]
    if named:
        lines += ["A TXT record:", "", f'{LABEL}.{host}. TXT "{record_of(proof)}"', ""]
    lines += [f"A file, at {origin}{PATH}:", "", file_of(proof), ""]
    lines += [f"{'Either' if named else 'It'} may also say what the host is, and limits:"]
    lines += [f"  environment ({', '.join(ENVIRONMENTS)})"]
    lines += ["  max_rate (500/s), max_vus (200), max_duration (30m)", ""]
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _tell_what_is_there(host: str, found: Found, console: Console) -> int:
    proof = found.judged.proof
    if proof is None:
        console.print(Text(f"{host} is not proven:", style="bold red"))
        for why in found.said:
            console.print(Text(f"  {why}"), soft_wrap=True)
        return int(ExitCode.FAILED)
    last = proof.expires - timedelta(seconds=1)
    console.print(
        Text(f"{host} is proven until {last:%Y-%m-%d %H:%M} UTC, by {found.how}", style="green"),
        soft_wrap=True,
    )
    if beside := told_beside(proof):
        console.print(Text(f"  and says: {beside}"), soft_wrap=True)
    return int(ExitCode.OK)
