"""A comparison for a pull request, in GitHub's Markdown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.comparison.words import change_words, interval_words, value_words
from wedload.report.markdown_text import escaped, table

if TYPE_CHECKING:
    from wedload.comparison.model import Comparison, Row, SideOf

_SYMBOLS: Final = {
    "regression": "❌",
    "no-regression": "✅",
    "inconclusive": "❔",
    "not-decided": "·",
}
_HEAD: Final = ("", "", ">base", ">current", ">change", ">between")


def as_markdown(comparison: Comparison) -> str:
    """What changed, a table of all rows, and what to bear in mind."""
    symbol = _SYMBOLS[comparison.outcome]
    lines = [
        f"### {symbol} {escaped(comparison.headline)}",
        "",
        f"{_side(comparison.base)} → {_side(comparison.current)}",
        "",
    ]
    lines += [f"- {escaped(reason)}" for reason in comparison.reasons]
    changed = [row for row in comparison.rows if row.outcome == "regression" or row.improved]
    lines += [f"- {_symbol(row)} {escaped(row.sentence)}" for row in changed]
    if comparison.reasons or changed:
        lines.append("")
    if comparison.rows:
        lines += [table(_HEAD, map(_cells, comparison.rows)), ""]
    lines += [f"_{escaped(note)}_  " for note in comparison.notes]
    return "\n".join(lines).rstrip() + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        _symbol(row), row.name, value_words(row.base, row.unit),
        value_words(row.current, row.unit), change_words(row), interval_words(row),
    )  # fmt: skip


def _symbol(row: Row) -> str:
    return "⏫" if row.improved else _SYMBOLS[row.outcome]


def _side(side: SideOf) -> str:
    runs = f" ({len(side.runs)} runs)" if len(side.runs) > 1 else ""
    return f"{escaped(side.label)}{runs}"
