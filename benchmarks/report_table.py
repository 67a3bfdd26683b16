"""Markdown tables and numbers, as the report writes them."""

from __future__ import annotations


def table(head: list[str], rows: list[list[str]], *, left: int = 1) -> str:
    """A Markdown table; columns after the first, or the first so many, are aligned right."""
    marks = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows))


def count(value: float) -> str:
    """With commas; with decimals only where they say something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def times(value: float) -> str:
    """A ratio: `6.2×`."""
    return f"{value:.1f}×" if value >= 1 else f"{value:.2f}×"


def percent(value: float) -> str:
    """A ratio in %."""
    return f"{value:.0%}"
