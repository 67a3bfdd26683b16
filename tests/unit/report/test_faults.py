"""The faults of a run in its final report: exactly the columns that a terminal has."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.helpers.broken_result import fault, lasting, unsure
from tests.helpers.tables import LONG, widths
from wedload.report.faults import fault_notes, fault_table
from wedload.results.faults_model import Fault

ALL = [Fault.model_validate(one) for one in (fault(), lasting(), unsure())]


def printed(faults, width=80):
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    console.print(fault_table(faults))
    return console.export_text()


def test_a_line_has_when_goodput_recovery_and_the_workflows_of_a_fault():
    assert printed(ALL).splitlines() == [
        " fault                  when              goodput recovered         workflow p95",
        " calendar outage 01:00–01:37 42.1/s→97.3 %→99.8 %    4.20 s 1.20 s→2.31 s→1.22 s",
        " mail slow       01:50–02:10 42.1/s→47.5 %→71.3 %     never 1.20 s→2.31 s→1.22 s",
        " late            02:30–02:42                –→–→–         –                –→–→–",
    ]


@pytest.mark.parametrize("width", [40, 60, 72, 80, 200])
@pytest.mark.parametrize("name", ["x", LONG, "予約フォーム" * 6, "[red]n[/red]"])
def test_the_table_fits_and_cuts_no_figure(width, name):
    text = printed([ALL[0].model_copy(update={"name": name})], width)

    assert max(widths(text)) <= min(width, 80)
    assert len(text.splitlines()) == 2
    assert "42.1/s→97.3 %→99.8 %" in text
    assert ("1.20 s→2.31 s→1.22 s" in text) == (width >= 80)


def test_what_workflows_took_gives_way_to_names_that_could_not_be_told_apart():
    names = [f"the calendar of the suppliers in the {where} is down" for where in ("north", "west")]
    cut = [ALL[0].model_copy(update={"name": name}) for name in names]

    shown = [line.split("  ")[0] for line in printed(cut).splitlines()[1:]]
    assert len(set(shown)) == 2
    assert "workflow p95" not in printed(cut)
    assert "workflow p95" in printed(cut[:1])  # one alone is known by what is left of it
    alike = [
        one.model_copy(update={"name": f"{'x' * 60}{place}{'y' * 60}"})
        for place, one in enumerate(cut)
    ]
    assert "workflow p95" in printed(alike)  # it would not help


def test_notes_say_what_was_not_recovered_from_and_how_much_was_retried():
    notes = [(note.plain, note.style) for note in fault_notes(ALL)]

    assert notes == [
        ("calendar outage: retry amplification ×1→×2.31→×1.02", "dim"),
        (
            (
                "mail slow: metastable: the platform did not recover by itself, goodput stayed at "
                "71.3 % of what was to be expected"
            ),
            "red",
        ),
        (
            (
                "late: nobody can say whether the platform recovered: "
                "there were 2 s to recover in, where it takes 5"
            ),
            "yellow",
        ),
    ]
