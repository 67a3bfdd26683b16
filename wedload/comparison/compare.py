"""Comparing two sides of runs: from results to a comparison. Pure; knows no file.

Sides of one to four runs are compared by blocks of seconds, sides of five and more by a rank test
over runs, which is the only one that knows how runs differ from each other.
Source: docs/comparing-statistics.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.comparison.benchmarks import rows_of_one_side
from wedload.comparison.blocks import rows_by_blocks
from wedload.comparison.comparable import differences_to_know, why_not
from wedload.comparison.fault_rows import never_recovered
from wedload.comparison.model import Comparison, Method, Row, Settings
from wedload.comparison.ranked import FEWEST_RUNS, ranked_rows
from wedload.comparison.sides import Sided, side_of
from wedload.comparison.words import headline, in_short, left_open

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.comparison.model import Outcome

_ONE_RUN: Final = (
    "a comparison of single runs does not know how much runs differ by themselves; "
    "5 or more a side, taken in turns, do"
)


def compare(
    base: Sided,
    current: Sided,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Comparison:
    """Compare two sides that have seconds; `progress` hears of rows done, of all.

    Raises:
        ValueError: a histogram of a result that cannot be decoded.
    """
    reasons = why_not(base.runs, current.runs)
    blank = Comparison(
        outcome="inconclusive", comparable=not reasons, method="blocks", headline="",
        base=side_of(base), current=side_of(current), settings=settings, reasons=reasons,
        notes=differences_to_know(base.runs, current.runs),
    )  # fmt: skip
    if reasons:
        return replace(blank, headline=headline(blank))
    fewest = min(len(base.runs), len(current.runs))
    method: Method = "ranks" if fewest >= FEWEST_RUNS else "blocks"
    rows: list[Row]
    details: list[Row] = []
    if method == "ranks":
        rows = ranked_rows(base.results, current.results, settings)
    else:
        rows, details = rows_by_blocks(base.results, current.results, settings, progress)
    outcome = outcome_of(rows)
    notes = [
        *blank.notes, *never_recovered(base.results, current.results), *left_open(rows, outcome),
    ]  # fmt: skip
    if left_out := rows_of_one_side(base.results, current.results):
        notes.append(f"benchmarks that not all runs have are left out: {', '.join(left_out)}")
    if fewest == 1:
        notes.append(_ONE_RUN)
    made = replace(
        blank, outcome=outcome, method=method, rows=rows, details=details, notes=notes,
        reasons=in_short(rows) if outcome == "inconclusive" else [],
    )  # fmt: skip
    return replace(made, headline=headline(made))


def outcome_of(rows: Sequence[Row]) -> Outcome:
    """One regression is one; else no row that holds the outcome up may be left open.

    And something must be decided.
    """
    found = {row.outcome for row in rows}
    if "regression" in found:
        return "regression"
    if any(row.outcome == "inconclusive" and row.holds for row in rows):
        return "inconclusive"
    return "no-regression" if "no-regression" in found else "inconclusive"
