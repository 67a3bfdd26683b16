"""Figures in few characters: durations, numbers, shares and sparklines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.report.figures import (
    figure_words,
    sparkline,
    stage_label,
    step_figures,
)
from wedload.results.steps import step_labels


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""), ([None, None], "  "), ([0, 0], "  "), ([1], "█"), ([1, None, 2], "▅ █"),
        ([0.0, 8.0], "▁█"), ([1, 2, 3, 4, 5, 6, 7, 8], "▂▃▄▅▆▇██"),
    ],
)  # fmt: skip
def test_sparkline_has_bars_in_proportion_to_the_highest_value(values, shown):
    assert sparkline(values) == shown


@given(st.lists(st.none() | st.floats(min_value=0, max_value=1e9), max_size=20))
def test_sparkline_is_as_long_as_its_values_and_keeps_their_order(values):
    line = sparkline(values)

    assert len(line) == len(values)
    bars = [(value, bar) for value, bar in zip(values, line, strict=True) if bar != " "]
    for value, bar in bars:
        assert value is not None
        for other, other_bar in bars:
            assert value > other or bar <= other_bar


@pytest.mark.parametrize(
    ("at_s", "shown"),
    [
        (0, "stage up (1 of 2)"), (29.9, "stage up (1 of 2)"), (30, "stage down (2 of 2)"),
        (5430, "finishing iterations"),
    ],
)  # fmt: skip
def test_stage_in_force_is_named_with_its_place(make, at_s, shown):
    assert stage_label(make().workload, at_s) == shown


def test_spark_of_a_step_shows_its_last_minute_whenever_it_was_asked_before(make):
    """Stretches that are over are remembered: the picture must be as if they were not."""
    asked, fresh = make(seconds=0).view, make(seconds=0).view
    (number,) = [
        number
        for number, one in enumerate(asked.summary.catalogue.series)
        if one.step == "look" and one.check is None
    ]
    sparks = []
    for second in range(200):
        ms = 1 + second // 10  # rising in steps, so that every stretch counts
        snapshot = Snapshot(
            0, second,
            {CellKey(number, "http_req_duration", 1, "ok"): Histogram.of([ms * 1_000_000] * 3)},
            {CellKey(number, "http_reqs", 1, "ok"): 3},
        )  # fmt: skip
        for view in (asked, fresh):
            view.collected.add(snapshot)
        fresh.known_p95.clear()
        (one,), (other,) = (
            step_figures(view.summary, view.timeline, view.known_p95) for view in (asked, fresh)
        )
        assert one.spark == other.spark
        sparks.append(one.spark)
    assert len(asked.known_p95) <= 9
    assert sparks[0] == "       █"
    assert all(len(spark) == 8 for spark in sparks)
    assert sparks[-1] == "".join(sorted(sparks[-1]))
    assert sparks[-1][0] < sparks[-1][-1] == "█"


@pytest.mark.parametrize(
    ("keys", "labels"),
    [
        ([("a", "w", "look"), ("a", "w", "buy")], ["look", "buy"]),
        ([("a", "w", "look"), ("b", "w", "look")], ["a: look", "b: look"]),
        ([("a", "w", "look"), ("a", "v", "look")], ["w: look", "v: look"]),
        (
            [("a", "w", "look"), ("a", "v", "look"), ("b", "w", "look"), ("b", "w", "buy")],
            ["a w: look", "a v: look", "b: look", "buy"],
        ),
        ([("a", None, "sign in"), ("b", None, "sign in")], ["a: sign in", "b: sign in"]),
    ],
)
def test_steps_of_one_name_are_told_apart_by_scenario_or_workflow(keys, labels):
    assert step_labels(keys) == labels


@pytest.mark.parametrize(
    ("metric", "value", "unit", "words"),
    [
        ("retry_amplification", 1.25, "number", "×1.25"),
        ("retry_amplification", None, "number", "–"),
        ("operation_attempts", 3, "number", "3"),
        ("goodput", 0.973, "ratio", "97.3 %"),
        ("time_to_recover", 4200.0, "ms", "4.20 s"),
        ("of another version", 4.0, "count", "4"),
    ],
)
def test_a_figure_is_shown_with_what_it_is_of(metric, value, unit, words):
    assert figure_words(metric, value, unit) == words
