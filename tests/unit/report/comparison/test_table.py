"""A comparison in a terminal."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tests.helpers.tables import LONG
from wedload.report.comparison.table import print_comparison

TABLE = """\
 peak-season → sandbox
 base    base.json  2027-06-19 12:00  09:00 of load
 current current.json  2027-06-19 12:00  09:00 of load

 ✗ submit form p95 +18 % (12–25 %), 412 → 486 ms
 ✗ submit form failures 0.2 % → 1.42 % (+0.9 to +1.6 points)
 ✓ better: search p50 −29 % (−31 to −26 %), 98.0 → 70.1 ms

                             base current  change          between
 ✗ submit form p95         412 ms  486 ms   +18 %          12–25 %
 ✗ submit form failures     0.2 %  1.42 % +1.2 pt +0.9 to +1.6 pt
 ✓ search p50             98.0 ms 70.1 ms   −29 %    −31 to −26 %
 ? dashboard p95          98.0 ms  103 ms  +5.1 %     −2 to +12 %
 · sign in p95                  –       –
 ✓ throughput               531/s   529/s  −0.4 %  −1.0 to +2.0 %
 · sign in p95: too few samples: 12 of 59 for p95

 comparison: REGRESSION  2 of 6 rows worse by more than the margin, 1 better
 • the number of load processes differs: 1 → 2
"""


def lines(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).rstrip() for line in text.splitlines()]


def test_a_table_says_what_changed_and_then_shows_every_row(make, console):
    print_comparison(make(), console)

    assert lines(console.export_text()) == lines(TABLE)


@pytest.mark.parametrize("name", [LONG, "予約フォームを作成する" * 4, "[red]not markup[/red] [/]"])
@pytest.mark.parametrize("outcome", ["regression", "inconclusive"])
def test_a_table_fits_80_columns_whatever_it_shows(make, make_row, console, name, outcome):
    rows = [
        make_row(name, outcome=outcome, base=1e8, current=3e9, change=29.0,
                 interval=(-0.9999, 123456.0)),
        make_row(name, outcome=outcome, unit="ratio", base=0.00001, current=0.99999, change=0.9999,
                 interval=(0.9, 0.99999)),
        make_row(name, reason=name),
    ]  # fmt: skip

    print_comparison(make(rows, outcome, notes=[name * 3]), console)

    text = console.export_text()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "comparison: " in text


def test_what_cannot_be_compared_is_said_why(not_comparable, console):
    print_comparison(not_comparable, console)

    text = " ".join(console.export_text().split())
    assert "comparison: INCONCLUSIVE these runs cannot be compared" in text
    assert "• the plans differ: load hash a7a7" in text


def test_several_runs_a_side_are_counted(make, console):
    made = make()
    made.base.runs.extend(made.base.runs * 4)

    print_comparison(made, console)

    assert "base base.json 5 runs" in " ".join(console.export_text().split())


def test_long_names_keep_what_they_are_a_figure_of(make, make_row, console):
    room = "channel a-room-with-a-rather-long-name-indeed"
    figures = (" delivered", " p50", " p95", " last subscriber p95")
    rows = [make_row(f"{room}-{n}{one}") for n in (1, 2) for one in figures]

    print_comparison(make(rows), console)

    shown = [
        line for line in console.export_text().splitlines() if " channel a" in line and "…" in line
    ]
    assert len(set(shown)) == len(rows)
    for line, (number, figure) in zip(
        shown, [(n, one) for n in (1, 2) for one in figures], strict=True
    ):
        assert re.match(rf" .  ?channel a.*…\S*-{number}{figure} ", line)
