"""A result's series, as charts want them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.sample_result import sample_result
from wedload.metrics.histogram import Histogram
from wedload.report.html.seconds import narrowest_s, seconds_of, stretches


@pytest.fixture(scope="module")
def result():
    return sample_result(scale=0.2)


def test_steps_add_up_to_all_requests(result):
    seconds = seconds_of(result)
    assert seconds.length == 108
    total = sum(one.requests.sum() for one in seconds.steps)
    assert seconds.everything.requests.sum() == total == result.metrics["http_reqs"].count
    assert seconds.everything.failed.sum() == result.metrics["http_req_failed"].yes
    assert seconds.everything.whole.count == result.metrics["http_req_duration"].count


def test_durations_by_second_hold_every_sample(result):
    seconds = seconds_of(result)
    for step in (seconds.everything, *seconds.steps):
        assert sum(one.count for _, one in step.durations) == step.whole.count
        assert all(one.count == step.requests[second] for second, one in step.durations)


def test_set_up_and_clean_up_are_no_load(result):
    parts = result.model_dump(by_alias=True)
    for part in (parts["steps"], parts["series"]["rates"], parts["series"]["trends"]):
        part[0]["scenario"] = "cleanup"
    changed = seconds_of(type(result).model_validate(parts))
    labels = [one.label for one in changed.steps]
    assert "create intake form" not in labels
    assert len(labels) == 4


def test_series_of_one_step_in_several_groups_are_one_line(result):
    parts = result.model_dump(by_alias=True)
    for name in ("rates", "trends"):
        parts["series"][name][1] |= {"step": "create intake form", "group": "second"}
    changed, whole = seconds_of(type(result).model_validate(parts)), seconds_of(result)
    first = changed.of("create intake form")
    assert first is not None
    assert first.requests.tolist() == (whole.steps[0].requests + whole.steps[1].requests).tolist()
    assert sum(one.count for _, one in first.durations) == first.requests.sum()


def test_a_run_without_a_second_has_no_step():
    seconds = seconds_of(sample_result(samples=False))
    assert (seconds.length, seconds.steps) == (0, ())
    assert seconds.everything.whole.count == 0
    assert seconds.of("no such step") is None


@given(
    counts=st.lists(st.integers(0, 90), max_size=60), needed=st.integers(1, 100),
    narrowest=st.integers(1, 5),
)  # fmt: skip
def test_stretches_cover_a_run_without_gap_and_hold_samples_enough_or_none(
    counts, needed, narrowest
):
    step = seconds_of(sample_result(samples=False)).everything
    durations = tuple(
        (second, Histogram.of(np.full(count, 1000))) for second, count in enumerate(counts) if count
    )
    step = type(step)("x", step.requests, step.failed, durations, step.whole)
    found = stretches(step, len(counts), needed, narrowest)
    assert [begin for begin, *_ in found] == [0, *(end for _, end, _ in found)][: len(found)]
    assert (found[-1][1] if found else 0) == len(counts)
    for begin, end, histogram in found:
        inside = sum(counts[begin:end])
        assert histogram is None if inside < needed else histogram.count == inside
        if end - begin > narrowest:
            assert sum(counts[begin : end - 1]) < needed, "a shorter one would have had enough"


@pytest.mark.parametrize(("length", "width"), [(1, 1), (720, 1), (721, 2), (28_800, 60)])
def test_a_long_run_has_no_more_points_than_a_chart_has_room_for(length, width):
    assert narrowest_s(length, 720) == width


@pytest.mark.parametrize(("steps", "most"), [(1, 720), (11, 720), (20, 428), (200, 120)])
def test_a_page_of_many_steps_has_fewer_points_for_each(steps, most):
    names = [f"step {number}" for number in range(steps)]
    assert seconds_of(sample_result(scale=0.02, steps=names)).most_bins == most
