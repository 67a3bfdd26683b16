"""The search for the capacity in a report: what it found, and its probes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.capacity_words import HEAD, capacity_sentences, probe_cells, rows_of
from wedload.report.html.markup import Column, Html, element, join, table

if TYPE_CHECKING:
    from wedload.results.model import Result


def capacity(result: Result) -> Html:
    """Sentences and a table; of a result that has a capacity."""
    found = result.capacity
    assert found is not None
    columns = [
        Column(title.removeprefix(">"), "number" if title.startswith(">") else "text")
        for title in HEAD
    ]
    return join(
        [
            *(element("p", sentence) for sentence in capacity_sentences(found)),
            table(
                "Probes: stretches at one arrival rate each, in their order.",
                columns,
                [list(cells) for cells in probe_cells(found, rows_of(result.benchmarks))],
                note="The benchmark table is about the probe with the highest rate that held.",
            ),
        ]
    )
