"""Resources in a terminal: their table in the final report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.report.columns import BareTable, Name
from wedload.report.resource_words import besides, figure, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.resources_model import Resource


def shown(found: Sequence[Resource]) -> list[Resource]:
    """Those that there is something to say of."""
    return [one for one in found if any(of.samples for of in one.figures)]


def resource_table(found: Sequence[Resource]) -> BareTable:
    """CPU and memory of each, and what it has besides."""
    table = BareTable(gives_way=("cpu avg",))
    table.add_column(" resource", no_wrap=True, overflow="ellipsis", max_width=24)
    for name in ("cpu avg", "max", "memory"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("besides", overflow="fold", ratio=1)
    for one in found:
        cpu = quantity(one, "cpu")
        table.add_row(
            Name(f" {one.name}"),
            figure(cpu, "avg"),
            figure(cpu, "max"),
            figure(quantity(one, "memory"), "max"),
            Text(besides(one)),
        )
    return table
