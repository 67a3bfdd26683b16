"""A picture of a run: what it says of the run itself."""

from __future__ import annotations

import pytest

from tests.helpers.pictures import COMMON, picture_of_shop, points_of, standing
from wedload.export.picture import verdict_picture


def test_every_series_says_of_which_run_it_is():
    for family in picture_of_shop().families:
        for point in family.points:
            assert COMMON.items() <= dict(point.labels).items(), family.name
            assert list(point.labels) == sorted(point.labels)


def test_the_stage_in_force_is_1_and_the_others_0():
    active = points_of(picture_of_shop(), "wedload_stage_active")
    assert active == {
        (("scenario", "main"), ("stage", "ramp")): 0,
        (("scenario", "main"), ("stage", "peak")): 1,
    }
    assert points_of(picture_of_shop(), "wedload_fault_active") == {(("fault", "outage"),): 0}


def test_in_the_last_picture_nothing_is_in_force():
    active = points_of(picture_of_shop(is_last=True), "wedload_stage_active")
    assert set(active.values()) == {0}


def test_rows_are_in_base_units_and_one_without_samples_is_not_said_to_be_met():
    found = picture_of_shop()
    of_row = (("benchmark", "fast"), ("metric", "http_req_duration"))
    observed = points_of(found, "wedload_benchmark_observed")
    assert observed == {(*of_row, ("unit", "seconds")): pytest.approx(0.05, rel=1e-3)}
    assert set(points_of(found, "wedload_benchmark_threshold").values()) == {0.2}
    assert points_of(found, "wedload_benchmark_met") == {of_row: 1}
    assert sorted(points_of(found, "wedload_benchmark_samples").values()) == [0, 100]


def test_the_verdict_is_1_for_what_it_is_and_0_for_what_it_is_not():
    found = verdict_picture(COMMON, standing(is_last=True), "fail")
    assert points_of(found, "wedload_verdict") == {
        (("outcome", "pass"),): 0, (("outcome", "fail"),): 1, (("outcome", "invalid"),): 0,
    }  # fmt: skip
    assert points_of(found, "wedload_run_end_timestamp_seconds") == {(): 1_700_000_007.0}
    assert found.is_last
