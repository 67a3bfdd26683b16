"""Charts of resources: one of each quantity that several have, one of what one alone has."""

from __future__ import annotations

import pytest

from tests.helpers.sample_result import sample_result
from tests.helpers.watched import level, with_resources
from wedload.report.html.charts.resource import drawn_of, resource
from wedload.report.html.drawn import resource_charts, side_of
from wedload.results.resources_model import Resource


def one_side(**changes):
    return [side_of("", with_resources(sample_result(scale=0.1, **changes)))]


def test_there_is_a_chart_of_each_quantity_that_is_more_than_nothing():
    assert [(one.title, one.lines) for one in drawn_of(one_side())] == [
        ("CPU (100 % is one core)", (("machine", "cpu"), ("api", "cpu"))),
        ("Memory", (("api", "memory"),)),
        ("Open descriptors", (("api", "descriptors"),)),
        (
            "db: sessions",
            (("db", "connections"), ("db", "active"), ("db", "waiting"), ("db", "lock_waits")),
        ),
        ("queue", (("queue", "value"),)),
    ]


def test_lines_are_the_levels_in_the_unit_of_the_axis_and_words_say_the_highest():
    sides = one_side()
    cpu = next(iter(drawn_of(sides)))

    made = resource(sides, cpu)

    machine, api = made.data
    length = sides[0].length
    assert (machine["name"], api["name"]) == ("machine", "api")
    assert machine["y"] == [pytest.approx(200 * n / length, rel=1e-3) for n in range(length)]
    assert (api["y"][0], api["connectgaps"]) == (None, True)
    assert made.layout["yaxis"]["title"]["text"] == "%"
    assert made.summary.startswith("machine: ")
    assert " at 00:53." in made.summary


def test_two_runs_have_a_line_each_and_one_without_it_has_none():
    without = [side_of("base", sample_result(scale=0.1)), *one_side()]
    sides = [side_of("base", with_resources(sample_result(scale=0.1))), *one_side()]

    assert len(resource(without, next(iter(drawn_of(without)))).data) == 2
    made = resource(sides, next(iter(drawn_of(sides))))
    assert [one["line"]["dash"] for one in made.data] == ["dot", "dot", "solid", "solid"]


def test_stages_are_shaded_as_in_every_chart_over_time():
    made = resource(one_side(), next(iter(drawn_of(one_side()))))

    assert made.bands
    assert len(made.layout["annotations"]) >= len(made.bands)


def test_long_runs_are_drawn_by_means_and_gaps_are_not_zeros():
    result = sample_result(scale=4)
    values = [None if n % 5 else 2.0 for n in range(len(result.series.second))]
    found = [Resource(name="a", kind="process", what="", figures=[level("cpu", values)])]
    sides = [side_of("", with_resources(result, found))]

    (trace,) = resource(sides, next(iter(drawn_of(sides)))).data

    assert len(trace["y"]) < len(values)
    assert {one for one in trace["y"] if one is not None} == {200.0}


def test_a_result_without_seconds_or_resources_has_no_charts():
    assert resource_charts([side_of("", sample_result(scale=0.1))]) == []
