"""Propagation over time: each point has samples enough, and what was missed is seen."""

from __future__ import annotations

import json

import pytest

from tests.helpers.channel_result import with_channels
from tests.helpers.sample_result import sample_result
from wedload.report.html.channel_seconds import channels_of
from wedload.report.html.charts.bands import bands_of
from wedload.report.html.charts.figure import Side, chart_json
from wedload.report.html.charts.propagation import propagation
from wedload.report.html.seconds import seconds_of


def side_of(label="", *, scale=0.1, samples=True, **channels):
    result = with_channels(sample_result(scale=scale, samples=samples), **channels)
    return Side(label, seconds_of(result), bands_of(result), channels_of(result))


@pytest.fixture(scope="module")
def side():
    return side_of(lost=0.05, per_s=80)


def test_a_webhook_has_two_lines_and_what_was_missed(side):
    figure = propagation([side], "notices")

    assert [one["name"] for one in figure.data] == ["p95", "p50", "missed"]
    p95, p50, missed = figure.data
    assert all(a > b for a, b in zip(p95["y"], p50["y"], strict=True) if a is not None)
    assert missed["yaxis"] == "y2"
    channel = side.channel("notices")
    assert channel is not None
    assert sum(missed["y"]) == channel.took.failed.sum() > 0


def test_realtime_has_the_last_subscriber_too_which_is_later_than_the_others(side):
    figure = propagation([side], "guests")

    assert [one["name"] for one in figure.data] == [
        "p95", "p50", "last subscriber, p95", "missed",
    ]  # fmt: skip
    known = [y for y in figure.data[2]["y"] if y is not None]
    assert min(known) > max(y for y in figure.data[1]["y"] if y is not None)


def test_stages_are_shaded_as_in_the_other_charts(side):
    layout = propagation([side], "notices").layout

    assert len(layout["shapes"]) == len(layout["annotations"]) == 5
    assert layout["xaxis"]["type"] == "date"  # zoomed with the others


def test_where_nothing_was_missed_there_is_no_panel_for_it():
    figure = propagation([side_of(lost=0.0)], "notices")

    assert "yaxis2" not in figure.layout
    assert len(figure.data) == 2
    assert " came in time." in figure.summary


def test_a_sentence_says_the_figures(side):
    words = propagation([side], "notices").summary
    channel = side.channel("notices")
    assert channel is not None

    missed, expected = channel.took.failed.sum(), channel.took.requests.sum()
    assert words.startswith("p95 is between ")
    assert words.endswith(
        f" {missed:,} of {expected:,} that were expected came late or not at all."
    )


def test_two_runs_are_drawn_in_one_chart():
    sides = [side_of("base", lost=0.0), side_of("current", slower=1.4, lost=0.1, seed=2)]

    figure = propagation(sides, "notices")

    assert [one["name"] for one in figure.data] == [
        "p95, base", "p50, base", "p95, current", "p50, current", "missed, base",
        "missed, current",
    ]  # fmt: skip
    assert {one["line"]["dash"] for one in figure.data[:2]} == {"dot"}
    assert "base: p95" in figure.summary
    assert " current: p95" in figure.summary


def test_a_channel_that_one_run_has_not_is_drawn_of_the_other():
    sides = [
        side_of("base", kinds={"notices": "webhook"}, lost=0.0),
        side_of("current", lost=0.0, per_s=60),
    ]

    names = [one["name"] for one in propagation(sides, "guests").data]

    assert names == ["p95, current", "p50, current", "last subscriber, p95, current"]


@pytest.mark.parametrize("changes", [{"samples": False}, {"per_s": 0.0}, {"per_s": 0.1}])
def test_any_run_has_a_figure_that_is_json(changes):
    for name in ("notices", "guests", "nobody"):
        figure = propagation([side_of(**changes)], name)

        json.dumps(chart_json([figure]), allow_nan=False)
        assert figure.summary.endswith(".")


def test_a_line_without_a_point_has_no_legend():
    names = [one["name"] for one in propagation([side_of(per_s=20, lost=0.0)], "guests").data]

    assert names == ["p95", "p50"]  # for the last subscribers there are too few messages
