"""The chart of goodput: what there was, what was to be expected, and the fault between them."""

from __future__ import annotations

from tests.helpers.broken_result import fault, lasting, unsure, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.html.charts.goodput import goodput
from wedload.report.html.drawn import side_of


def side(*faults, label=""):
    return side_of(label, with_faults(sample_result(scale=0.1), faults))


BROKEN = fault(begin_s=10.0, end_s=20.0)


def test_goodput_stands_beside_what_was_expected_and_95_percent_of_it():
    made = goodput([side(BROKEN)])

    good, expected, enough = made.data
    assert [one["name"] for one in made.data] == ["goodput", "expected", "95 % of it"]
    assert len(good["y"]) == len(expected["y"]) == 54
    pairs = zip(expected["y"], enough["y"], strict=True)
    assert all(abs(level * 0.95 - share) < 0.011 for level, share in pairs)
    assert [one.label for one in made.bands][-1] == "calendar outage"


def test_the_words_of_it_say_how_it_came_back():
    made = goodput([side(BROKEN)])

    assert made.summary == (
        "“calendar outage”: goodput was 97.3 % of what was to be expected during the fault and "
        "99.8 % after it; it was back after 4.20 s."
    )


def test_each_of_several_faults_has_lines_and_words():
    slow = lasting(begin_s=25.0, end_s=35.0)
    made = goodput([side(BROKEN, slow, unsure(begin_s=40.0, end_s=50.0))])

    assert [one["name"] for one in made.data][1:] == [
        "expected (calendar outage)", "95 % of it (calendar outage)",
        "expected (mail slow)", "95 % of it (mail slow)",
    ]  # fmt: skip
    assert "71.3 % after it; it did not come back." in made.summary
    assert made.summary.endswith("“late”: too little load to say.")


def test_of_two_runs_the_last_one_is_held_against_what_was_expected():
    made = goodput([side(BROKEN, label="base"), side(BROKEN, label="current")])

    assert [one["name"] for one in made.data] == [
        "goodput, base", "goodput, current", "expected, current", "95 % of it, current",
    ]  # fmt: skip
    assert made.summary.startswith("base: “calendar outage”")


def test_a_run_without_faults_has_no_line():
    sides = [side_of("base", sample_result(scale=0.1)), side(BROKEN, label="current")]

    assert next(one["name"] for one in goodput(sides).data) == "goodput, current"
