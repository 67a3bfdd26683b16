"""Proving, before anything is sent, that load may go where a plan leads; what is proven is pinned.

Each host that the target declares is looked up once. On this machine it needs no proof; anywhere
else its owner must allow it (`wedload.safety.proof`), and it must not look like production, unless
the plan and the command line both say so. What else a plan writes out must be of this machine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wedload.errors import PlanError, TargetError
from wedload.fleet.published import Asked, published_proof
from wedload.fleet.reach import ELSEWHERE, addresses_of, known_addresses
from wedload.plan.contacts import contacts_of
from wedload.protocols.http_clients import tls_context
from wedload.safety.addresses import leads_here, normal_host, parsed, written_out
from wedload.safety.outlook import (
    PRODUCTION_HOW,
    Refusal,
    production_refusal,
    proof_origin,
    refused_name,
    require_flag,
)
from wedload.safety.target_guard import (
    LOOPBACK_ONLY,
    BlockedAddressError,
    declared_hosts,
    require_possible,
    where,
)
from wedload.workload.permits import Permit, Permits

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.errors import Problem
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Target
    from wedload.plan.positions import Path
    from wedload.safety.proof import Proof


async def prove(
    loaded: LoadedPlan,
    name: str,
    *,
    production: bool,
    notify: Callable[[str], None] = lambda _: None,
) -> Permits:
    """Prove every host that a target declares, and refuse all else that the plan writes out.

    `production`: whether the command line allows that; `notify` is told what goes on.

    Raises:
        PlanError: load must not go to some of them; with the place and the remedy of each.
        UsageError: the command line allows production, and the target is none.
    """
    target = loaded.plan.targets[name]
    require_flag(name, target, production=production)
    problems: list[Problem] = []
    if (refused := production_refusal(target, production=production)) is not None:
        path: Path = ("targets", name, "environment")
        problems.append(loaded.positions.problem(path, refused.message, refused.hint))
    permits = []
    for host in declared_hosts(target) if not problems else ():
        found = await _permit(host, target, production=production, notify=notify)
        if isinstance(found, Permit):
            permits.append(found)
        elif found is not None:
            path = _declared_at(name, target, host)
            message = f"target {name}: {found.message}"
            problems.append(loaded.positions.problem(path, message, found.hint))
    if not problems:
        problems += await _undeclared(loaded, name, target)
    if problems:
        raise PlanError(problems)
    return Permits(tuple(permits))


async def _permit(
    host: str, target: Target, *, production: bool, notify: Callable[[str], None]
) -> Permit | Refusal | None:
    """What allows to go to a host, or why nothing does; None: it needs no proof.

    That is so here, and where nobody knows the base URL's host: who connects to it says that.
    """
    try:
        found = await known_addresses(host, target, LOOPBACK_ONLY)
    except TargetError as unknown:
        if host not in map(normal_host, target.allow_hosts):
            return None
        return Refusal(unknown.message, unknown.hint)
    try:
        for address in found:
            require_possible(address, host)
    except BlockedAddressError as error:
        return Refusal(str(error), None)
    outside = [address for address in found if not leads_here(address)]
    if not outside:
        return None
    if (refused := refused_name(host, target)) is not None:
        return refused
    notify(f"asking whether load may go to {host}")
    try:
        asked = asked_of(host, target, outside)
    except OSError as error:
        return Refusal(f"tls: {error.filename}: {error.strerror}", None)
    proof = await published_proof(asked, datetime.now(UTC))
    if proof.judged.proof is None:
        why = "; ".join(proof.said)
        return Refusal(
            f"{where(outside[0], host)} is not on loopback, and nothing proves that load may go"
            f" there: {why}",
            f"publish what `wedload prove {asked.shown}` prints, or forward a port of it: ssh -L"
            " 8080:localhost:80 HOST",
        )
    if (contradiction := _contradiction(proof.judged.proof, target, host, production)) is not None:
        return contradiction
    addresses = tuple(str(parsed(address)) for address in found)
    return Permit(host, addresses, proof.judged.proof.caps)


def asked_of(host: str, target: Target, addresses: list[str]) -> Asked:
    """Where a host of a target may be proven; its file is where the base URL is, or on HTTPS.

    Raises:
        OSError: a file of the target's `tls` cannot be read.
    """
    origin = proof_origin(host, target)
    led, port = target.led_to(origin.host)
    named = led is None and written_out(host) is None
    return Asked(host, origin, addresses, port, named, tls_context(target.tls))


def _contradiction(proof: Proof, target: Target, host: str, production: bool) -> Refusal | None:
    """Why what the owner says of a host and what the plan says do not go together."""
    if proof.environment == "production" and not (
        production and target.environment == "production"
    ):
        return Refusal(f"the owner of {host} says that it is production", PRODUCTION_HOW)
    if None not in {proof.environment, target.environment} and (
        proof.environment != target.environment
    ):
        says = f'the owner of {host} says that it is "{proof.environment}"'
        return Refusal(f'{says}, and the plan says "{target.environment}"', "one of them is wrong")
    return None


def _declared_at(name: str, target: Target, host: str) -> Path:
    """Where a plan declares a host."""
    for index, one in enumerate(target.allow_hosts):
        if normal_host(one) == host:
            return "targets", name, "allow_hosts", index
    return "targets", name, "base_url"


async def _undeclared(loaded: LoadedPlan, name: str, target: Target) -> list[Problem]:
    """What the plan writes out that is neither declared nor of this machine."""
    declared, problems = declared_hosts(target), []
    for contact in contacts_of(loaded.plan, name):
        if normal_host(contact.host) in declared:
            continue
        try:
            for address in await addresses_of(contact.host, target, LOOPBACK_ONLY):
                LOOPBACK_ONLY.require_allowed(address, contact.host)
        except BlockedAddressError as error:
            message = f"{contact.what} ({contact.url}): {error}"
            problems.append(loaded.positions.problem(contact.path, message, ELSEWHERE))
        except (OSError, UnicodeError):
            continue  # nobody knows the name: nothing goes there
    return problems
