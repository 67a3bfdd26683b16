"""Routes of a result in Markdown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.counts import short_count
from wedload.report.markdown_text import bullets, table
from wedload.report.route_words import added, lines_of, mean, route_notes, sure

if TYPE_CHECKING:
    from wedload.results.routes_model import Pairs, Route


def routes(found: list[Route]) -> str:
    """A table of routes and their steps, and what there is to know of each."""
    if not found:
        return ""
    head = ("Route", ">Pairs", ">Direct", ">Via", ">Added", ">95 %", ">p95")
    rows = table(head, (_row(name, pairs) for name, pairs in lines_of(found)))
    notes = [note for one in found for note in route_notes(one)]
    return "\n\n".join(filter(None, [rows, bullets(notes)]))


def _row(name: str, pairs: Pairs) -> tuple[str, ...]:
    overhead = pairs.overhead
    return (
        name,
        short_count(overhead.count),
        *(mean(None if way is None else way.avg) for way in (pairs.direct, pairs.via)),
        added(overhead.avg),
        sure(overhead.avg_95),
        added(overhead.p95),
    )
