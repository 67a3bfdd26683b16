"""Routes in a terminal: what gateways add, in the final report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.report.columns import BareTable, Name
from wedload.report.counts import short_count
from wedload.report.route_words import added, lines_of, mean, sure

if TYPE_CHECKING:
    from wedload.results.routes_model import Route


def route_table(routes: list[Route]) -> BareTable:
    """Each route, and its steps, with the means of both ways and what they differ by."""
    table = BareTable(gives_way=("p95", "pairs"))
    table.add_column(" route", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("pairs", "direct", "via", "added", "95 %", "p95"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, pairs in lines_of(routes):
        overhead = pairs.overhead
        table.add_row(
            Name(f" {name}"),
            short_count(overhead.count),
            *(mean(None if way is None else way.avg) for way in (pairs.direct, pairs.via)),
            Text(added(overhead.avg), "bold"),
            sure(overhead.avg_95),
            added(overhead.p95),
        )
    return table
