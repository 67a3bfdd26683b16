"""Third parties in a terminal, while a run goes on and when it is over."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from tests.helpers.broken_run import broken_run
from tests.helpers.tables import LONG, plain, widths
from wedload.report.dependencies import dependency_figures, dependency_table
from wedload.report.final import print_final
from wedload.report.live import LiveView


def printed(run, width=80):
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    print_final(run, console)
    return console.export_text()


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_final_report_says_of_each_third_party_what_was_asked_and_answered(make):
    text = printed(broken_run(make(), per_second=99).run)

    assert max(widths(text)) <= 80
    lines = squeezed(text)
    place = lines.index("third party requests operations p50 p95 failed ampl.")
    assert lines[place + 1 : place + 4] == [
        "calendar 297 231 149 ms 194 ms 33.3 % ×1.29",
        "mail 297 297 149 ms 194 ms 0 % ×1",
        "failed: attempts not answered as they asked; ampl.: attempts / operations",
    ]


def test_final_report_says_below_what_else_came_of_them_and_of_proxies(make):
    text = " ".join(printed(broken_run(make(), per_second=99).run).split())

    assert (
        "calendar: 99 failed (99 × down), 1 operation carried out twice or more, at most 3" in text
    )
    assert "mail:" not in text
    assert (
        "proxy db: 127.0.0.1:4100 → 127.0.0.1:5432, 12 connections, 1.2 MB up, 40 MB down, 3 reset"
    ) in text


def test_a_run_whose_third_parties_were_lost_still_has_their_figures(make):
    text = printed(broken_run(make(), reports=None).run)

    assert re.search(r"^ calendar +300 ", text, re.MULTILINE)
    assert "what it reports was lost with its process" in " ".join(text.split())


def test_a_third_party_that_nothing_was_asked_of_has_dashes(make):
    text = printed(broken_run(make(), seconds=0).run)

    assert re.search(r"^ calendar +0 +0 +– +– +– +–$", text, re.MULTILINE)


def test_a_run_without_third_parties_has_no_table_of_them(make):
    assert "third party" not in printed(make().run)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("name", [LONG, "予約フォーム" * 6, "[red]n[/red]"])
def test_the_table_fits_whatever_a_third_party_is_called(make, width, name, live):
    run = broken_run(make(), kinds={name: "http"}, per_second=9999).run
    console = Console(width=width, height=24, record=True, file=io.StringIO())

    found = dependency_figures(run.summary, run.timeline, [name])
    console.print(dependency_table(found, live=live))

    text = console.export_text()
    assert max(widths(text)) <= min(width, 80)
    assert len(text.splitlines()) == 2
    assert "failed" in text


def test_live_view_has_a_line_for_each_third_party_with_its_rate(make):
    out = io.StringIO()
    view = LiveView(Console(width=80, height=24, file=out, force_terminal=True))

    view.tick(broken_run(make(), per_second=99).view)
    lines = squeezed(plain(out.getvalue()))
    view.close()

    place = lines.index("third party rate p50 p95 failed ampl.")
    assert lines[place + 1 : place + 3] == [
        "calendar 99/s 149 ms 194 ms 33.3 % ×1.29",
        "mail 99/s 149 ms 194 ms 0 % ×1",
    ]


@pytest.mark.parametrize("height", [4, 9, 12, 24])
@pytest.mark.parametrize("number", [1, 9])
def test_lines_of_third_parties_leave_the_terminal_its_height(make, height, number):
    out = io.StringIO()
    console = Console(width=80, height=height, file=out, force_terminal=True, color_system=None)
    view = LiveView(console)
    kinds = {f"party {n}": "http" for n in range(number)}
    seen = broken_run(make(steps=["look", *(f"step {n}" for n in range(30))]), kinds=kinds).view
    seen.elapsed_s = 1.5  # the fault is in force

    view.tick(seen)
    picture = plain(out.getvalue())
    view.close()

    assert max(widths(picture)) <= 80
    assert len(picture.splitlines()) <= height
    assert "! calendar outage, 0:01 left" in picture
    if height == 24:
        assert ("… and 5 more third parties" in picture) == (number == 9)
