"""Tables in 80 columns: whatever the names, the numbers and the height of the terminal."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from wedload.cli.ctl import status_text
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.plan.loader import load_plan
from wedload.report.explain import estimate_scenario, explain, load_charts
from wedload.report.figures import benchmark_rows, step_figures
from wedload.report.final import print_final
from wedload.report.live import LiveView, PlainView, QuietView, benchmark_table, step_table
from wedload.verdict.model import Finding
from wedload.workload.compile_plan import Settings, compile_workload

HEAD = (
    'schema = 1\nname = "spike"\n[targets.local]\nbase_url = "http://127.0.0.1:9"\n'
    '[scenarios.main]\nexecutor = "ramping-vus"\nstages'
)
LONG = "a step whose name is far longer than any table could ever hold in eighty columns, truly"
HUGE = {
    "steps": [f"{n} {LONG}" for n in range(30)],
    "benchmarks": {
        f"{n} {LONG}": f"http_req_duration{{step='{n} {LONG}'}}: p99.99 <= 1h59m59s"
        for n in range(20)
    },
    "plan": LONG,
    "target": "local",
    "stage": LONG,
    "ms": [0.001, 99_999, 3_600_000],
    "count": 123_456_789,
    "failed": 98_765_432,
    "notes": {f"{n} {LONG}: {LONG}": 10**9 + n for n in range(12)},
    "findings": [Finding("cleanup", f"{LONG} {LONG}", invalidates=False)],
    "leaked": 1_234_567,
}
WIDE = {
    "steps": [
        "予約フォームを作成する" * 3,
        "naïve ☕ step",
    ],
    "benchmarks": {"申し込みの所要時間" * 3: "http_reqs: count > 1"},
}
MARKUP = {
    "steps": ["[red]not markup[/red]", "[/]", "[bold"],
    "benchmarks": {"[link=x]row[/link]": "http_req_failed: rate < 1%"},
    "notes": {"look: [/nothing] of [this] is markup": 3},
    "failed": 1,
    "plan": "[blink]plan",
    "stage": "[i]stage",
    "findings": [Finding("cleanup", "left [b]behind", invalidates=False)],
}
TIMED = {
    "benchmarks": {
        "In each": "{ require = 'http_req_duration: p95 < 2s', window = '1s', after = '1s' }",
        LONG: "{ require = 'http_req_duration: p99.99 <= 1h59m59s', window = '1h1m1s', "
        "after = '1h1m1s', abort = true }",
        "Abort": "{ require = 'http_req_failed: count < 1', abort = true }",
    },
    "failed": 1,
}
CASES = [{}, HUGE, WIDE, MARKUP, TIMED]
IDS = ["small", "huge", "wide_characters", "markup", "timed_rows"]


def widths(text: str) -> list[int]:
    return [cell_len(line) for line in text.splitlines()]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_final_report_is_at_most_80_columns_wide(make, console, case):
    print_final(make(**case).run, console)

    text = console.export_text()
    assert max(widths(text)) <= 80
    assert "verdict: " in text


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("live", [True, False])
def test_step_and_benchmark_tables_are_at_most_80_columns_wide(make, console, case, live):
    made = make(**case)

    console.print(step_table(step_figures(made.run.summary, made.run.timeline, {}), live=live))
    console.print(benchmark_table(benchmark_rows(made.view)))

    text = console.export_text()
    assert max(widths(text)) <= 80
    lines = text.splitlines()
    assert len(lines) == 2 + len(case.get("steps", [1])) + len(case.get("benchmarks", []))


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("height", [4, 8, 24, 60])
def test_live_view_fits_the_terminal_it_is_drawn_in(make, case, height):
    out = io.StringIO()
    view = LiveView(
        Console(width=80, height=height, file=out, force_terminal=True, color_system=None)
    )

    view.tick(make(**case).view)
    picture = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    view.close()

    assert max(widths(picture)) <= 80
    assert len(picture.splitlines()) <= height
    assert "it/s" in picture
    assert out.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in out.getvalue()


def test_live_view_says_how_many_steps_it_leaves_out(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=20, file=out, force_terminal=True))

    view.tick(make(steps=[f"step {n}" for n in range(30)]).view)
    text = out.getvalue()
    view.close()

    assert "step 12" in text
    assert "step 13 " not in text
    assert "… and 17 more steps" in text


def test_live_view_shows_the_worst_of_several_load_processes(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=24, file=out, force_terminal=True))
    made = make().view
    small = Health(0.12, 40_000_000, Histogram.of([7_000_000] * 99))
    made.timeline.add(Snapshot(1, 2, vus={"main": 2}, health=small))

    view.tick(made)
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    view.close()

    # CPU and memory are those of the first, the lag is that of the second
    assert "worst of 2 generators: CPU 34 %, loop lag p99 7.0 ms, memory 52 MB" in text
    assert "1,000,002" in text  # virtual users of both


def test_live_view_leaves_nothing_of_its_picture_behind(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=6, file=out, force_terminal=True))
    view.notice("starting")
    view.tick(make(steps=["a", "b", "c"]).view)
    drawn = len(out.getvalue())

    view.close()
    view.close()  # a second time changes nothing

    after = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue()[drawn:])
    assert after.strip() == ""
    assert out.getvalue().count("\x1b[?25l") == out.getvalue().count("\x1b[?25h") == 1


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
        findings=[Finding("cleanup", "Clean-up left 1 of 1 behind.", invalidates=False)],
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


# --- plain and quiet ------------------------------------------------------------------------------


def test_plain_view_prints_a_line_every_five_seconds(make, console):
    view, made = PlainView(console), make()
    for at_s in (0.0, 0.5, 4.9, 5.0, 5.5, 10.0):
        made.view.elapsed_s = at_s
        view.tick(made.view)

    lines = console.export_text().splitlines()
    assert [line[:8] for line in lines] == ["00:00 of", "00:05 of", "00:10 of"]
    assert "1,000,000 VUs" in lines[0]


def test_plain_view_prints_a_countdown_once(make, console):
    view = PlainView(console)
    for left in (900, 500, 1):
        view.notice(f"cleaning up: {left} left")
    view.notice("stopping: [b]now[/b]")

    assert console.export_text().splitlines() == [
        "cleaning up: 900 left …",
        "stopping: [b]now[/b] …",
    ]


def test_quiet_view_prints_nothing(make, capfd):
    view = QuietView()
    view.notice("x")
    view.tick(make().view)
    view.close()

    assert capfd.readouterr() == ("", "")


# --- explaining a plan ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_explanation_is_at_most_80_columns_wide(make, console, case):
    made = make(**case)

    explain(made.loaded, made.workload, "local", console)

    assert max(widths(console.export_text())) <= 80


def test_explanation_cuts_no_threshold_and_folds_what_it_is_about(make, console):
    made = make(**HUGE)

    explain(made.loaded, made.workload, "local", console)

    lines = console.export_text().splitlines()
    assert sum(line.rstrip().endswith(" p99.99 <= 1h59m59s") for line in lines) == 20
    told = "".join(line.strip() for line in lines)
    assert f"http_req_duration{{step='7{LONG}'}}".replace(" ", "") in told.replace(" ", "")
    assert "1 workflow · 20 benchmarks" in " ".join(" ".join(lines).split())


def test_chart_rises_and_falls_with_the_stages(make):
    _, *lines = next(load_charts(make().workload))

    rows, axis = lines[:-1], lines[-1]
    assert rows[0].split()[0] == "1.0M"
    assert axis.split() == ["0", "00:00", "1:30:30"]
    heights = [sum(row[-60:][column] not in " ▁▂▃" for row in rows) for column in range(60)]
    assert heights[0] == 6  # 30 s of 90 min: up at once
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == 0


def test_chart_shows_a_peak_that_is_shorter_than_a_column(tmp_path):
    text = HEAD + (
        ' = [{ duration = "30m", target = 10 }, { duration = "0s", target = 500 }, '
        '{ duration = "1s", target = 500 }, { duration = "0s", target = 10 }, '
        '{ duration = "30m", target = 10 }]\nworkflow = "visit"\n'
        '[[workflows.visit]]\nhttp = "GET /"\n'
    )
    (tmp_path / "plan.toml").write_text(text)
    plan = load_plan(tmp_path / "plan.toml").plan

    _, *lines = next(load_charts(compile_workload(plan, Settings("local", "http://127.0.0.1:9"))))

    assert lines[0].split() == ["500", "█"]


def test_chart_columns_start_at_the_same_place_whatever_the_numbers(make):
    _, *lines = next(load_charts(make().workload))

    assert len({len(line) for line in lines}) == 1


def test_estimate_counts_requests_and_pauses(make):
    made = make(["a", "b", "c", "d"])

    estimate = estimate_scenario(made.loaded.plan, made.workload.scenarios[0])

    vu_seconds = 1_000_000 * (30 + 5400) / 2
    assert estimate.iterations == pytest.approx(vu_seconds / 0.2)
    assert estimate.requests == pytest.approx(4 * estimate.iterations)


def test_benchmark_table_says_what_rows_demand_of_time(make, console):
    console.print(benchmark_table(benchmark_rows(make(**TIMED, ms=[1.0] * 60).view)))

    text = console.export_text()
    assert "✓ In each" in text
    assert "p95 < 2s in each 1s after 1s" in text
    assert "✗ Abort" in text


def test_final_report_of_an_aborted_run_says_first_what_aborted_it(make, console):
    print_final(make(**TIMED).run, console)

    text = " ".join(console.export_text().split())
    assert "verdict: FAIL" in text
    assert (
        "• Aborted at 00:01. Abort: http_req_failed count is 1, required < 1, missed by 0 % "
        "(2 samples)."
    ) in text


STATUS = {
    "plan": "peak", "target": "local", "run": "20270619-120000-abcd", "phase": "load",
    "stage": "stage up (1 of 2)", "elapsed_s": 12.0, "end_s": 60.0, "vus": 3,
    "iterations_per_s": 1.0, "requests_per_s": 2.0, "failed_ratio": 0.5, "paused": [],
    "aborted_by": "Checks",
    "benchmarks": [
        {"name": "Checks", "require": "rate > 99% in each 1m after 30s", "status": "missed",
         "observed": 0.5, "unit": "ratio", "samples": 10},
        {"name": LONG, "require": "p99.99 <= 1h59m59s in each 1h1m1s after 1h1m1s",
         "status": "no-data", "observed": None, "unit": "ms", "samples": 0},
    ],
}  # fmt: skip


def test_status_of_a_run_fits_80_columns_and_names_what_aborts_it():
    text = status_text(STATUS)

    assert max(widths(text)) <= 80
    assert "stopping, as this was missed: Checks" in text
    assert re.search(r"✗ Checks +rate > 99% in each 1m after 30s +50 %\n", text)
    assert re.search(r"· a step whose name.*…  p99.99 <= 1h59m59s in each .*… +–$", text)


@pytest.mark.parametrize("width", [40, 50, 60, 70])
@pytest.mark.parametrize("live", [True, False])
def test_narrow_terminal_goes_without_whole_columns_and_cuts_no_number(make, width, live):
    made = make(
        ["look at it", "buy"],
        {"Quick as it can be, at the peak": "http_req_duration{step=buy}: max < 3.5ms"},
        ms=[1, 2, 3] * 400, count=1234, failed=1,
    )  # fmt: skip
    console = Console(width=width, record=True, file=io.StringIO())

    console.print(step_table(step_figures(made.run.summary, made.run.timeline, {}), live=live))
    console.print(benchmark_table(benchmark_rows(made.view)))

    text = console.export_text()
    assert max(widths(text)) <= width
    head, step, *_ = text.splitlines()
    assert head.split()[-1] in {"failed", "1min"}
    assert "0.081 %" in step
    assert step.count("ms") + step.count(" s ") == sum(
        name in head.split() for name in ("p50", "p90", "p95", "p99", "max")
    ) - ("1min" in head)
    row = text.splitlines()[-1]
    assert "3.0 ms" in row
    assert "3.5ms" in row
    assert ("samples" in text) == ("3,600" in row)


@pytest.mark.parametrize("width", [40, 60])
def test_live_view_fits_a_narrow_terminal(make, width):
    out = io.StringIO()
    view = LiveView(Console(width=width, height=24, file=out, force_terminal=True))

    view.tick(make(**TIMED).view)
    picture = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    view.close()

    assert max(widths(picture)) <= width
    assert sum("it/s" in line and "req/s" in line for line in picture.splitlines()) == 1
