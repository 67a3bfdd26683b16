"""What an interrupt or a missed row means, wherever a run stands: a table."""

from __future__ import annotations

from typing import get_args

import pytest

from wedload.plan.benchmark import Requirement
from wedload.run.stopping import Phase, Stopping
from wedload.verdict.model import Abort, Row

PHASES = get_args(Phase)


@pytest.fixture
def abort():
    requirement = Requirement.parse("http_req_failed: rate < 1%")
    return Abort(Row("Errors", requirement, "missed", 0.5, 200, 1, -49.0), 12)


@pytest.mark.parametrize(
    ("phase", "first", "told", "second"),
    [
        ("starting", "cancel", None, "kill"),
        ("setting up", "nothing", "stopping after set-up; interrupt again to stop at once", "kill"),
        ("load", "stop load", "stopping: iterations under way get 5 s; interrupt again", "kill"),
        ("stopping", "nothing", "stopping already; interrupt again to stop at once", "kill"),
        ("finishing", "nothing", "finishing; interrupt again to leave behind", "end finishing"),
        ("saving", "nothing", None, "nothing"),
    ],
)
def test_interrupts_in_a_phase(phase, first, told, second):
    stopping = Stopping(phase)

    order = stopping.interrupted()
    again = stopping.interrupted()

    assert order.do == first
    assert order.tell == told if told is None else order.tell.startswith(told)
    assert again.do == second
    assert stopping.interrupts == 2
    assert stopping.at_once == (second == "kill")
    assert stopping.gave_up == (second == "end finishing")


@pytest.mark.parametrize("phase", PHASES)
def test_what_is_given_up_is_given_up_once(phase):
    stopping = Stopping(phase)
    orders = [stopping.interrupted().do for _ in range(12)]

    assert orders[2:] == ["nothing"] * 10


def test_an_interrupt_under_load_cuts_it_and_the_next_ones_meaning_depends_on_where_it_comes():
    stopping = Stopping("load")
    stopping.interrupted()
    assert (stopping.phase, stopping.cut, stopping.stopped_load) == ("stopping", True, True)

    stopping.phase = "finishing"  # the load is over, and there to be judged

    assert stopping.interrupted().do == "end finishing"
    assert not stopping.at_once


def test_every_first_interrupt_that_ends_nothing_yet_says_what_the_next_one_does():
    for phase in PHASES:
        order = Stopping(phase).interrupted()
        if phase not in {"starting", "saving"}:  # where there is no next one
            assert "interrupt again to" in order.tell


def test_a_row_aborts_the_load_once_and_only_the_load(abort):
    for phase in PHASES:
        stopping = Stopping(phase)
        order = stopping.missed(abort)
        assert (order.do == "stop load") == (phase == "load") == (stopping.abort is abort)
        assert stopping.missed(abort).do == "nothing"

    stopping = Stopping("load")
    told = stopping.missed(abort).tell
    assert told.startswith("stopping: Errors")
    assert not told.endswith(".")
    assert not stopping.cut  # it is no interrupt


def test_an_interrupt_after_an_abort_is_the_first_one_and_cuts_nothing(abort):
    stopping = Stopping("load")
    stopping.missed(abort)

    assert stopping.interrupted().tell.startswith("stopping already")
    assert not stopping.cut
    assert stopping.interrupted().do == "kill"


@pytest.mark.parametrize("phase", ["starting", "setting up", "load", "settling"])
def test_the_kill_switch_is_a_first_interrupt_that_says_by_what(phase):
    stopping = Stopping(phase)
    order = stopping.switched_off("the stop file /x (moving)")

    assert order.do == Stopping(phase).interrupted().do
    assert order.tell.startswith("stopped by the stop file /x (moving)")
    assert stopping.interrupts == 1
    assert stopping.because == "the stop file /x (moving)"
    assert "by the stop file /x (moving)" in stopping.outcome()


@pytest.mark.parametrize("phase", ["stopping", "finishing", "saving"])
def test_the_kill_switch_ends_no_clean_up(phase):
    stopping = Stopping(phase)

    assert stopping.switched_off("the stop file /x").do == "nothing"
    assert stopping.interrupts == 0


def test_the_kill_switch_never_insists():
    stopping = Stopping("load")
    stopping.interrupted()

    assert stopping.switched_off("the stop file /x").do == "nothing"
    assert stopping.because is None


def test_a_lost_load_process_ends_the_load():
    stopping = Stopping("load")
    stopping.lost()
    assert (stopping.phase, stopping.stopped_load, stopping.cut) == ("stopping", True, False)

    stopping = Stopping("setting up")
    stopping.lost()
    assert (stopping.phase, stopping.stopped_load) == ("setting up", False)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Stopping("starting", at_once=True), "interrupted before the load; nothing to judge"),
        (Stopping("setting up"), "interrupted before the load; nothing to judge"),
        (
            Stopping("finishing", gave_up=True),
            "interrupted before the load; nothing to judge; clean-up was cut off",
        ),
        (
            Stopping("stopping", at_once=True),
            "stopped at once: nothing was judged, and nothing cleaned up",
        ),
    ],
)
def test_what_becomes_of_a_run_that_is_not_judged(state, said):
    assert state.outcome() == said
