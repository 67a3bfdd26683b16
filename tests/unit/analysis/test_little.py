from __future__ import annotations

import pytest

from tests.helpers.analysed_results import Platform, analysed_result, healthy
from wedload.analysis.little import little_of

SECONDS = 40


def checked(*, per_s=20.0, took_ms=500.0, vus=10, stages=None, **stage):
    """10 virtual users, 20 iterations a second of 0.5 s each."""
    result = analysed_result(Platform(healthy, stages=[("hold", SECONDS, vus, vus)]))
    series = result.series.model_dump()
    series["counters"] = [
        {"metric": "iterations", "scenario": "main", "count": [round(per_s)] * SECONDS}
    ]
    took = {"unit": "ms", "count": 800, "avg": took_ms}
    one = {
        "scenario": "main", "stage": "hold", "begin_s": 0.0, "end_s": float(SECONDS),
        "start_vus": vus, "target_vus": vus, "target_rate": None,
        "metrics": {"iteration_duration": took},
    } | stage  # fmt: skip
    return little_of(
        result.model_validate(
            result.model_dump(by_alias=True) | {"series": series, "stages": stages or [one]}
        )
    )


def test_it_holds_where_users_times_are_all_accounted_for():
    found = checked()
    assert found.holds
    assert found.error_ratio == pytest.approx(0.0)
    assert (found.in_flight, found.rate_per_s, found.mean_ms) == (10.0, 20.0, 500.0)


def test_it_does_not_hold_where_a_tenth_of_the_iterations_was_lost():
    found = checked(per_s=18.0)
    assert not found.holds
    assert found.error_ratio == pytest.approx(-0.1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"start_vus": 2}, "no stage holds the same number"),
        ({"end_s": SECONDS + 5.0}, "no stage holds the same number"),
        ({"took_ms": 4000.0}, "did 10 iterations in the longest stage"),
        ({"metrics": {}}, "no iteration came to its end"),
        (
            {"start_vus": None, "target_vus": None, "start_rate": 5.0, "target_rate": 5.0},
            "iterations arrive on a beat",
        ),
        (
            {"metrics": {"iteration_lateness": {"unit": "ms", "count": 1, "avg": 1.0}}},
            "with a pace virtual users rest",
        ),
    ],
)  # fmt: skip
def test_where_it_cannot_be_checked_the_reason_is_told(given, why):
    assert why in checked(**given)


def test_of_several_scenarios_nobody_knows_whose_users_they_are():
    result = analysed_result(Platform(healthy, stages=[("hold", 20, 5, 5)]))
    stages = [*result.stages, result.stages[0].model_copy(update={"scenario": "other"})]
    assert "only a plan with one" in little_of(result.model_copy(update={"stages": stages}))
