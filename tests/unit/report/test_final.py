"""The report after a run: 80 columns, whatever it tells, and the figures of the run."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.helpers.tables import CASES, IDS, TIMED, widths
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.benchmark import Requirement
from wedload.report.final import print_final
from wedload.verdict.model import Finding, Row


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_final_report_is_at_most_80_columns_wide(make, console, case):
    print_final(make(**case).run, console)

    text = console.export_text()
    assert max(widths(text)) <= 80
    assert "verdict: " in text


def test_figures_in_the_final_table_are_those_of_the_run(make, console):
    made = make(
        ["look", "buy"],
        {"Quick": "http_req_duration{step=look}: max < 3.5ms", "All": "http_reqs: count >= 7"},
        ms=[1, 2, 3],
        count=4,
        failed=1,
        seconds=2,
        notes={"look: status 500": 1},
    )

    print_final(made.run, console)

    text = console.export_text()
    assert re.search(r"^ look +10 +2\.0 ms +– +– +– +3\.0 ms +20 %", text, re.MULTILINE)
    assert "8 iterations   20 requests" in text
    assert "2 iterations were interrupted" in text
    assert "dropped" not in text
    assert "checks: 16 of 20 passed (80 %)" in text
    assert re.search(r"status == 200 +look +2 \(20 %\)", text)
    assert re.search(r"failures: 20 % of requests\n +2 × look: status 500", text)
    assert re.search(r"✓ Quick +max < 3\.5ms +3\.0 ms +6", text)
    assert re.search(r"✓ All +count >= 7 +20 +20", text)
    assert "clean-up: 4 of 4 deleted" in text
    assert "verdict: PASS  2 of 2 benchmarks met" in text


def test_iterations_that_were_dropped_are_told_of(make, console):
    made = make()
    made.run.summary.add(Snapshot(0, 0, counts={CellKey(0, "dropped_iterations", 1, ""): 98_201}))

    print_final(made.run, console)

    assert "98,201 iterations were due and dropped" in console.export_text()


def test_verdict_gives_every_reason_and_says_that_it_was_interrupted(make, console):
    made = make(
        benchmarks={"Quick": "http_req_duration: max < 1ms", "Tail": "http_req_duration: p99 < 1s"},
        interrupted=True,
        leaked=1,
        findings=[
            Finding("cleanup", "Clean-up left 1 of 1 behind.", invalidates=False, fails=True)
        ],
    )

    print_final(made.run, console)

    text = " ".join(console.export_text().split())
    assert "verdict: INVALID 0 of 2 benchmarks met (interrupted)" in text
    assert text.count("Tail: 9 samples are too few for p99, which needs 299") == 1
    assert text.count("Quick: http_req_duration max is 3.0 ms") == 1
    assert text.count("Clean-up left 1 of 1 behind.") == 1
    assert "1 left behind" in text


def test_many_kinds_of_failures_are_cut_short_with_their_number(make, console):
    print_final(make(notes={f"look: status {n}": 500 - n for n in range(400, 412)}).run, console)

    text = console.export_text()
    assert text.count(" × look: status") == 8
    assert "… and 4 more kinds" in text


def test_run_without_a_single_sample_has_a_report_too(make, console):
    made = make(seconds=0, benchmarks={"Quick": "http_req_duration: max < 1ms"})

    print_final(made.run, console)

    text = console.export_text()
    assert "0 iterations   0 requests" in text
    assert "verdict: INVALID" in text


def test_final_report_of_an_aborted_run_says_first_what_aborted_it(make, console):
    print_final(make(**TIMED).run, console)

    text = " ".join(console.export_text().split())
    assert "verdict: FAIL" in text
    assert (
        "• Aborted at 00:01. Abort: http_req_failed count is 1, required < 1, missed by 0 % "
        "(2 samples)."
    ) in text


def test_a_reliability_that_is_met_but_not_proven_has_what_is_proven_under_the_table(make, console):
    run = make().run
    requirement = Requirement.parse("webhook_delivered: rate >= 99.9%")
    row = Row("Reliable", requirement, "met", 0.9993, 10_000, 2_995, 0.0003, 0.9986851)

    print_final(replace(run, verdict=replace(run.verdict, rows=(row,))), console)

    lines = [line.strip() for line in console.export_text().splitlines()]
    place = next(at for at, line in enumerate(lines) if line.startswith("✓ Reliable"))
    assert lines[place + 1] == "Reliable: met as seen, and at least 99.868 % with 95 % certainty"


def test_the_cause_at_the_end_of_a_failure_is_seen(make, console):
    cause = (
        "channel status: a subscriber could not join: " + "http://127.0.0.1/" * 5 + ": status 401"
    )

    print_final(make(notes={cause: 20}).run, console)

    text = console.export_text()
    assert max(widths(text)) <= 80
    assert re.search(r"^ +60 × channel status: a", text, re.MULTILINE)
    assert cause.replace(" ", "") in "".join(text.split())
