"""Channels in a terminal, while a run goes on and when it is over."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.helpers import heard_run as helper
from tests.helpers.heard_run import KINDS, REPORTS, guests, heard_run, notices
from tests.helpers.tables import LONG, plain, widths
from wedload.report.channels import channel_figures, channel_table, channels_words
from wedload.report.final import print_final
from wedload.report.live import LiveView, PlainView


def printed(run, width=80):
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    print_final(run, console)
    return console.export_text()


def test_final_report_says_of_each_channel_what_came_and_how_soon(make):
    text = printed(heard_run(make()).run)

    assert max(widths(text)) <= 80
    lines = [" ".join(line.split()) for line in text.splitlines()]
    place = lines.index("channel expected delivered missed late lost p50 p95 p99 last p95")
    assert lines[place + 1 : place + 3] == [
        "notices 306 98 % 6 3 3 51 ms 96 ms 100 ms –",
        "guests 1,200 100 % 0 0 0 6.0 ms 8.0 ms 8.0 ms 8.0 ms",
    ]


def test_final_report_says_what_its_columns_mean(make):
    both = printed(heard_run(make()).run)
    webhook = printed(heard_run(make(), {"notices": notices()}).run)

    meaning = "delivered: in time / expected; missed: late + lost"
    assert f" {meaning}; last p95: last subscriber\n" in both
    assert f" {meaning}\n" in webhook


def test_final_report_says_below_what_else_was_heard(make):
    text = printed(heard_run(make()).run)

    assert " notices: 6 duplicates, 12 rejected (9 × too-large, 3 × bad-signature)" in text
    assert " notices: 2nd attempt 500 ms (p50) after a 503, 3rd 2.10 s after a 503" in text
    assert " guests: 3 out of order, 3 drops (3 × reset), 6 quota errors (6 × 429)" in text
    assert re.search(r"^ channels: CPU 20 % \(max 20 %\), loop lag p99 0\.3 ms", text, re.MULTILINE)


def test_a_run_whose_ears_were_lost_still_has_its_figures(make):
    text = printed(heard_run(make(), reports=None).run)

    assert re.search(r"^ notices +306 ", text, re.MULTILINE)
    assert "attempt" not in text


def test_a_channel_that_nothing_was_expected_of_has_dashes(make):
    run = heard_run(make(), {"notices": notices(ms=[], missed=0, late=0, more={})}).run

    text = printed(run)

    assert re.search(r"^ notices +0 +– +0 +0 +0 +– +– +–$", text, re.MULTILINE)
    assert "–: too few samples" in text
    assert "last p95" not in text


def test_a_run_without_channels_has_no_table_of_them(make):
    text = printed(make().run)

    assert "channel" not in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("name", [LONG, "予約フォーム" * 6, "[red]n[/red]"])
def test_tables_and_lines_fit_whatever_a_channel_is_called(make, monkeypatch, width, name):
    huge = {("expected", "missed"): 10**9, ("duplicates", ""): 10**9}
    monkeypatch.setitem(KINDS, name, "realtime")
    monkeypatch.setitem(REPORTS, name, REPORTS["guests"])
    monkeypatch.setattr(helper, "PUBLISH", replace(helper.PUBLISH, channel=name))
    run = heard_run(make(), {name: guests(missed=5, more=huge)}).run
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    found = channel_figures(run.summary, {name: "realtime"})

    console.print(channel_table(found))
    console.print(channel_table(found, live=True))

    text = console.export_text()
    assert max(widths(text)) <= min(width, 80)
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("width", [40, 50, 60, 80])
def test_narrow_terminal_cuts_no_figure_of_a_channel(make, width, live):
    run = heard_run(make()).run
    console = Console(width=width, height=24, record=True, file=io.StringIO())

    console.print(channel_table(channel_figures(run.summary, run.info.channels), live=live))

    head, webhook, _ = console.export_text().splitlines()
    figures = {
        "expected": "306", "delivered": "98 %", "missed": "6", "late": "3", "lost": "3",
        "p50": "51 ms", "p95": "96 ms", "p99": "100 ms",
    }  # fmt: skip
    head = head.replace("last p95", "")
    shown = [figures[name] for name in head.split() if name in figures]
    assert {"delivered", "missed", "p95"} <= set(head.split())
    assert re.sub(" +", " ", webhook).strip().removesuffix(" –") == f"notices {' '.join(shown)}"


def test_live_view_has_a_line_for_each_channel(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=24, file=out, force_terminal=True))

    view.tick(heard_run(make()).view)
    text = plain(out.getvalue())
    view.close()

    assert re.search(r" channel +expected delivered missed +p50 +p95 +p99", text)
    assert re.search(r" notices +306 +98 % +6 +51 ms +96 ms 100 ms", text)
    assert re.search(r" guests +1,200 +100 % +0 6\.0 ms 8\.0 ms 8\.0 ms", text)
    assert "worst of 2 processes: CPU 34 %" in text


@pytest.mark.parametrize("height", [4, 12, 24])
@pytest.mark.parametrize("number", [2, 12])
def test_lines_of_channels_leave_the_terminal_its_height(make, height, number):
    out = io.StringIO()
    console = Console(width=80, height=height, file=out, force_terminal=True, color_system=None)
    view = LiveView(console)
    seen = heard_run(make(steps=["look", *(f"step {n}" for n in range(30))])).view
    seen.channels = {f"channel {n}": "webhook" for n in range(number)}

    view.tick(seen)
    picture = plain(out.getvalue())
    view.close()

    assert max(widths(picture)) <= 80
    assert len(picture.splitlines()) <= height
    if height == 24:
        assert ("… and 8 more channels" in picture) == (number == 12)
        assert "worst of 2 processes" in picture


def test_plain_view_says_in_its_line_how_much_has_come(make):
    out = io.StringIO()

    PlainView(Console(width=80, file=out)).tick(heard_run(make()).view)

    (line,) = out.getvalue().splitlines()
    assert line.endswith("  notices 300 of 306  guests 1,200 of 1,200")


def test_plain_view_keeps_its_line_short_whatever_channels_are_called(make, monkeypatch):
    monkeypatch.setitem(KINDS, LONG, "realtime")
    monkeypatch.setattr(helper, "PUBLISH", replace(helper.PUBLISH, channel=LONG))
    run = heard_run(make(), {LONG: guests()}).run
    found = channel_figures(run.summary, {LONG: "realtime", **dict.fromkeys("abcdef", "webhook")})

    words = list(channels_words(found, 3))

    assert words == [
        "a step w…, truly 1,200 of 1,200", "a 0 of 0", "b 0 of 0", "… and 4 more channels",
    ]  # fmt: skip


def test_first_lines_break_between_figures(make):
    made = make(plan="plan with a name that takes half a line")

    lines = printed(heard_run(made).run).splitlines()

    assert lines[1].endswith("   00:03 of load   0 iterations")
    assert lines[2] == " 30 requests"
