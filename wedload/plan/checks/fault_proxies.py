"""The fault proxies of a plan: that each is before something, and none before itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.checks.listening import address_of, check_listen
from wedload.plan.checks.third_parties import check_free_name
from wedload.plan.expressions.expression import suggest
from wedload.plan.fault_proxies import DEPENDENCY, SANDBOX, host_and_port

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_EXAMPLES: Final = 'write "127.0.0.1:5432", "sandbox", or "dependency:NAME"'


def check_fault_proxies(draft: Draft, plan: Plan) -> None:
    """Report proxies that lead nowhere."""
    before: dict[str, str] = {}
    for name, proxy in plan.proxies.items():
        path = ("proxies", name)
        if path in draft.pruned:
            continue
        check_free_name(draft, path, name)
        if name in draft.written_keys("dependencies"):
            message = f"there is a dependency {name} too, and a fault `on` it could mean either"
            draft.report(path, message, "choose another name")
        if not draft.damaged((*path, "listen")):
            check_listen(draft, (*path, "listen"), proxy.listen, expose=proxy.expose)
        if draft.damaged((*path, "upstream")):
            continue
        _check_upstream(draft, plan, (*path, "upstream"), proxy.upstream)
        if host_and_port(proxy.upstream) is None:
            if proxy.upstream in before:
                message = f"the proxy {before[proxy.upstream]} is before it already"
                hint = "what is told its address can be told that of one proxy only"
                draft.report((*path, "upstream"), message, hint)
            before.setdefault(proxy.upstream, name)
    _check_circles(draft, plan)


def _check_upstream(draft: Draft, plan: Plan, path: Path, upstream: str) -> None:
    if upstream == SANDBOX:
        require_sandbox(draft, plan, path, "it is before the sandbox")
    elif upstream.startswith(DEPENDENCY):
        name, known = upstream.removeprefix(DEPENDENCY), draft.written_keys("dependencies")
        if name not in known and ("dependencies",) not in draft.pruned:
            near = suggest(name, known, lead="did you mean ")
            listed = (
                f"dependencies: {', '.join(known)}" if known else f"write [dependencies.{name}]"
            )
            draft.report(path, f'there is no dependency "{name}"', near or listed)
    elif (address := host_and_port(upstream)) is None:
        draft.report(
            path, f'"{upstream}" is nothing that a proxy can be before', _hint(plan, upstream)
        )
    elif not address[1]:
        draft.report(path, f'"{upstream}" has the port 0, where nothing is', _EXAMPLES)


def _hint(plan: Plan, upstream: str) -> str:
    """What was meant by an upstream that is none."""
    if upstream in plan.dependencies:
        return f'write "{DEPENDENCY}{upstream}"'
    if "://" in upstream:
        return f"leave out what is around host and port: {_EXAMPLES}"
    return suggest(upstream, (SANDBOX,), lead="did you mean ") or _EXAMPLES


def require_sandbox(draft: Draft, plan: Plan, path: Path, why: str) -> None:
    """Report what needs the embedded sandbox in a plan without."""
    if not draft.damaged(("targets",)) and not any(one.sandbox for one in plan.targets.values()):
        hint = "write [targets.sandbox] with sandbox = true"
        draft.report(path, f"{why}, and no target of the plan is the sandbox", hint)


def _check_circles(draft: Draft, plan: Plan) -> None:
    """Report proxies that lead to themselves, by the ports that the plan says."""
    at = {
        _port(address): name
        for name, one in plan.proxies.items()
        if (address := address_of(one.listen)) is not None and address[1]
    }
    leads = {
        name: at.get(_port(address)) if (address := host_and_port(one.upstream)) else None
        for name, one in plan.proxies.items()
    }
    for name in plan.proxies:
        way, here = [name], leads[name]
        while here is not None and here not in way:
            way.append(here)
            here = leads[here]
        if here == name and not draft.damaged(("proxies", name)):
            shown = " → ".join([*way, name])
            message = "leads to itself" if len(way) == 1 else f"leads to itself: {shown}"
            draft.report(("proxies", name, "upstream"), message, "name the service behind it")
            return  # the others are on the same way


def _port(address: tuple[str, int]) -> tuple[str, int]:
    """An address, by whichever of its names it is written."""
    host, port = address
    return ("127.0.0.1" if host == "localhost" else host), port
