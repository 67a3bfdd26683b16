"""The soak: its plan is one that wedload drives, and its figures are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import soak
from wedload.plan.loader import parse_plan


def test_the_plan_has_a_stage_a_minute_at_one_rate():
    text = soak.plan("http://127.0.0.1:80", rate=100, minutes=3, vus=8)
    (scenario,) = parse_plan(text, file="soak.toml", base=Path()).plan.scenarios.values()
    assert scenario.executor == "ramping-arrival-rate"
    assert [stage.target for stage in scenario.stages] == [100] * 3
    assert scenario.max_vus == 8


@pytest.mark.parametrize(
    ("memory", "ratio"),
    [([50, 60, 60, 66], 0.1), ([50, 60, 54], -0.1), ([50, 60], 0.0), ([50], 0.0)],
)
def test_growth_is_that_from_the_second_minute_to_the_last(memory, ratio):
    assert soak.growth(memory) == pytest.approx(ratio)


def test_memory_of_a_minute_is_the_median_of_its_samples():
    samples = [(0.0, 1 << 20), (30.0, 3 << 20), (59.9, 2 << 20), (60.0, 5 << 20)]
    assert soak.by_minute(samples) == [2, 5]
