"""Differences of shares: zeros prove only what they can, bursts widen, Newcombe's table holds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.statistics.series import counts, shares
from wedload.statistics.counts import estimate_rate
from wedload.statistics.decide import high_bound
from wedload.statistics.model import Estimate, TooShort
from wedload.statistics.shares import _newcombe, cases_to_clear, estimate_share, wilson

Z95 = 1.959963985


@pytest.mark.parametrize(
    ("yes", "total", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_bounds_are_the_published_ones(yes, total, low, high):
    assert wilson(yes, total, Z95) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("current", "base", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10: of current - base
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_differences_are_bounded_as_published(current, base, low, high):
    difference = current[0] / current[1] - base[0] / base[1]
    down, up = _newcombe(base, current, Z95)
    assert (difference - down, difference + up) == pytest.approx((low, high), abs=6e-5)


def test_no_failure_in_few_requests_proves_less_than_in_many():
    few = estimate_share([shares([0] * 60, 1)], [shares([0] * 60, 1)], seed=1)
    many = estimate_share([shares([0] * 60, 100)], [shares([0] * 60, 100)], seed=1)
    assert isinstance(few, Estimate)
    assert few.effect == many.effect == 0
    assert few.upward > 0.03
    assert 0 < many.upward < 0.001


@pytest.mark.parametrize(("a_second", "clears"), [(14, False), (15, True)])
def test_so_many_cases_without_a_failure_clear_a_margin(a_second, clears):
    none = [shares([0] * 60, a_second)]
    found = estimate_share(none, none, seed=1)
    assert isinstance(found, Estimate)
    assert (60 * a_second >= cases_to_clear(0.005, found.degrees)) is clears
    assert (high_bound(found) < 0.005) is clears


def test_a_share_near_zero_can_be_more_by_more_than_be_less():
    found = estimate_share([shares([0] * 60, 100)], [shares([1] + [0] * 59, 100)], seed=1)
    assert found.upward > found.deviation > 0


def test_failures_that_come_together_are_less_sure_than_scattered_ones():
    scattered = np.zeros(200, dtype=int)
    scattered[::10] = 10
    burst = np.zeros(200, dtype=int)
    burst[40:44] = 50
    calm = shares([0] * 200, 100)
    apart = estimate_share([calm], [shares(scattered, 100)], seed=1)
    together = estimate_share([calm], [shares(burst, 100)], seed=1)
    assert apart.effect == together.effect == pytest.approx(0.01)
    if isinstance(together, Estimate):
        assert together.deviation > 2 * apart.deviation


def test_the_share_of_runs_that_differ_is_less_sure():
    alike = [shares([1] * 60, 100) for _ in range(3)]
    unlike = [shares([more] * 60, 100) for more in (0, 1, 2)]
    assert (
        estimate_share(alike, unlike, seed=1).deviation
        > 2 * estimate_share(alike, alike, seed=1).deviation
    )


def test_a_throughput_that_fell_is_a_positive_effect():
    rng = np.random.default_rng(1)
    found = estimate_rate([counts(rng.poisson(110, 100))], [counts(rng.poisson(100, 100))], seed=1)
    assert found.effect == pytest.approx(math.log(1.1), abs=0.03)
    assert found.deviation == pytest.approx(math.sqrt(1 / 11_000 + 1 / 10_000), rel=0.4)


def test_a_constant_throughput_has_no_deviation():
    found = estimate_rate([counts([50] * 60)], [counts([40] * 60)], seed=1)
    assert isinstance(found, Estimate)
    assert (found.base, found.current, found.deviation) == (50, 40, 0)
    assert found.effect == pytest.approx(math.log(1.25))


def test_a_stop_is_a_large_effect_and_nothing_on_both_sides_is_none():
    stop = estimate_rate([counts([50] * 60)], [counts([0] * 60)], seed=1)
    assert stop.effect > 3 * stop.deviation > 0
    nothing = estimate_rate([counts([0] * 60)], [counts([0] * 60)], seed=1)
    assert nothing.effect == 0
    assert nothing.deviation > 1, "nothing in both proves nothing"
    rare = estimate_rate([counts([1] + [0] * 59)], [counts([0] * 60)], seed=1)
    assert rare.effect < rare.deviation


def test_short_series_are_too_short():
    assert isinstance(estimate_rate([counts([5] * 19)], [counts([5] * 60)], seed=1), TooShort)
    assert isinstance(
        estimate_share([shares([0] * 19, 5)], [shares([0] * 60, 5)], seed=1), TooShort
    )


def test_what_has_no_case_is_refused():
    with pytest.raises(ValueError, match="single case"):
        estimate_share([shares([0] * 60, 0)], [shares([0] * 60, 5)], seed=1)
    with pytest.raises(ValueError, match="without a second"):
        estimate_rate([counts([])], [counts([1])], seed=1)
