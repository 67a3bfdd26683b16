from __future__ import annotations

import pytest

from tests.helpers.analysed_results import FORM, SEARCH, Platform, analysed_result, healthy
from wedload.analysis.course import course_of


def course(**changes):
    return course_of(analysed_result(Platform(healthy, stages=[("hold", 30, 40, 40)]), **changes))


def test_each_step_has_its_requests_and_what_they_took_by_second():
    found = course()
    assert [key[2] for key in found.steps] == [SEARCH, FORM]
    search = found.steps["main", "visit", SEARCH]
    assert search.count.sum() == pytest.approx(30 * 40, rel=0.1)
    assert search.total_ms.sum() / search.count.sum() == pytest.approx(5.1, rel=0.05)


def test_p95_is_of_the_seconds_and_steps_that_are_asked_for_and_withheld_of_few():
    found = course()
    assert found.p95_ms(range(30)) == pytest.approx(7.3, rel=0.1)
    assert found.p95_ms(range(30), [("main", "visit", SEARCH)]) is not None
    assert found.p95_ms([]) is None


def test_set_up_is_no_load():
    result = analysed_result(Platform(healthy, stages=[("hold", 10, 40, 40)]))
    series = result.series.model_dump()
    for one in (*series["trends"], *series["rates"]):
        if one["step"] == SEARCH:
            one["scenario"] = "setup"
    found = course_of(result.model_copy(update={"series": type(result.series)(**series)}))
    assert [key[2] for key in found.steps] == [FORM]


def test_where_nothing_is_asked_by_http_it_is_about_what_else_there_is():
    result = analysed_result(Platform(healthy, stages=[("hold", 10, 40, 40)]))
    series = result.series.model_dump()
    for one in series["trends"]:
        one["metric"] = "ws_duration"
    found = course_of(result.model_copy(update={"series": type(result.series)(**series)}))
    assert found.noun == "exchanges"
    assert len(found.steps) == 2
