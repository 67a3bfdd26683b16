"""Intervals of differences: they hold what is true as often as they say, and cross 0 if need be."""

from __future__ import annotations

import numpy as np
import pytest

from wedload.statistics.differences import mean_of_differences, quantile_of_differences
from wedload.statistics.seconds import TrendBySecond


def slots(rng, number, mean, *, alike=0.0):
    """Sums and counts of slots whose means follow each other, more or less alike."""
    level, sums, counts = 0.0, [], []
    for _ in range(number):
        level = alike * level + rng.normal(0, 1)
        count = int(rng.integers(5, 30))
        counts.append(count)
        sums.append(float((mean + level + rng.normal(0, 3, count)).sum()))
    return np.array(sums), np.array(counts, float), np.zeros(number, np.int64)


@pytest.mark.parametrize("alike", [0.0, 0.6])
@pytest.mark.parametrize("mean", [-2.0, 0.0, 5.0])
def test_of_ten_intervals_hardly_one_misses_the_mean(mean, alike):
    rng = np.random.default_rng(int(10 * alike + mean) % 7)
    held = 0
    for seed in range(10):
        interval = mean_of_differences(*slots(rng, 900, mean, alike=alike), seed)
        assert interval is not None
        held += interval[0] < mean < interval[1]
    assert held >= 8


def test_a_few_slots_or_none_are_too_few():
    rng = np.random.default_rng(1)
    assert mean_of_differences(*slots(rng, 12, 1.0), 1) is None
    assert mean_of_differences(np.array([]), np.array([]), np.array([], np.int64), 1) is None


def test_quantiles_of_differences_may_lie_below_0():
    rng = np.random.default_rng(2)
    lows = np.arange(-1000, 1000, 10)
    counts = np.stack(
        [np.histogram(rng.normal(-100, 200, 400), np.append(lows, 1000))[0] for _ in range(60)]
    )
    trend = TrendBySecond(counts, lows, lows + 9, np.zeros(60, np.int64))
    median = quantile_of_differences(trend, 0.5, 1)
    high = quantile_of_differences(trend, 0.95, 1)
    assert median is not None
    assert high is not None
    assert median[0] < -100 < median[1] < 0
    assert high[0] < -100 + 1.645 * 200 < high[1]
    assert (
        quantile_of_differences(TrendBySecond(counts * 0, lows, lows, trend.stages), 0.5, 1) is None
    )
