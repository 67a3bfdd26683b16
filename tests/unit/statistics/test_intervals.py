"""Intervals of one run hold the truth as often as they say, and are none where nothing is known."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from tests.unit.statistics.series import counts, log_normal, shares, trend_of
from wedload.statistics.intervals import (
    mean_interval,
    quantile_interval,
    rate_interval,
    share_interval,
)


def test_95_of_100_intervals_of_a_p95_hold_the_true_one():
    true = 50e6 * math.exp(0.5 * NormalDist().inv_cdf(0.95))
    found = [quantile_interval(log_normal(seed), 0.95, 1, resamples=200) for seed in range(200)]
    held = [low <= true <= high for low, high in filter(None, found)]
    assert len(held) > 190
    assert 0.91 <= sum(held) / len(held) <= 0.995


def test_the_interval_is_around_the_value_that_is_given():
    low, high = quantile_interval(log_normal(1), 0.5, 1, value=60e6)
    assert math.sqrt(low * high) == pytest.approx(60e6)
    low, high = mean_interval(log_normal(1), 1, value=70e6)
    assert math.sqrt(low * high) == pytest.approx(70e6)


def test_short_or_empty_series_have_no_interval():
    assert quantile_interval(log_normal(1, seconds=19), 0.5, 1) is None
    empty = trend_of([], [], np.zeros(60))
    assert quantile_interval(empty, 0.5, 1) is None
    assert mean_interval(empty, 1) is None
    assert share_interval(shares([0] * 60, 0), 1) is None
    assert share_interval(shares([0] * 19, 9), 1) is None
    assert rate_interval(counts([]), 1) is None
    assert rate_interval(counts([0] * 19), 1) is None


def test_shares_at_the_ends_are_bounded_by_what_so_many_can_prove():
    low, high = share_interval(shares([0] * 60, 10), 1)
    assert low == 0
    assert 3 / 600 < high < 5 / 600
    low, high = share_interval(shares([10] * 60, 10), 1)
    assert high == 1
    assert 1 - 5 / 600 - 1 / 600 < low < 1 - 3 / 600


def test_a_constant_rate_is_certain_and_one_of_nothing_is_bounded():
    assert rate_interval(counts([7] * 60), 1) == (7, 7)
    low, high = rate_interval(counts([0] * 60), 1)
    assert low == 0
    assert high == pytest.approx(-math.log(0.025) / 60)  # P(no event) = 2.5 %


def test_a_poisson_rate_is_known_to_two_deviations():
    rng = np.random.default_rng(1)
    low, high = rate_interval(counts(rng.poisson(100, 400)), 1)
    assert low < 100 < high
    assert high - low == pytest.approx(4 * math.sqrt(100 / 400), rel=0.5)
