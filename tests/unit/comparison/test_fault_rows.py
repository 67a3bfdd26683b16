"""Two runs with the same faults: goodput and recovery stand beside each other, undecided."""

from __future__ import annotations

import io

from rich.console import Console

from tests.helpers.broken_result import fault, lasting, with_faults
from tests.helpers.compared_results import sided
from tests.helpers.results import benchmark
from tests.helpers.sample_result import sample_result
from tests.helpers.tables import widths
from wedload.comparison.compare import compare
from wedload.comparison.fault_rows import fault_rows, never_recovered
from wedload.comparison.model import Settings
from wedload.report.comparison.html import as_html
from wedload.report.comparison.markdown import as_markdown
from wedload.report.comparison.table import print_comparison


def run(*faults, **changes):
    valid = sample_result(scale=0.1, verdict="pass", **changes)
    return with_faults(valid, faults)


QUICK = fault(begin_s=10.0, end_s=20.0)
STUCK = lasting("calendar outage", begin_s=10.0, end_s=20.0)


def test_each_fault_that_all_runs_have_has_goodput_and_recovery():
    base, current = run(QUICK, lasting("alone")), run(STUCK)

    found = {row.name: row.observed for row in fault_rows([base], [current])}

    assert found == {
        "fault calendar outage goodput during": ((0.9731,), (0.475,)),
        "fault calendar outage goodput after": ((0.9976,), (0.7126,)),
        "fault calendar outage recovered after": ((4200.0,), (None,)),
    }


def test_that_a_platform_stayed_down_is_said_as_it_has_no_figure():
    stuck, quick = run(STUCK), run(QUICK)

    assert list(never_recovered([quick], [quick])) == []
    (said,) = never_recovered([quick], [stuck, quick])
    assert said.endswith("never recovered by itself: current in 1 of 2 runs")


def test_what_the_benchmark_table_asks_for_is_there_once():
    asked = benchmark(
        "Back soon", metric="time_to_recover", where={"fault": "calendar outage"},
        aggregation="value", require="value < 10s",
    )  # fmt: skip
    base = run(QUICK, benchmarks=[asked])

    names = [row.name for row in fault_rows([base], [base])]

    assert names == [
        "fault calendar outage goodput during", "fault calendar outage goodput after",
    ]  # fmt: skip


def test_they_are_shown_wherever_a_comparison_is_and_decide_nothing():
    base, current = run(QUICK), run(STUCK, seed=2)

    made = compare(sided("base", base), sided("current", current), Settings())

    rows = [row for row in made.rows if row.name.startswith("fault ")]
    assert [row.outcome for row in rows] == ["not-decided"] * 3
    assert not any(row.metric == "goodput" for row in made.details)
    console = Console(width=80, record=True, file=io.StringIO())
    print_comparison(made, console)
    text = console.export_text()
    assert max(widths(text)) <= 80
    assert "97.3 %" in text
    told = "after the fault calendar outage the platform never recovered by itself: current in its"
    assert [note for note in made.notes if note.startswith(told)]
    assert "value is shown, but not decided" in " ".join(text.split())
    assert "47.5 %" in as_markdown(made)
    page = as_html(made, base, current)
    assert "fault calendar outage recovered after" in page
    assert "4.20 s" in page
