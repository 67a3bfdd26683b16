"""A comparison as one HTML page: what changed, and both runs in the same charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.comparison.words import change_words, interval_words, value_words
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.page import comparison_page
from wedload.report.html.tables import mark

if TYPE_CHECKING:
    from wedload.comparison.model import Comparison, Row
    from wedload.results.model import Result

_OUTCOMES: Final = {
    "regression": "fail",
    "no-regression": "pass",
    "inconclusive": "invalid",
}
_STATUS: Final = {
    "regression": ("✗", "worse", "bad"),
    "no-regression": ("✓", "no worse", "good"),
    "inconclusive": ("?", "open", "unsure"),
    "not-decided": ("○", "not decided", "unsure"),
}
_COLUMNS: Final = (
    Column("row", "name"), Column("base", "number"), Column("current", "number"),
    Column("change", "number"), Column("between", "number"), Column("outcome"),
)  # fmt: skip


def as_html(comparison: Comparison, base: Result, current: Result) -> str:
    """The page; its charts are of one run of each side.

    Raises:
        NoPlotlyError: plotly is not installed.
        ValueError: a histogram of a result cannot be decoded.
    """
    word, _, headline = comparison.headline.partition(": ")
    changed = [row for row in comparison.rows if row.outcome == "regression" or row.improved]
    said = [f"better: {row.sentence}" if row.improved else row.sentence for row in changed]
    return comparison_page(
        base,
        current,
        outcome=_OUTCOMES[comparison.outcome],
        word=word.capitalize(),
        headline=headline,
        reasons=[*comparison.reasons, *said],
        table=_tables(comparison),
    )


def _tables(comparison: Comparison) -> Html:
    notes = [*comparison.notes, *_which_runs(comparison)]
    parts = [
        table(
            "“Between” is the interval that the change lies in; it is decided by its ends.",
            _COLUMNS, [_cells(row) for row in comparison.rows],
        )
        if comparison.rows
        else element("p", "Nothing was compared.", class_="none"),
        *(element("p", note, class_="note") for note in notes),
    ]  # fmt: skip
    if comparison.details:
        rows = [_cells(row)[:-1] for row in comparison.details]
        about = "p99, and p95 by stage: for information, nothing is decided by them"
        parts.append(
            element("details", element("summary", about), table(about, _COLUMNS[:-1], rows))
        )
    return join(parts)


def _which_runs(comparison: Comparison) -> list[str]:
    if max(len(comparison.base.runs), len(comparison.current.runs)) == 1:
        return []
    return ["Charts and tables of steps below are of the first run of each side."]


def _cells(row: Row) -> list[str | Html]:
    sign, words, class_ = _STATUS[row.outcome]
    if row.improved:
        words = "better"
    name = [element("span", row.name)]
    if row.benchmark is not None and row.benchmark not in row.name:
        name.append(element("small", f"benchmark “{row.benchmark}”"))
    if row.outcome in {"inconclusive", "not-decided"} and row.reason is not None:
        name.append(element("small", row.reason))
    return [
        join(name), value_words(row.base, row.unit), value_words(row.current, row.unit),
        change_words(row), interval_words(row), mark(sign, words, class_),
    ]  # fmt: skip
