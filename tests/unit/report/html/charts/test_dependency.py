"""Charts of third parties: how much was asked, how much failed, how long answers took."""

from __future__ import annotations

from tests.helpers.broken_result import fault, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.html.charts.dependency import dependency
from wedload.report.html.charts.figure import ms
from wedload.report.html.drawn import side_of
from wedload.units import format_count


def broken(**changes):
    return with_faults(sample_result(scale=0.1), [fault(begin_s=10.0, end_s=20.0)], **changes)


def test_requests_and_failures_are_drawn_by_second_and_p95_below():
    result = broken()
    made = dependency([side_of("", result)], "calendar")

    requests, failed, took = made.data
    assert [one["name"] for one in made.data] == ["requests", "failed", "p95"]
    assert sum(requests["y"]) == result.dependencies[0].requests
    assert failed["y"][10:20] == requests["y"][10:20]
    assert sum(failed["y"]) == sum(failed["y"][10:20])
    assert took["yaxis"] == "y2"
    words = f"{format_count(result.dependencies[0].requests)} requests came;"
    assert made.summary.startswith(words)


def test_the_fault_is_shaded_and_named_in_it():
    made = dependency([side_of("", broken())], "mail")

    assert [one.label for one in made.bands][-1] == "calendar outage"
    shape, name = made.layout["shapes"][-1], made.layout["annotations"][-1]
    assert shape["fillcolor"] == "var(--band-fault)"
    assert (shape["x0"], shape["x1"]) == (ms(10), ms(20))
    assert (name["text"], name["yanchor"]) == ("calendar outage", "top")


def test_one_that_was_asked_nothing_says_so():
    result = with_faults(sample_result(samples=False), [], {"calendar": "http"})

    assert dependency([side_of("", result)], "calendar").summary.startswith("No request came.")


def test_two_runs_have_a_line_each_and_one_without_it_has_none():
    sides = [side_of("base", sample_result(scale=0.1)), side_of("current", broken())]
    both = [side_of("base", broken(seed=2)), sides[1]]

    assert [one["name"] for one in dependency(sides, "mail").data] == [
        "requests, current", "failed, current", "p95, current",
    ]  # fmt: skip
    assert len(dependency(both, "mail").data) == 6
    assert dependency(sides[:1], "mail").summary == "Nothing was asked of it."
