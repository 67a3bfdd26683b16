"""What `wedload check` says about third parties and proxies: what each is, and how it behaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.padding import Padding
from rich.text import Text

from wedload.plan.fault_proxies import DEPENDENCY, SANDBOX, host_and_port
from wedload.plan.in_words import latency_words
from wedload.plan.uses import uses_of
from wedload.report.columns import BareTable
from wedload.units import counted, format_duration_ns, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Plan
    from wedload.plan.third_parties import Dependency, Errors, Policy, Quota


#: which of them the sandbox is pointed at by itself
_OF_SANDBOX: Final = ("google-calendar", "email")
_UNTOLD: Final = (
    "nobody is told where it is: give it a certain port with `listen`, or have a step read ${{{}}}"
)


def dependency_table(plan: Plan, target: str) -> BareTable:
    """Each third party with what it is; below it how fast, what it allows, how often it fails."""
    read, sandbox = _read(plan), target in plan.targets and plan.targets[target].sandbox
    table = BareTable()
    table.add_column(" third party", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("simulates", no_wrap=True)
    for name, one in plan.dependencies.items():
        what = one.simulate if one.simulate != "email" else f"email, as {one.provider}"
        table.add_row(Text(f" {name}"), what)
        add_line(table, f"on {listens(one.listen)}")
        for words in filter(None, (_answers(one), _quotas(one), _policy(one.policy), _log(one))):
            add_line(table, words)
        known = _known("dependencies", name, one.listen, read) or any(
            _known("proxies", proxy, before.listen, read)
            for proxy, before in plan.proxies.items()
            if before.upstream == f"{DEPENDENCY}{name}"
        )
        if not known and not (sandbox and one.simulate in _OF_SANDBOX):
            add_line(table, _UNTOLD.format(f"dependencies.{name}.url"), "yellow")
    return table


def _read(plan: Plan) -> set[tuple[str, str]]:
    """The addresses that the plan reads: namespace and name."""
    return {(place, name) for use in uses_of(plan) for place, name, _ in use.reads.addresses}


def _known(place: str, name: str, listen: str, read: set[tuple[str, str]]) -> bool:
    """Whether somebody can know where something listens."""
    return (place, name) in read or not listen.endswith(":0")


def proxy_table(plan: Plan) -> BareTable:
    """Each proxy with what is behind it."""
    read = _read(plan)
    table = BareTable()
    table.add_column(" proxy", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("before", no_wrap=True, overflow="ellipsis")
    table.add_column("listens", no_wrap=True)
    for name, one in plan.proxies.items():
        behind = one.upstream
        if behind == SANDBOX:
            behind = "the sandbox"
        elif behind.startswith(DEPENDENCY):
            behind = f"third party {behind.removeprefix(DEPENDENCY)}"
        table.add_row(Text(f" {name}"), Text(behind), listens(one.listen))
        if host_and_port(one.upstream) and not _known("proxies", name, one.listen, read):
            add_line(table, _UNTOLD.format(f"proxies.{name}.address"), "yellow")
    return table


def add_line(table: BareTable, words: str, style: str = "dim") -> None:
    """A line below a row of a table, in as many lines of the terminal as it takes."""
    line = Text(words, style, no_wrap=False, overflow="fold")
    table.add_row(Padding(line, (0, 0, 0, 3)))


def listens(listen: str) -> str:
    """Where something listens, in words."""
    host, _, port = listen.rpartition(":")
    return f"{host}, any free port" if port == "0" else f"{host}, port {port}"


def _answers(one: Dependency) -> str:
    words = [f"answers {latency_words(one.latency)}"]
    if one.routes:
        words.append(counted(len(one.routes), "endpoint"))
    return "; ".join([*words, *map(_error, one.errors)])


def _error(error: Errors) -> str:
    words = f"{format_ratio(error.ratio)} fail with {error.status}"
    if error.retry_after is None:
        return words
    return f"{words} and Retry-After {format_duration_ns(error.retry_after)}"


def _quotas(one: Dependency) -> str:
    quotas = [(one.quota, ""), (one.user_quota, " of each user")]
    allowed = [f"{_quota(quota)}{whose}" for quota, whose in quotas if quota is not None]
    if not allowed:
        return ""
    words = f"allows {' and '.join(allowed)}"
    if one.quota_status is not None:
        words += f"; what is over it gets {one.quota_status}"
    return words


def _quota(quota: Quota) -> str:
    return f"{counted(quota.requests, 'request')} within {format_duration_ns(quota.per_ns)}"


def _policy(policy: Policy | None) -> str:
    return ", ".join(_rules(policy)) if policy is not None else ""


def _rules(policy: Policy) -> Iterator[str]:
    """What the platform is held to, each beginning as it stands in the sentence."""
    begin = "an operation is to have "
    if policy.attempts is not None:
        yield f"{begin}{counted(policy.attempts, 'attempt')} at most"
        begin = ""
    if policy.gap is not None:
        yield f"{begin}{format_duration_ns(policy.gap)} between attempts at least"
        begin = ""
    if policy.within is not None:
        yield f"{begin}{format_duration_ns(policy.within)} for all of them at most"


def _log(one: Dependency) -> str:
    return "" if one.log is None else f"each request is written to {one.log}"
