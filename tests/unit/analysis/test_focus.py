from __future__ import annotations

import pytest

from tests.helpers import weak_results as weak
from tests.helpers.analysed_results import FORM, SEARCH
from tests.helpers.results import benchmark
from wedload.analysis.course import course_of
from wedload.analysis.focus import focus_of

BOTH = frozenset({("main", "visit", SEARCH), ("main", "visit", FORM)})


def focus(result, low=None):
    return focus_of(result, course_of(result), low)


def test_where_all_rows_are_met_it_is_all_requests():
    found = focus(weak.sound())
    assert (found.steps, found.words, found.missed) == (None, "a request", ())
    assert found.allowed_ms == pytest.approx(200.0)
    assert found.floor_ms == pytest.approx(50.0)  # a quarter of it


def test_where_a_row_is_missed_it_is_its_step():
    found = focus(weak.third_party_slow())
    assert found.steps == {("main", "visit", FORM)}
    assert found.words == "“submit form”"
    assert found.floor_ms == 10.0


def test_of_rows_that_are_missed_those_missed_at_the_lowest_load_come_first():
    assert focus(weak.index_dropped()).steps is None  # both steps are all steps
    found = focus(weak.index_dropped(), low=range(12))
    assert found.steps == {("main", "visit", SEARCH)}


def test_a_row_about_workflows_is_about_their_steps():
    row = benchmark(
        "flow", metric="workflow_duration", where={"workflow": "visit"}, observed=900.0,
        margin=-0.8, status="missed", require="p95 < 500ms",
    )  # fmt: skip
    found = focus(weak.sound(benchmarks=[row]))
    assert found.missed[0].name == "flow"
    assert found.allowed_ms is None  # of a workflow, and no request's


def test_without_rows_a_growth_has_to_be_one_that_people_notice():
    assert focus(weak.sound(benchmarks=[])).floor_ms == 50.0


def test_rows_about_other_things_than_durations_change_nothing():
    row = benchmark("few fail", metric="http_req_failed", unit="ratio", status="missed")
    assert focus(weak.sound(benchmarks=[row])).missed == ()
