"""The databases of a plan as `wedload check` explains them: where, and how many connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.uses import step_lists
from wedload.plan.verbs.sql import SqlStep
from wedload.report.columns import BareTable, Name
from wedload.units import counted, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.databases import Database
    from wedload.plan.model import Plan


def database_table(plan: Plan) -> BareTable:
    """Each database with its address as the plan has it; below it what asks it."""
    table = BareTable()
    table.add_column(" database", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("connections", justify="right", no_wrap=True)
    table.add_column("time-out", justify="right", no_wrap=True)
    for name, database in plan.databases.items():
        each = f"{database.pool:,} a process"
        table.add_row(Name(f" {name}"), each, format_duration_ns(database.timeout))
        for line in (_where(database), ", ".join(_asked(plan, name)) or "no step asks it"):
            table.add_row(Name(f"   {line}"), "", "", style="dim")
    return table


def _where(database: Database) -> str:
    return database.dsn.shown if database.kind else f"{database.dsn.shown}, which a run reads"


def _asked(plan: Plan, name: str) -> Iterator[str]:
    """What steps do with a database."""
    steps = [
        step
        for _, steps in step_lists(plan)
        for step in steps
        if isinstance(step, SqlStep) and step.database_in(plan) == name
    ]
    if steps:
        yield counted(len(steps), "sql step")
    if explained := [step.label for step in steps if step.explain is not None]:
        yield f"explained after the load: {', '.join(explained)}"
