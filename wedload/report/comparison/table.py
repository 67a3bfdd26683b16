"""A comparison for a terminal of 80 columns: what changed in words, then every row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.comparison.words import change_words, interval_words, value_words
from wedload.report.columns import WIDTH, BareTable, Name, print_indented
from wedload.units import format_clock

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from wedload.comparison.model import Comparison, Row, SideOf

STYLES: Final = {
    "regression": "bold red",
    "no-regression": "bold green",
    "inconclusive": "bold yellow",
}
_SYMBOLS: Final = {
    "regression": ("✗", "bold red"),
    "no-regression": ("✓", "green"),
    "inconclusive": ("?", "yellow"),
    "not-decided": ("·", "dim"),
}
#: the end of a row's name: what of a step or channel it is
_FIGURE: Final = re.compile(r"(?: last subscriber)? \S+$")
_BETTER: Final = ("✓", "bold green")


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print a comparison."""
    base, current = comparison.base, comparison.current
    console.print(
        Text(f" {base.plan or base.label} → {base.target or current.label}", style="bold"),
        width=WIDTH,
    )
    _print_side("base", base, console)
    _print_side("current", current, console)
    changed = [row for row in comparison.rows if row.outcome == "regression" or row.improved]
    if changed:
        console.print()
    for row in changed:
        symbol, style = _BETTER if row.improved else _SYMBOLS[row.outcome]
        better = "better: " if row.improved else ""
        print_indented(Text.assemble((f"{symbol} ", style), f"{better}{row.sentence}"), console)
    if comparison.rows:
        console.print()
        console.print(_table(comparison.rows), width=WIDTH)
        _print_undecided(comparison.rows, console)
    console.print()
    verdict, _, text = comparison.headline.partition(":")
    console.print(
        Text.assemble(" comparison: ", (verdict, STYLES[comparison.outcome]), f" {text}"),
        width=WIDTH,
    )
    for reason in comparison.reasons:
        print_indented(Text(f"• {reason}"), console)
    for note in comparison.notes:
        print_indented(Text(f"• {note}", style="dim"), console)


def _print_side(name: str, side: SideOf, console: Console) -> None:
    line = Text(f" {name:<8}", style="dim")
    runs = side.runs
    line.append(side.label)
    if len(runs) > 1:
        line.append(f"  {len(runs)} runs", style="dim")
    elif runs and runs[0].duration_s is not None:
        started = "" if runs[0].started_at is None else f"{runs[0].started_at:%Y-%m-%d %H:%M}"
        line.append(f"  {started}  {format_clock(runs[0].duration_s)} of load", style="dim")
    line.no_wrap, line.overflow = True, "ellipsis"
    console.print(line, width=WIDTH)


def _table(rows: list[Row]) -> Table:
    table = BareTable()
    table.add_column("", width=2, no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
    for column in ("base", "current", "change", "between"):
        table.add_column(column, justify="right", no_wrap=True, overflow="ellipsis")
    for row in rows:
        symbol, style = _BETTER if row.improved else _SYMBOLS[row.outcome]
        table.add_row(
            Text(f" {symbol}", style=style), _name(row.name),
            Text(value_words(row.base, row.unit)), Text(value_words(row.current, row.unit)),
            Text(change_words(row).replace("points", "pt")),
            Text(interval_words(row).replace("points", "pt"), style="dim"),
        )  # fmt: skip
    return table


def _name(name: str) -> Name:
    """A row's; what it is a figure of stays in sight."""
    tail = _FIGURE.search(name)
    return Name(name, tail[0] if tail else "")


def _print_undecided(rows: list[Row], console: Console) -> None:
    """Why rows have no figures to show: one line for each reason."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.outcome == "not-decided" and row.reason is not None and row.change is None:
            reasons.setdefault(row.reason, []).append(row.name)
    for reason, names in reasons.items():
        print_indented(Text(f"· {', '.join(names)}: {reason}", style="dim"), console)
