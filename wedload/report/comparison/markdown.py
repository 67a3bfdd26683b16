"""A comparison for a pull request, in GitHub's Markdown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.comparison.words import change_words, interval_words, value_words

if TYPE_CHECKING:
    from wedload.comparison.model import Comparison, Row, SideOf

_SYMBOLS: Final = {
    "regression": "❌",
    "no-regression": "✅",
    "inconclusive": "❔",
    "not-decided": "·",
}
_ESCAPED: Final = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~"})


def as_markdown(comparison: Comparison) -> str:
    """What changed, a table of all rows, and what to bear in mind."""
    symbol = _SYMBOLS[comparison.outcome]
    lines = [
        f"### {symbol} {_text(comparison.headline)}",
        "",
        f"{_side(comparison.base)} → {_side(comparison.current)}",
        "",
    ]
    lines += [f"- {_text(reason)}" for reason in comparison.reasons]
    changed = [row for row in comparison.rows if row.outcome == "regression" or row.improved]
    lines += [f"- {_symbol(row)} {_text(row.sentence)}" for row in changed]
    if comparison.reasons or changed:
        lines.append("")
    if comparison.rows:
        lines += [*_table(comparison.rows), ""]
    lines += [f"_{_text(note)}_  " for note in comparison.notes]
    return "\n".join(lines).rstrip() + "\n"


def _table(rows: list[Row]) -> list[str]:
    lines = ["| | | base | current | change | between |", "|---|---|--:|--:|--:|--:|"]
    for row in rows:
        cells = (
            _symbol(row), row.name, value_words(row.base, row.unit),
            value_words(row.current, row.unit), change_words(row), interval_words(row),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(_text, cells))} |")
    return lines


def _symbol(row: Row) -> str:
    return "⏫" if row.improved else _SYMBOLS[row.outcome]


def _side(side: SideOf) -> str:
    runs = f" ({len(side.runs)} runs)" if len(side.runs) > 1 else ""
    return f"{_text(side.label)}{runs}"


def _text(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)
