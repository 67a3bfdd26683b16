"""Statements of a database: without the data that is in them, and how they differ. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

#: what a statement may hold of somebody: texts, also between dollars, and numbers.
#: Source: PostgreSQL, "Lexical Structure"
_TEXT: Final = r"[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)"
_DOLLARS: Final = r"\$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|$)"
_COMMENT: Final = r"--[^\n]*|/\*.*?(?:\*/|$)"
_KEPT: Final = r'"(?:[^"]|"")*"|\$\d+|[A-Za-z_]\w*'  # names, and places of parameters
_NUMBER: Final = r"\d[\w.]*"
_PARTS: Final = re.compile(
    rf"(?P<comment>{_COMMENT})|(?P<text>{_TEXT}|{_DOLLARS})|(?P<kept>{_KEPT})"
    rf"|(?P<number>{_NUMBER})|(?P<space>\s+)",
    re.DOTALL,
)
_MOST: Final = 300  # characters that are kept
_MOST_READ: Final = 10_000
#: statements that are kept, the costliest first
_MOST_STATEMENTS: Final = 20


def without_data(text: str) -> str:
    """A statement without the texts, numbers and comments in it, in one line, and not too long."""

    def instead(match: re.Match[str]) -> str:
        if match["comment"] is not None or match["space"] is not None:
            return " "
        return match[0] if match["kept"] is not None else "?"

    said = " ".join(_PARTS.sub(instead, text[:_MOST_READ]).split())
    return said if len(said) <= _MOST else f"{said[: _MOST - 1]}…"


class Spent(NamedTuple):
    """What a statement has cost so far."""

    calls: int
    total_ms: float
    rows: int


def spent_since(
    before: Mapping[Hashable, Spent], now: Mapping[Hashable, Spent], texts: Mapping[Hashable, str]
) -> list[dict[str, Any]]:
    """What statements have cost since `before`, the costliest first, as a result has it."""
    found: list[dict[str, Any]] = []
    for key, after in now.items():
        was = before.get(key, Spent(0, 0.0, 0))
        if after.calls < was.calls:  # somebody has reset the counts
            was = Spent(0, 0.0, 0)
        calls = after.calls - was.calls
        if calls:
            total_ms = max(after.total_ms - was.total_ms, 0.0)
            found.append(
                {
                    "text": without_data(texts.get(key, "")),
                    "calls": calls,
                    "total_ms": round(total_ms, 3),
                    "mean_ms": round(total_ms / calls, 4),
                    "rows": max(after.rows - was.rows, 0),
                }
            )
    found.sort(key=lambda one: (-one["total_ms"], one["text"]))
    return found[:_MOST_STATEMENTS]
