"""An analysis for a terminal of 80 columns: what gives way, levels of load, whose time it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.report.analysis_words import (
    LEVELS,
    PARTS,
    SOURCES,
    cells_of,
    level_cells,
    part_rows,
    refused_lines,
)
from wedload.report.columns import WIDTH, BareTable, Name, print_indented, print_sentence

if TYPE_CHECKING:
    from rich.console import Console

    from wedload.results.analysis_model import Analysis
    from wedload.results.model import Result

_MOST_PARTS: Final = 6
_VERDICTS: Final = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}


def print_analysis(result: Result, analysis: Analysis, console: Console) -> None:
    """Print it: the gist first, then the figures, then what could not be said."""
    run = result.run
    head = Text.assemble(
        (f" {run.plan} → {run.target}", "bold"),
        "   verdict of the run: ",
        (result.verdict.upper(), _VERDICTS[result.verdict]),
    )
    console.print(head, width=WIDTH)
    console.print()
    print_indented(Text(analysis.verdict, style=verdict_style(analysis)), console)
    for sentence in analysis.sentences:
        print_indented(Text(f"• {sentence}"), console)
    if analysis.levels:
        console.print()
        console.print(_levels(analysis), width=WIDTH)
    if rows := part_rows(analysis, _MOST_PARTS):
        console.print()
        table = BareTable()
        source = "" if analysis.split_by is None else f", {SOURCES[analysis.split_by]}"
        table.add_column(f" {PARTS[0]}{source}", ratio=1, no_wrap=True, overflow="ellipsis")
        for title in PARTS[1:]:
            table.add_column(title, justify="right", no_wrap=True)
        for name, *cells in map(cells_of, rows):
            table.add_row(Name(f" {name}"), *map(Text, cells))
        console.print(table, width=WIDTH)
    lines = list(refused_lines(analysis))
    if lines:
        console.print()
    for line in lines:
        print_indented(Text(f"· {line}", style="dim"), console)


def print_gist(analysis: Analysis, console: Console) -> None:
    """Its one sentence, for whoever reads the verdict of a run."""
    print_sentence(Text(f"• {analysis.verdict}", style=verdict_style(analysis)), console)


def verdict_style(analysis: Analysis) -> str:
    """What gives way is to be seen; that nothing does is only to be known."""
    return "bold" if analysis.culprits else "dim"


def _levels(analysis: Analysis) -> BareTable:
    table = BareTable(gives_way=("failed", "p95"))
    table.add_column(f" {LEVELS[0]}", ratio=1, no_wrap=True, overflow="ellipsis")
    for title in LEVELS[1:-1]:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(LEVELS[-1], no_wrap=True, overflow="ellipsis", max_width=18)
    for level in analysis.levels:
        name, *cells, longest = level_cells(level)
        table.add_row(Name(f" {name}"), *map(Text, cells), Name(longest))
    return table
