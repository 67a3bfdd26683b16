"""The load that a schedule asked for in each second, from the stages of a result."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.results.run import StageSpan
from wedload.units import NS_PER_S
from wedload.verdict.planned_load import by_ends, is_open, planned_load
from wedload.workload.arrivals import RateStage, total_arrivals
from wedload.workload.stages import Stage, vu_seconds


def users(begin, end, start, target, scenario="main"):
    return StageSpan(scenario, None, begin, end, start, target, None, None)


def rate(begin, end, start, target):
    return StageSpan("main", None, begin, end, None, None, start, target)


@pytest.mark.parametrize(
    ("stages", "load"),
    [
        ([users(0, 3, 5, 5)], [5, 5, 5, 0]),
        ([users(1, 3, 5, 5)], [0, 5, 5, 0]),
        ([users(0.5, 2.5, 4, 4)], [2, 4, 2, 0]),
        # one user more at 1, 2, 3 and 4 s, and none before
        ([users(0, 4, 0, 4)], [0, 1, 2, 3]),
        ([users(0, 4, 4, 0)], [4, 3, 2, 1]),
        ([users(0, 4, 0, 8)], [0.5, 2.5, 4.5, 6.5]),
        ([users(0, 2, 2, 2), users(2, 2, 2, 9), users(2, 4, 9, 9)], [2, 2, 9, 9]),
        ([rate(0, 4, 0, 40)], [5, 15, 25, 35]),
        ([rate(0, 1, 3, 3), rate(1, 2, 3, 1)], [3, 2, 0, 0]),
        ([users(0, 4, 1, 1, "other")], [0, 0, 0, 0]),
    ],
)
def test_load_is_users_times_seconds_or_arrivals(stages, load):
    assert planned_load(stages, "main", 4).tolist() == pytest.approx(load)


def test_a_scenario_of_arrivals_is_open():
    assert is_open([rate(0, 1, 0, 1)], "main")
    assert not is_open([users(0, 1, 0, 1)], "main")


@pytest.mark.parametrize(
    ("arrivals", "ended", "due"),
    [
        ([0, 4, 5, 6, 7, 0], [0, 0, 0, 4, 5, 6], [0, 0, 0, 4, 5, 0]),  # each takes 2 s
        ([4, 5, 6], [4, 5, 6], [4, 5, 6]),
        ([4, 5, 6], [0, 0, 0], [4, 5, 6]),  # none has ended yet
        ([0, 0, 0], [0, 0, 0], [0, 0, 0]),
        ([5, 5, 0, 0, 5], [0, 5, 5, 0, 0], [0, 5, 0, 0, 0]),  # nothing was asked for meanwhile
    ],
)
def test_arrivals_are_to_end_as_much_later_as_the_first_did(arrivals, ended, due):
    assert by_ends(np.array(arrivals, float), np.array(ended)).tolist() == due


levels = st.integers(0, 50)
lengths = st.integers(1, 9)


@given(levels, st.lists(st.tuples(lengths, levels), min_size=1, max_size=4))
def test_all_of_it_is_what_the_schedule_of_users_asks_for(start, parts):
    spans, at, level = [], 0, start
    for length, target in parts:
        spans.append(users(at, at + length, level, target))
        at, level = at + length, target

    stages = [Stage("", length * NS_PER_S, target) for length, target in parts]
    assert planned_load(spans, "main", at).sum() == pytest.approx(vu_seconds(start, stages))


@given(levels, lengths, levels)
def test_all_of_it_is_as_many_arrivals_as_the_schedule_has(start, length, target):
    due = total_arrivals(
        Fraction(start), [RateStage("", length * NS_PER_S, Fraction(target))]
    )  # rounded up

    assert (
        due - 1 < planned_load([rate(0, length, start, target)], "main", length).sum() <= due + 1e-6
        or due == 0
    )
