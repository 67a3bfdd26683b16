"""The foot of the live view: faults in force, what goes on, and how the load fares."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.helpers.broken_run import OUTAGE, broken_run
from tests.helpers.tables import LONG, plain, widths
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.report.foot import foot_lines
from wedload.report.live import LiveView, PlainView

ROOM = 20


def words(view, notice="", room=ROOM):
    return [line.plain for line in foot_lines(view, notice, room)]


@pytest.fixture
def view(make):
    return broken_run(make()).view


HEALTH = " generator: CPU 34 %, loop lag p99 0.4 ms, memory 52 MB"
BROKEN = " ! calendar outage, 0:01 left"


def test_without_a_fault_in_force_it_is_the_health_alone(view):
    view.elapsed_s = 0.9

    assert words(view) == [HEALTH]


def test_a_process_that_has_proxies_alone_is_no_generator_either(make):
    view = make().view
    view.collected.parties = 1
    other = Health(0.12, 40_000_000, Histogram.of([7_000_000] * 99))
    view.timeline.add(Snapshot(1, 2, health=other))

    assert words(view)[-1].startswith(" worst of 2 processes: ")


def test_a_fault_in_force_has_a_line_of_its_own_in_yellow(view):
    view.elapsed_s = 1.2

    assert words(view) == [BROKEN, HEALTH]
    assert [line.style for line in foot_lines(view, "", ROOM)] == ["yellow", "dim"]


def test_of_several_faults_all_in_force_are_told(view):
    view.faults = (OUTAGE, OUTAGE.model_copy(update={"name": "mail slow", "end_s": 80.0}))
    view.elapsed_s = 1.2

    assert words(view)[0] == " ! calendar outage, 0:01 left; mail slow, 1:19 left"


@pytest.mark.parametrize(
    ("notice", "line"), [("", BROKEN), ("paused", " ! paused")], ids=["a fault", "a notice"]
)
def test_on_a_low_terminal_there_is_one_line_for_what_matters_most(view, notice, line):
    view.elapsed_s = 1.2

    assert words(view, notice, room=3) == [line]


def test_a_notice_takes_the_place_of_the_health_and_not_of_the_fault(view):
    view.elapsed_s = 1.2

    assert words(view, "stopping") == [BROKEN, " ! stopping"]


@pytest.mark.parametrize("colours", ["standard", None])
def test_live_view_is_as_readable_without_colours(view, colours):
    out = io.StringIO()
    console = Console(
        width=80, height=24, file=out, force_terminal=True, no_color=colours is None,
        color_system=colours,
    )  # fmt: skip
    live = LiveView(console)
    view.elapsed_s = 1.2

    live.tick(view)
    text = out.getvalue()
    live.close()

    assert BROKEN in plain(text)
    assert ("\x1b[33m" in text) == (colours is not None)


@pytest.mark.parametrize("width", [40, 80])
def test_a_fault_with_a_long_name_stays_on_its_line(view, width):
    out = io.StringIO()
    live = LiveView(Console(width=width, height=24, file=out, force_terminal=True))
    view.faults = (OUTAGE.model_copy(update={"name": LONG}),)
    view.elapsed_s = 1.2

    live.tick(view)
    text = plain(out.getvalue())
    live.close()

    assert max(widths(text)) <= width


def test_plain_view_says_a_word_of_the_fault_in_force_at_the_end_of_its_line(view, console):
    plain_view = PlainView(console)
    for at_s in (0.0, 5.0, 10.0):
        view.faults = (OUTAGE.model_copy(update={"begin_s": 4.0, "end_s": 9.0}),)
        view.elapsed_s = at_s
        plain_view.tick(view)

    lines = console.export_text().splitlines()
    assert [line.endswith("  ! calendar outage, 0:04 left") for line in lines] == [
        False, True, False,
    ]  # fmt: skip
    assert "!" not in lines[0]
    assert "!" not in lines[2]


@pytest.mark.parametrize(
    ("limited", "said"), [(3, []), (36, [" ! 12 % of requests are limited by the target"])]
)
def test_a_target_that_limits_the_load_is_told_of(make, limited, said):
    view = broken_run(make(count=100)).view
    view.elapsed_s = 0.9
    look = next(n for n, one in enumerate(view.summary.catalogue.series) if one.step == "look")
    counts = {
        CellKey(look, "http_reqs", 1, "ok"): 300,
        CellKey(look, "http_limited", 1, ""): limited,
    }
    view.summary.add(Snapshot(0, 1, counts=counts))

    assert words(view) == [*said, HEALTH]
    view.elapsed_s = 1.2
    assert words(view) == [BROKEN, *said, HEALTH]
    assert words(view, room=4) == [BROKEN]
    assert words(view, "on hold", room=4) == [" ! on hold"]
