"""Views of a run under way – live, plain, quiet – and the tables that its report has too."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.helpers.tables import CASES, IDS, TIMED, plain, widths
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import Health, Snapshot
from wedload.report.figures import benchmark_rows, step_figures
from wedload.report.live import LiveView, PlainView, QuietView, benchmark_table, step_table


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
    picture = plain(out.getvalue())
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

    assert "step 13" in text
    assert "step 14 " not in text
    assert "… and 16 more steps" in text


def test_live_view_shows_the_worst_of_several_load_processes(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=24, file=out, force_terminal=True))
    made = make().view
    small = Health(0.12, 40_000_000, Histogram.of([7_000_000] * 99))
    made.timeline.add(Snapshot(1, 2, vus={"main": 2}, health=small))

    view.tick(made)
    text = plain(out.getvalue())
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

    after = plain(out.getvalue()[drawn:])
    assert after.strip() == ""
    assert out.getvalue().count("\x1b[?25l") == out.getvalue().count("\x1b[?25h") == 1


def test_plain_view_prints_a_line_every_five_seconds(make, console):
    view, made = PlainView(console), make()
    for at_s in (0.0, 0.5, 4.9, 5.0, 5.5, 10.0):
        made.view.elapsed_s = at_s
        view.tick(made.view)

    lines = console.export_text().splitlines()
    assert [line[:8] for line in lines] == ["00:00 of", "00:05 of", "00:10 of"]
    assert "1,000,000 VUs" in lines[0]


def test_plain_view_prints_a_countdown_every_five_seconds(make, console):
    at_s = [0.0]
    view = PlainView(console, lambda: at_s[0])
    for now_s, left in ((0, 900), (1, 500), (4.9, 401), (5.2, 400), (8, 100), (10.3, 1)):
        at_s[0] = now_s
        view.notice(f"cleaning up: {left} left")
    view.notice("stopping: [b]now[/b]")

    assert console.export_text().splitlines() == [
        "cleaning up: 900 left …",
        "cleaning up: 400 left, for 5 s …",
        "cleaning up: 1 left, for 10 s …",
        "stopping: [b]now[/b] …",
    ]


def test_plain_view_says_before_the_load_how_a_countdown_ended(make, console):
    view, made = PlainView(console, lambda: 0.0), make()
    for joined in ("1 of 29 have", "14 of 29 have", "all have"):
        view.notice(f"subscribers are joining: {joined}")
    view.tick(made.view)
    view.tick(made.view)

    lines = console.export_text().splitlines()
    assert lines[:2] == [
        "subscribers are joining: 1 of 29 have …",
        "subscribers are joining: all have",
    ]
    assert [line[:8] for line in lines[2:]] == ["00:03 of"]


def test_live_view_says_for_how_long_something_lasts(make):
    out, at_s = io.StringIO(), [0.0]
    console = Console(width=80, height=24, file=out, force_terminal=True)
    view = LiveView(console, lambda: at_s[0])
    for now_s in (0, 4, 12):
        at_s[0] = now_s
        view.notice("listening for what is still to come: 1 expected")
    view.close()

    text = plain(out.getvalue())
    assert "1 expected …" in text
    assert "1 expected, for 12 s …" in text
    assert "for 4 s" not in text


@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize("height", range(4, 40, 3))
def test_a_low_terminal_shows_how_the_generator_fares(make, width, height):
    out = io.StringIO()
    console = Console(width=width, height=height, file=out, force_terminal=True, color_system=None)
    view = LiveView(console)
    rows = {f"row {n}": "http_req_failed: rate < 50%" for n in range(8)}

    view.tick(make(steps=[f"step {n}" for n in range(12)], benchmarks=rows).view)
    lines = plain(out.getvalue()).splitlines()
    view.close()

    assert len(lines) <= height
    assert lines[-1].startswith(" generator: CPU 34 %")
    if height >= 16:
        assert "step 0" in "".join(lines)
        assert "✓ row 0" in "".join(lines)


def test_quiet_view_prints_nothing(make, capfd):
    view = QuietView()
    view.notice("x")
    view.tick(make().view)
    view.close()

    assert capfd.readouterr() == ("", "")


def test_benchmark_table_says_what_rows_demand_of_time(make, console):
    console.print(benchmark_table(benchmark_rows(make(**TIMED, ms=[1.0] * 60).view)))

    text = console.export_text()
    assert "✓ In each" in text
    assert "p95 < 2s in each 1s after 1s" in text
    assert "✗ Abort" in text


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
    picture = plain(out.getvalue())
    view.close()

    assert max(widths(picture)) <= width
    assert sum("it/s" in line and "req/s" in line for line in picture.splitlines()) == 1
