"""The databases of a plan, and the steps that ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.databases import MOST_CONNECTIONS
from wedload.plan.expressions.expression import suggest
from wedload.plan.expressions.language import ROW_NAMES
from wedload.plan.uses import of_databases, uses_of

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.statements import Statement
    from wedload.plan.uses import Use


def check_databases(draft: Draft, plan: Plan) -> None:
    """Report databases that cannot be as they are, and rows that are read where there are none."""
    for name, database in plan.databases.items():
        path = ("databases", name)
        if not 1 <= database.pool <= MOST_CONNECTIONS and not draft.damaged((*path, "pool")):
            message = f"is {database.pool:,}; it must be from 1 to {MOST_CONNECTIONS:,}"
            draft.report((*path, "pool"), message)
    for use in of_databases(plan):
        _check_reads(draft, use)
    for use in uses_of(plan):
        names = sorted(use.reads.response & ROW_NAMES) if use.response else ()
        if names and not reads_rows(draft, use.path):
            message = f"`{names[0]}` is of the rows of a `sql` step, and this is none"
            draft.report(use.path, message, "a list in a response's body is json.NAME")


def _check_reads(draft: Draft, use: Use) -> None:
    """Report what nobody knows yet when a database is connected to: before anything else."""
    reads = use.reads
    late = sorted(
        {
            *reads.variables,
            *reads.response,
            *reads.user,
            *(f"data.{one}" for one, _ in reads.columns),
        }
    )
    if late:
        hint = "it can read ${env.WEDLOAD_…}, ${secrets.…} and ${proxies.NAME.address}"
        draft.report(use.path, f"`{late[0]}` is not known when databases are connected to", hint)


def reads_rows(draft: Draft, path: Path) -> bool:
    """Whether what stands at a path is of a step with rows."""
    return any(isinstance(draft.written(*path[:end], "sql"), str) for end in (2, 3))


def check_database(draft: Draft, path: Path, name: str | None) -> None:
    """Report a database that is not there, and one that is not told from others."""
    known = draft.written_keys("databases")
    if ("databases",) in draft.pruned:
        return
    if name is None:
        if draft.damaged((*path, "database")) or len(known) == 1:
            return
        if not known:
            hint = 'write [databases.NAME] with dsn = "${env.WEDLOAD_PG_DSN}"'
            draft.report((*path, "sql"), "the plan has no database", hint)
        else:
            message = f"the plan has {len(known)} databases: {', '.join(known)}"
            draft.report((*path, "sql"), message, f'say which: database = "{known[0]}"')
    elif name not in known:
        hint = suggest(name, known, lead="did you mean ") or (
            f"known: {', '.join(known)}" if known else f"write [databases.{name}]"
        )
        draft.report((*path, "database"), f'there is no database "{name}"', hint)


def check_parameters(draft: Draft, path: Path, statement: Statement, given: int) -> None:
    """Report parameters without a value, and values without a parameter."""
    if draft.damaged((*path, "sql")) or draft.damaged((*path, "params")):
        return
    asked = statement.parameters
    most = max(asked, default=0)
    if 0 in asked:
        draft.report((*path, "sql"), "parameters are counted from $1")
    elif given < most:
        message = f"the statement has ${most}, and params has {given} values"
        draft.report((*path, "sql"), message, 'write params = ["…"], one for each, in order')
    elif missing := [number for number in range(1, given + 1) if number not in asked]:
        mark = statement.other_mark
        hint = f"parameters are written $1, $2 …, and not {mark}" if mark else "take it out"
        message = f"params has {given} values, and the statement has no ${missing[0]}"
        draft.report((*path, "params"), message, hint)


def check_explained(draft: Draft, path: Path, statement: Statement, *, wanted: bool) -> None:
    """Report a statement that cannot be explained without running it again."""
    if wanted and not statement.reads and not draft.damaged((*path, "sql")):
        message = f"{statement.verb} changes something: to explain it, it would be run again"
        draft.report((*path, "explain"), message, "take it out, or explain what it searches by")
