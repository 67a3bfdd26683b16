"""The resources of a plan: that each can be found, and rows about them say of which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.checks.fault_proxies import require_sandbox
from wedload.plan.expressions.expression import suggest
from wedload.plan.resource_metrics import KINDS_OF
from wedload.plan.resources import MACHINE, SANDBOX

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan


def check_resources(draft: Draft, plan: Plan) -> None:
    """Report queries that nobody could answer."""
    resources, path = plan.resources, ("resources", "queries")
    databases = draft.written_keys("databases")
    for name, query in resources.queries:
        here = (*path, name)
        if query.kind == "prometheus" and resources.prometheus is None:
            if not draft.damaged(("resources", "prometheus")):
                message = "nobody is told where Prometheus is"
                draft.report(here, message, 'write [resources] prometheus = "http://HOST:9090"')
        elif query.kind == "process" and query.asked == SANDBOX:
            require_sandbox(draft, plan, here, "its process is that of the sandbox")
        elif query.kind == "postgres" and query.dsn is None and query.asked not in databases:
            near = suggest(query.asked, databases, lead="did you mean ")
            hint = (
                near or f'write [databases.{query.asked}], or "postgres: ${{env.WEDLOAD_PG_DSN}}"'
            )
            draft.report(here, f'there is no database "{query.asked}"', hint)
        elif query.asked in plan.databases and plan.databases[query.asked].kind == "sqlite":
            message = f'the database "{query.asked}" is a file, and tells nothing of sessions'
            draft.report(here, message, "only a PostgreSQL can be sampled")


def check_resource_rows(draft: Draft, plan: Plan) -> None:
    """Report rows about levels that do not say whose: those of two resources have no sum."""
    if draft.damaged(("resources",)):
        return
    kinds = {MACHINE: MACHINE, **{name: one.kind for name, one in plan.resources.queries}}
    for name, row in plan.benchmarks.items():
        of = KINDS_OF.get(row.metric)
        if of is None or any(key == "resource" for key, _ in row.where):
            continue
        there = [one for one, kind in kinds.items() if kind in of]
        if there:
            example = f"{row.metric}{{resource='{there[-1]}'}}: {row.words}"
            message = f"`{row.metric}` is of one resource, and this row tells none"
            draft.report(("benchmarks", name), message, f'write "{example}"')
