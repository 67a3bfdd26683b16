"""Goodput by second, and what was to be expected: as much as the result says, as the load goes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.broken_result import fault, unsure, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.html.goodput_seconds import goodput_of


def level(per_s, ratio=1.0):
    return {"per_s": per_s * ratio, "expected_per_s": per_s, "ratio": ratio}


#: of a ramp from 0 to 100 users in 6 s, 6 s at 100, then up to 1,000 for 24 s
GOODPUT = {"before": level(30.0), "during": level(60.0, 0.9), "after": level(90.0)}


@pytest.fixture(scope="module")
def result():
    broken = fault(begin_s=9.5, end_s=20.2, goodput=GOODPUT)
    sample = sample_result(scale=0.1)
    starts = [0, *(one.target_vus for one in sample.stages)]
    stages = [
        one.model_copy(update={"start_vus": start})
        for one, start in zip(sample.stages, starts, strict=False)
    ]
    sample = sample.model_copy(update={"stages": stages})
    return with_faults(sample, [broken, unsure(begin_s=50.0, end_s=52.0)])


def test_good_iterations_are_those_that_did_not_fail(result):
    rates = [one for one in result.series.rates if one.metric == "workflow_failed"]

    found = goodput_of(result)

    assert found.good.tolist() == [
        total - yes for total, yes in zip(rates[0].total, rates[0].yes, strict=True)
    ]


def test_what_was_to_be_expected_of_a_stretch_is_as_the_result_says(result):
    (name, expected), *others = goodput_of(result).expected

    assert (name, others) == ("calendar outage", [])
    assert expected[:9].mean() == pytest.approx(30.0)
    assert expected[9:21].mean() == pytest.approx(60.0)
    assert expected[21:50].mean() == pytest.approx(90.0)  # until the next fault


def test_within_a_stretch_it_goes_with_the_load_of_the_schedule(result):
    (_, expected), *_ = goodput_of(result).expected

    ramp, steady = expected[:6], expected[6:9]
    assert (np.diff(ramp) > 0).all()
    assert steady.max() - steady.min() == pytest.approx(0)
    assert expected[-1] < expected[21]  # users leave towards the end


def test_a_second_after_the_load_is_not_known_and_changes_no_level(result):
    late = result.model_copy(
        update={
            "run": result.run.model_copy(update={"duration_s": 52.4}),
            "faults": result.faults[:1],
        }
    )

    (_, expected), *_ = goodput_of(late).expected

    assert np.isfinite(expected).tolist() == [True] * 52 + [False] * 2
    assert expected[21:52].mean() == pytest.approx(90.0)


def test_what_is_told_per_second_is_over_the_seconds_in_which_there_is_load(result):
    stages = [one for one in result.stages if one.begin_s < 21]
    over_s = max(one.end_s for one in stages)  # the rest is the last iterations' time to end
    assert 21 < over_s < 50
    short = result.model_copy(update={"stages": stages, "faults": result.faults[:1]})

    (_, expected), *_ = goodput_of(short).expected

    assert expected[21 : int(over_s)].mean() == pytest.approx(90.0)
    assert expected[int(over_s) + 1] == 0


def test_where_the_schedule_says_nothing_it_is_level():
    bare = with_faults(sample_result(scale=0.1), [fault(begin_s=9.0, end_s=20.0, goodput=GOODPUT)])
    bare = bare.model_copy(update={"stages": []})

    (_, expected), *_ = goodput_of(bare).expected

    assert expected.tolist() == [30.0] * 9 + [60.0] * 11 + [90.0] * (len(expected) - 20)


def test_what_the_result_does_not_say_is_not_known():
    only = {"before": level(30.0)}
    result = with_faults(sample_result(scale=0.1), [fault(begin_s=9.0, end_s=20.0, goodput=only)])

    (_, expected), *_ = goodput_of(result).expected

    assert np.isfinite(expected).tolist() == [True] * 9 + [False] * (len(expected) - 9)


def test_a_fault_that_the_load_did_not_reach_has_none():
    assert goodput_of(with_faults(sample_result(scale=0.1), [unsure()])).expected == ()


def test_without_faults_there_is_nothing_to_hold_it_against():
    assert goodput_of(sample_result(scale=0.1)) is None
