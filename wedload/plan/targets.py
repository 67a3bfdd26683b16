"""The targets of a plan: whether each is sound, and which one a run goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from wedload.errors import UsageError
from wedload.plan.expressions.expression import suggest

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Target
    from wedload.plan.positions import Path
    from wedload.plan.proxy import ProxyTemplate


def choose_target(plan: Plan, name: str | None) -> tuple[str, Target]:
    """The target of that name; without a name the default one, or the only one.

    Raises:
        UsageError: there is no such target, or the choice is open; lists the targets.
    """
    listed = ", ".join(plan.targets)
    if name is not None:
        if name not in plan.targets:
            hint = f"{suggest(name, plan.targets, lead='did you mean ')} targets: {listed}".strip()
            raise UsageError(f"the plan has no target {name}", hint)
        return name, plan.targets[name]
    chosen = [name for name, target in plan.targets.items() if target.default]
    if not chosen and len(plan.targets) == 1:
        chosen = list(plan.targets)
    if len(chosen) != 1:
        raise UsageError(
            f"the plan has {len(plan.targets)} targets and no default: {listed}",
            f"choose one: --target {next(iter(plan.targets), 'NAME')}",
        )
    return chosen[0], plan.targets[chosen[0]]


def check_targets(draft: Draft, plan: Plan) -> None:
    """Report targets that no load can go to."""
    if not draft.written_keys("targets") and not draft.damaged(("targets",)):
        draft.report(
            ("targets",), "the plan has no target", "write [targets.sandbox] with sandbox = true"
        )
    defaults = [name for name, target in plan.targets.items() if target.default]
    for name in defaults[1:]:
        draft.report(
            ("targets", name, "default"),
            f"there can be one default target, and {defaults[0]} is one already",
        )
    for name, target in plan.targets.items():
        _check_target(draft, name, target)
        if target.http != "1.1" and plan.http.client == "aiohttp":
            message = f'the client aiohttp speaks HTTP/1.1 alone, and this asks for "{target.http}"'
            hint = 'take out client = "aiohttp", or this'
            draft.report(("targets", name, "http"), message, hint)
    proxies: list[tuple[Path, ProxyTemplate | Literal[False] | None]] = [
        (("http", "proxy"), plan.http.proxy)
    ]
    proxies += [(("targets", name, "proxy"), one.proxy) for name, one in plan.targets.items()]
    for path, proxy in proxies:
        if proxy and plan.http.client == "wire" and not draft.damaged(("http",)):
            message = "the wire client knows no proxies"
            draft.report(path, message, 'write client = "aiohttp" in [http]')


def _check_target(draft: Draft, name: str, target: Target) -> None:
    path = ("targets", name)
    if target.sandbox and target.base_url is not None:
        draft.report(path, "is the sandbox and has a base_url; a target is one or the other")
    elif not target.sandbox and target.base_url is None and not draft.damaged(path):
        draft.report(
            path,
            "needs sandbox = true or a base_url",
            'write base_url = "http://127.0.0.1:8000"',
        )
    if target.sandbox and target.http == "2":
        draft.report((*path, "http"), "the sandbox speaks HTTP/1.1", 'write http = "1.1"')
    if target.max_rate is not None and not target.max_rate.arrivals:
        draft.report((*path, "max_rate"), "is 0: nothing could ever be sent", 'write "500/s"')
    if target.base_url is not None and (wrong := wrong_base_url(target.base_url)) is not None:
        draft.report((*path, "base_url"), f'"{target.base_url}" {wrong}', "write https://host/path")
    if target.max_vus is not None and target.max_vus < 1:
        draft.report((*path, "max_vus"), f"is {target.max_vus}; it must be 1 or more")
    if (target.tls.cert is None) != (target.tls.key is None) and not draft.damaged((*path, "tls")):
        draft.report((*path, "tls"), "a client certificate needs both cert and key")


def wrong_base_url(url: str) -> str | None:
    """What is wrong with a base URL, as the end of a sentence; None if nothing is."""
    if "${" in url:
        return "is a template, and a base_url cannot be one; use --set for it"
    if any(character <= " " for character in url):
        return "holds spaces"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError if it is none
    except ValueError as error:
        return f"is not a URL: {error}"
    wrong = {
        "does not start with http:// or https://": parts.scheme not in {"http", "https"},
        "names no host": not parts.hostname,
        "has a query or fragment, which a base URL cannot have": "?" in url or "#" in url,
        "holds credentials; send them in headers, from the environment": "@" in parts.netloc,
    }
    return next((message for message, holds in wrong.items() if holds), None)
