"""That a plan does not go around rate limits, unless it says that it tests them.

What the target counts requests by is the address they come from, mostly; some servers believe a
header that tells it. One whose value varies would make one client look like many.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from wedload.plan.expressions.template import Template
from wedload.plan.rate_limits import Limited, obeys_limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import JsonTemplate
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.retry import Retry

#: lower-case names of headers that tell the address of a client, by which servers know it
OF_ADDRESS: Final = frozenset(
    {
        "cf-connecting-ip", "cf-connecting-ipv6", "client-ip", "fastly-client-ip",
        "fly-client-ip", "forwarded", "forwarded-for", "true-client-ip",
        "x-appengine-user-ip", "x-azure-clientip", "x-client-ip", "x-cluster-client-ip",
        "x-envoy-external-address", "x-forwarded", "x-forwarded-for", "x-original-forwarded-for",
        "x-originating-ip", "x-real-ip", "x-remote-addr", "x-remote-ip",
    }
)  # fmt: skip
#: functions that give something else each time
_VARYING: Final = re.compile(r"\b(choice|now|random|uuid)\s*\(")
_PROBE: Final = 'rate_limits = "probe"'


class _Step(Limited, Protocol):
    """A step with headers."""

    @property
    def headers(self) -> tuple[tuple[str, Template], ...]:
        """Of its request."""


def check_limits(
    draft: Draft, plan: Plan, path: Path, step: _Step, retry: Retry | None = None
) -> None:
    """Report what a step does to get around limits, if it is to obey them."""
    if not obeys_limits(step, plan.http) or draft.damaged((*path, "rate_limits")):
        return
    hint = f"take it out; or, if the step is to test limits, write {_PROBE} into it"
    _check_headers(draft, plan, path, step.headers, hint)
    if retry is not None and not retry.respect_retry_after and not draft.damaged((*path, "retry")):
        message = "the pause that a server asks for is not kept, and this step obeys rate limits"
        draft.report((*path, "retry", "respect_retry_after"), message, hint)


def check_shared_headers(draft: Draft, plan: Plan) -> None:
    """Report headers of many steps that get around limits."""
    if plan.http.rate_limits == "probe" or draft.damaged(("http", "rate_limits")):
        return
    hint = f"take it out; or, if the plan is to test limits, write {_PROBE} into [http]"
    _check_headers(draft, plan, ("http",), plan.http.headers, hint)
    for kind, tables in (
        ("targets", plan.targets), ("identities", plan.identities), ("channels", plan.channels),
    ):  # fmt: skip
        for name, table in tables.items():
            _check_headers(draft, plan, (kind, name), table.headers, hint)


def _check_headers(
    draft: Draft,
    plan: Plan,
    path: Path,
    headers: Iterable[tuple[str, Template]],
    hint: str,
) -> None:
    for name, value in headers:
        if name.lower() in OF_ADDRESS and (reads := _varies(plan, value)) is not None:
            draft.report(
                (*path, "headers", name),
                f"{name} tells the address of a client, and this one varies ({reads}): "
                "one client would look like many, whatever limits the target has",
                hint,
            )


def _varies(
    plan: Plan, value: Template | JsonTemplate, within: frozenset[str] = frozenset()
) -> str | None:
    """What makes a value another one each time; None: it is always the same.

    `within`: the variables that it is the value of.
    """
    reads = value.reads
    for name in sorted(reads.variables - within):
        told = plan.variables.get(name)
        if told is None:
            return f"the variable {name} is set by steps"
        if (why := _varies(plan, told, within | {name})) is not None:
            return f"the variable {name}: {why}"
    for feeder, _ in sorted(reads.columns, key=str):
        return f"it reads data.{feeder}"
    for name in sorted(reads.user | reads.response):
        return f"it reads {name}"
    templates = [value] if isinstance(value, Template) else value.templates()
    for expression in (one for template in templates for one in template.expressions):
        if (match := _VARYING.search(expression.source)) is not None:
            return f"it calls {match[1]}()"
    return None
