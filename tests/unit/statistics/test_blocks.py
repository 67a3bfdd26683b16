"""Blocks are as long as the dependence asks for, and the variance by them is the true one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.statistics.series import ar1
from wedload.statistics.blocks import (
    Strata,
    block_variance,
    centred,
    coarser_excess,
    dependence_s,
    strata_of,
)


def one(seconds):
    return Strata((seconds,), (0,))


def test_strata_begin_where_the_stage_changes():
    strata = strata_of(np.array([3, 3, 3, 4, 4, 7]))
    assert strata.sizes == (3, 2, 1)
    assert strata.starts == (0, 3, 5)
    assert strata.seconds == 6


@pytest.mark.parametrize(
    ("sizes", "degrees", "expected"),
    [((60,), 19, 3), ((300,), 19, 15), ((59,), 19, 2), ((19,), 19, 0), ((20,), 19, 1),
     ((90,) * 6, 19, 21), ((30,) * 18, 19, 14), ((300,), 2, 100), ((), 1, 0)],
)  # fmt: skip
def test_the_longest_block_leaves_the_degrees_of_freedom(sizes, degrees, expected):
    strata = Strata(sizes, tuple(np.cumsum((0, *sizes))[:-1].tolist()))
    assert strata.longest_block(degrees) == expected


def test_dependence_is_the_published_rule_for_an_ar1_series():
    """(2 G^2 / D)^(1/3) n^(1/3) with G/g = 2 phi / (1 - phi^2), at the true autocovariances."""
    n, phi = 20_000, 0.6
    found = [dependence_s(ar1(seed, n, phi) - 0.0, one(n)) for seed in range(8)]
    expected = (1.5 * (2 * phi / (1 - phi**2)) ** 2 * n) ** (1 / 3)
    assert np.median(found) == pytest.approx(expected, rel=0.15)


def test_dependence_of_a_fixed_series_is_as_worked_out_by_hand():
    """Pairs of seconds alike: only lag 1 is significant; the second lag is tapered off."""
    n = 400
    signs = np.random.default_rng(5).choice([-1.0, 1.0], size=n // 2)
    series = centred(np.repeat(signs, 2), one(n))
    covariance = [float(series[: n - lag] @ series[lag:]) / n for lag in range(3)]
    slope, long_run = 2 * covariance[1], covariance[0] + 2 * covariance[1]
    by_hand = np.ceil((1.5 * (slope / long_run) ** 2 * n) ** (1 / 3))
    assert dependence_s(series, one(n)) == by_hand


def test_independent_and_alternating_and_constant_seconds_need_no_longer_blocks():
    assert dependence_s(np.tile([1.0, -1.0], 100), one(200)) == 1
    assert dependence_s(np.zeros(100), one(100)) == 1
    noise = np.random.default_rng(1).normal(size=5_000)
    assert dependence_s(noise - noise.mean(), one(5_000)) <= 5


@pytest.mark.parametrize("seconds", [2, 5, 15, 40, 200])
def test_dependence_is_never_longer_than_the_rule_allows(seconds):
    for seed in range(20):
        walk = np.random.default_rng(seed).normal(size=seconds).cumsum()
        most = np.ceil(min(3 * np.sqrt(seconds), seconds / 3))
        assert 1 <= dependence_s(walk - walk.mean(), one(seconds)) <= most


def test_a_jump_between_stages_is_no_dependence():
    noise = np.random.default_rng(2).normal(size=300)
    series = noise + np.repeat([0.0, 100.0, -50.0], 100)
    strata = strata_of(np.repeat([0, 1, 2], 100))
    assert dependence_s(centred(series, strata), strata) <= 6
    assert dependence_s(series - series.mean(), one(300)) > 20


@pytest.mark.parametrize("sizes", [(400,), (100, 300), (50,) * 8, (12,) * 33])
def test_the_variance_by_blocks_is_unbiased_for_independent_seconds(sizes):
    strata = Strata(sizes, tuple(np.cumsum((0, *sizes))[:-1].tolist()))
    rng = np.random.default_rng(3)
    found = [
        block_variance(centred(rng.normal(size=strata.seconds), strata), strata, 10)
        for _ in range(400)
    ]
    assert np.mean(found) / strata.seconds == pytest.approx(1, abs=0.06)


def test_a_stage_no_longer_than_a_block_is_made_up_for_by_the_others():
    series = np.random.default_rng(4).normal(size=420)
    strata = Strata((400, 5, 15), (0, 400, 405))
    alone = block_variance(centred(series[:400], one(400)), one(400), 15)
    together = block_variance(centred(series, strata), strata, 15)
    assert together == pytest.approx(alone * 420 / 400, rel=0.05)


def test_a_slow_drift_is_seen_by_coarser_blocks_only():
    noise = np.random.default_rng(6).normal(size=300)
    drift = np.sin(np.arange(300) * 2 * np.pi / 300)
    strata = one(300)
    assert coarser_excess(centred(noise + drift, strata), strata, 15) > 3
    assert 1 <= coarser_excess(centred(noise, strata), strata, 15) < 3
    assert coarser_excess(np.zeros(300), strata, 15) == 1
