"""What gives way, for a report: sentences, levels of load, whose time, what was refused. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.analysis_words import (
    LEVELS,
    PARTS,
    SOURCES,
    cells_of,
    level_cells,
    part_rows,
    refused_lines,
)
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark

if TYPE_CHECKING:
    from wedload.results.analysis_model import Analysis
    from wedload.results.model import Result

_MOST_PARTS: Final = 12


def analysis(result: Result) -> Html:
    """The section of a result that has an analysis."""
    found = result.analysis
    assert found is not None
    sign, class_ = ("!", "unsure") if found.culprits else ("✓", "good")
    if not found.culprits and not found.verdict.startswith("no bottleneck"):
        sign, class_ = "○", "unsure"
    items = [element("li", one) for one in found.sentences]
    return join(
        [
            element("p", mark(sign, found.verdict, class_)),
            element("ul", *items, class_="findings") if items else None,
            _levels(found) if found.levels else None,
            _parts(found),
            _refused(found),
        ]
    )


def _levels(found: Analysis) -> Html:
    columns = [Column(LEVELS[0], "name"), *(Column(one, "number") for one in LEVELS[1:-1])]
    return table(
        "Levels of load, lowest first: stages that hold, and parts of ramps. In flight are "
        "requests under way, by Little's law.",
        [*columns, Column(LEVELS[-1])],
        map(level_cells, found.levels),
    )


def _parts(found: Analysis) -> Html | None:
    rows = part_rows(found, _MOST_PARTS)
    if not rows or found.split_by is None:
        return None
    return table(
        f"Whose part of a mean response it is, at the lowest and at the highest load, "
        f"{SOURCES[found.split_by]}. The share is of the highest.",
        [Column(PARTS[0], "name"), *(Column(one, "number") for one in PARTS[1:])],
        map(cells_of, rows),
    )


def _refused(found: Analysis) -> Html | None:
    lines = list(refused_lines(found))
    if not lines:
        return None
    items = [element("li", one) for one in lines]
    return join([element("h3", "What could not be said"), element("ul", *items, class_="findings")])
