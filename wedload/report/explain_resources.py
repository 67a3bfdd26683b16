"""What `wedload check` says about resources: what each is, and how often it is sampled."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.plan.resources import MACHINE
from wedload.report.columns import BareTable
from wedload.report.explain_third_parties import add_line
from wedload.units import format_duration_ns

if TYPE_CHECKING:
    from wedload.plan.model import Plan

_NO_ASYNCPG: Final = "needs asyncpg, which is not installed: pip install 'wedload[postgres]'"


def resource_table(plan: Plan) -> BareTable:
    """Each resource with its kind; below it what of it is sampled."""
    resources = plan.resources
    table = BareTable()
    table.add_column(" resource", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(f"sampled every {format_duration_ns(resources.every)}", no_wrap=True)
    table.add_row(Text(f" {MACHINE}"), "this machine")
    for name, query in resources.queries:
        table.add_row(Text(f" {name}"), query.kind)
        add_line(table, query.asked)
        if query.kind == "prometheus" and resources.prometheus is not None:
            add_line(table, f"asked of {resources.prometheus.source}")
        if query.kind == "postgres" and find_spec("asyncpg") is None:
            add_line(table, _NO_ASYNCPG, "yellow")
    return table
