"""What a run will say of where a plan leads, as far as that is known without asking anybody. Pure.

`wedload check` tells it; a run refuses by the same rules, once it has looked names up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.errors import UsageError
from wedload.plan.contacts import contacts_of
from wedload.safety.addresses import leads_here, normal_host, written_out
from wedload.safety.production import looks_like_production
from wedload.safety.target_guard import (
    LOOPBACK_ONLY,
    BlockedAddressError,
    declared_hosts,
    require_possible,
)
from wedload.workload.request import Origin, split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Plan, Target

PRODUCTION_HOW: Final = (
    'load on production needs environment = "production" in the target, and --production on the'
    " command line"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why load must not go to a host, and what to do about it."""

    message: str
    hint: str | None


def require_flag(name: str, target: Target, *, production: bool) -> None:
    """Pass unless the command line allows production for a target that is none.

    Raises:
        UsageError: it does.
    """
    if production and target.environment != "production":
        raise UsageError(
            f'--production is given, and target {name} does not say environment = "production"',
            "take the option out, or say so in the plan",
        )


def production_refusal(target: Target, *, production: bool) -> Refusal | None:
    """Why a target that says that it is production is refused; None: it is not."""
    if target.environment == "production" and not production:
        message = 'environment is "production", and the command line does not allow that'
        return Refusal(message, "add --production if you mean it")
    return None


def refused_name(host: str, target: Target) -> Refusal | None:
    """Why a host is refused by its name alone; None: it is not."""
    if target.environment == "production" or (why := looks_like_production(host)) is None:
        return None
    return Refusal(f"{host} looks like production: it {why}", PRODUCTION_HOW)


def outlook(plan: Plan, chosen: str, *, production: bool = False) -> Iterator[str]:
    """What is missing for a run against a target, and for one against each of the others.

    `production`: whether the command line allows that.
    """
    try:
        require_flag(chosen, plan.targets[chosen], production=production)
    except UsageError as error:
        yield f"a run will refuse this: {error.message}"
    for name, target in plan.targets.items():
        if target.environment == "production" and not (production and name == chosen):
            yield f"target {name} says that it is production: a run needs --production"
        for host in declared_hosts(target):
            if (said := _of_declared(host, target)) is not None:
                yield f"target {name}: {said}"
    yield from _undeclared(plan, chosen)
    yield from _exposed(plan)


def _exposed(plan: Plan) -> Iterator[str]:
    """What listens where other machines may reach it."""
    listeners = [
        *((f"channel {name}", one.listen, one.expose) for name, one in plan.channels.items()),
        *(
            (f"dependency {name}", one.listen, one.expose)
            for name, one in plan.dependencies.items()
        ),
        *((f"proxy {name}", one.listen, one.expose) for name, one in plan.proxies.items()),
    ]
    for what, listen, exposed in listeners:
        if exposed:
            yield f"{what} listens on {listen}, where other machines may reach it: expose"


def _of_declared(host: str, target: Target) -> str | None:
    """What is missing for a host that is declared; None: nothing, it is this machine."""
    address = _known_address(host, target)
    try:
        if address is not None:
            require_possible(address, host)
    except BlockedAddressError as error:
        return f"a run will refuse it: {error}"
    if address is not None and leads_here(address):
        return None
    if (refused := refused_name(host, target)) is not None:
        return f"a run will refuse it: {refused.message}; {refused.hint}"
    unless = ", unless it is this machine" if address is None else ""
    return (
        f"{host} needs a proof{unless}; `wedload prove {_where_proven(host, target)}` tells how,"
        " and whether it is there"
    )


def _where_proven(host: str, target: Target) -> str:
    """What `wedload prove` is to be told: the base URL's own host may have its file elsewhere."""
    if target.base_url is None:
        return host
    origin, _ = split_url(target.base_url)
    usual = origin == Origin("https", origin.host, 443)
    return host if usual or normal_host(origin.host) != host else str(origin)


def _undeclared(plan: Plan, chosen: str) -> Iterator[str]:
    target = plan.targets[chosen]
    declared, told = declared_hosts(target), set()
    for contact in contacts_of(plan, chosen):
        host = normal_host(contact.host)
        if host in declared or (contact.what, host) in told:
            continue
        told.add((contact.what, host))
        address = _known_address(host, target)
        if address is None:
            yield (
                f"{contact.what}: {host} is not declared; a run will refuse it, unless it is this"
                f" machine: see allow_hosts of target {chosen}"
            )
            continue
        try:
            LOOPBACK_ONLY.require_allowed(address, host)
        except BlockedAddressError as error:
            yield f"a run will refuse {contact.what}: {error}"


def _known_address(host: str, target: Target) -> str | None:
    """The address of a host, where no look-up is needed for it."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 section 6.3
        return "127.0.0.1"
    return target.led_to(host)[0] or written_out(host)
