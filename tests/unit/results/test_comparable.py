"""Which runs are fit to be set beside others, and what they were asked for differently."""

from __future__ import annotations

import pytest

from wedload.results.comparable import differences, unfit


@pytest.mark.parametrize(
    ("run", "valid", "found"),
    [
        ({}, True, []),
        ({"interrupted": True}, True, ["interrupted"]),
        ({"aborted_s": 3.0}, True, ["aborted"]),
        ({"aborted_s": 3.0, "interrupted": True}, True, ["interrupted"]),
        ({"complete": False}, False, ["not complete", "invalid"]),
    ],
)
def test_a_part_of_a_load_and_figures_that_nobody_trusts_are_unfit(result, run, valid, found):
    assert list(unfit(result(seed=1, seconds=3, run=run).run, valid=valid)) == found


@pytest.mark.parametrize(
    ("run", "stages", "found"),
    [
        ({}, ("up", "hold"), []),
        ({"plan": "other"}, ("up", "hold"), []),
        ({"target": "staging"}, ("up", "hold"), ["target"]),
        ({"load_hash": "00"}, ("up", "down"), ["load", "schedule"]),
        ({"planned_s": 0.0}, ("up", "hold"), ["schedule"]),
        ({"time_scale": 2.0}, ("up",), ["time scale"]),  # of which the schedule follows
    ],
)
def test_runs_are_alike_if_they_were_asked_for_the_same_load(result, run, stages, found):
    one = result(seed=1, seconds=4)
    other = result(seed=2, seconds=4, run=run, stages=stages)

    assert list(differences(one, other)) == found


def test_the_name_of_the_plan_counts_only_where_it_is_asked_for(result):
    one, other = result(seed=1, seconds=3), result(seed=2, seconds=3, run={"plan": "other"})

    assert list(differences(one, other, same_plan=True)) == ["plan"]
