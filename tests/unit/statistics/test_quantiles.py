"""Differences of quantiles and means are those of the samples, and their deviation is true."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.unit.statistics.series import ar1, log_normal, trend_of
from wedload.statistics.model import Estimate, TooShort
from wedload.statistics.quantiles import estimate_mean, estimate_quantile, merge, quantile_statistic
from wedload.statistics.seconds import TrendBySecond


def one_bucket(counts, low=100, high=199):
    counts = np.asarray(counts, dtype=np.int64)[:, None]
    return TrendBySecond(
        counts, np.array([low]), np.array([high]), np.zeros(len(counts), dtype=np.int64)
    )


def test_quantiles_are_linear_within_a_bucket():
    merged = merge([one_bucket([2, 2])])
    found = merged.quantiles(np.array([[4.0]]), 0.25)
    assert found[0] == pytest.approx(125)


def test_quantiles_and_means_are_those_of_the_samples_to_the_width_of_a_bucket():
    rng = np.random.default_rng(1)
    durations = 30e6 * np.exp(0.7 * rng.normal(size=6_000))
    seconds = np.repeat(np.arange(100), 60)
    trend = trend_of(durations, seconds, np.zeros(100))
    for q in (0.01, 0.5, 0.95, 0.99):
        side = quantile_statistic([trend], q)
        assert side.value == pytest.approx(np.quantile(durations, q), rel=0.008)
    found = estimate_mean([trend], [trend], seed=1)
    assert found.base == pytest.approx(durations.mean(), rel=1e-3)
    assert found.effect == 0


def test_narrowed_buckets_give_the_same_quantiles_as_all_of_them():
    trend = log_normal(3)
    merged = merge([trend])
    weights = np.random.default_rng(2).poisson(1.0, size=(500, 120)).astype(np.float32)
    for q in (0.02, 0.5, 0.95, 0.999):
        exact = merged.quantiles(weights @ merged.counts, q)
        assert merged.resampled(weights, q) == pytest.approx(exact, rel=1e-9)


def test_a_resample_without_samples_has_no_quantile_and_does_no_harm():
    counts = np.zeros((60, 1), dtype=np.int64)
    counts[7] = 5
    trend = TrendBySecond(counts, np.array([100]), np.array([101]), np.zeros(60, dtype=np.int64))
    found = estimate_quantile([trend], [trend], 0.5, seed=1)
    assert isinstance(found, Estimate)
    assert math.isfinite(found.deviation)


def test_a_slower_side_has_a_positive_effect_of_the_ratios_logarithm():
    found = estimate_quantile([log_normal(1)], [log_normal(1, slower=1.3)], 0.95, seed=1)
    assert isinstance(found, Estimate)
    assert found.effect == pytest.approx(math.log(1.3), abs=0.01)
    assert found.current > found.base


def test_values_known_more_exactly_are_taken_as_they_are():
    found = estimate_quantile(
        [log_normal(1)], [log_normal(2)], 0.5, seed=1, base_value=40e6, current_value=50e6
    )
    assert (found.base, found.current) == (40e6, 50e6)
    assert found.effect == pytest.approx(math.log(1.25))


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_the_deviation_is_what_pairs_of_runs_really_differ_by(q):
    pairs = [
        estimate_quantile([log_normal(seed)], [log_normal(seed + 1_000)], q, seed=1, resamples=200)
        for seed in range(150)
    ]
    pairs = [pair for pair in pairs if isinstance(pair, Estimate)]
    assert len(pairs) > 140
    observed = np.std([pair.effect for pair in pairs])
    claimed = math.sqrt(np.mean([pair.deviation**2 for pair in pairs]))
    assert 0.9 < claimed / observed < 1.5, "careful, but not by much"


def test_levels_that_wander_widen_the_deviation():
    def run(seed, phi):
        rng = np.random.default_rng(seed)
        level = np.repeat(0.1 * ar1(seed, 600, phi), 20)
        durations = 50e6 * np.exp(level + 0.2 * rng.normal(size=level.size))
        return trend_of(durations, np.repeat(np.arange(600), 20), np.zeros(600))

    calm = estimate_quantile([run(1, 0.0)], [run(2, 0.0)], 0.5, seed=1)
    wandering = estimate_quantile([run(1, 0.8)], [run(2, 0.8)], 0.5, seed=1)
    assert wandering.deviation > 1.7 * calm.deviation


def test_short_runs_say_that_they_are_too_short():
    found = estimate_quantile([log_normal(1, seconds=19)], [log_normal(2)], 0.5, seed=1)
    assert isinstance(found, TooShort)
    assert (found.blocks, found.needed_blocks) == (19, 20)
    assert found.effect != 0


def test_twenty_seconds_of_independent_requests_are_enough():
    found = estimate_quantile([log_normal(3, seconds=20)], [log_normal(4, seconds=20)], 0.5, seed=1)
    assert isinstance(found, Estimate)
    assert (found.blocks, found.block_s) == (20, 1)


def test_runs_with_other_buckets_are_merged_by_bucket():
    fast, slow = log_normal(1, slower=0.2), log_normal(2, slower=5.0)
    merged = merge([fast, slow])
    assert merged.counts.sum() == fast.counts.sum() + slow.counts.sum()
    assert merged.by_run().sum(axis=1).tolist() == [fast.counts.sum(), slow.counts.sum()]
    assert (np.diff(merged.lows) > 0).all()
    assert (merged.ends > merged.lows).all()


def test_what_runs_differ_by_counts_though_their_seconds_do_not_show_it():
    alike = [log_normal(seed) for seed in range(4)]
    unlike = [log_normal(seed, slower=slower) for seed, slower in enumerate((0.8, 1.2, 0.9, 1.1))]
    quiet = estimate_quantile(alike, alike, 0.5, seed=1)
    loud = estimate_quantile(alike, unlike, 0.5, seed=1)
    assert loud.deviation > 3 * quiet.deviation
    assert loud.degrees == 2 * 4 - 2


@pytest.mark.parametrize(("base", "current"), [(1, 2), (2, 2), (1, 3), (3, 3), (4, 2)])
def test_what_runs_differ_by_is_one_estimate_with_as_many_degrees_as_runs_less_sides(base, current):
    rng = np.random.default_rng(base)
    offsets = np.exp(0.3 * rng.normal(size=base + current))  # seconds differ by next to nothing
    sides = [log_normal(seed, slower=slow) for seed, slow in enumerate(offsets)]
    found = estimate_quantile(sides[:base], sides[base:], 0.5, seed=1, resamples=100)
    assert found.degrees == pytest.approx(base + current - 2, rel=0.25)


@pytest.mark.parametrize("runs", [2, 3, 4])
def test_runs_with_offsets_of_their_own_are_seldom_taken_for_regressions(runs):
    """At the boundary, one-sided 5 %: with one run a side it would be far more."""
    rng = np.random.default_rng(runs)
    wrong = 0
    for _ in range(60):
        offsets = np.exp(0.05 * rng.normal(size=2 * runs))
        sides = [log_normal(int(rng.integers(1 << 30)), 60, 10, slower=slow) for slow in offsets]
        found = estimate_quantile(sides[:runs], sides[runs:], 0.5, seed=1, resamples=100)
        limits = {2: 2.92, 3: 2.13, 4: 1.94}
        wrong += found.effect > limits[runs] * found.deviation
    assert wrong <= 8  # of 60; 3 are expected, more than 8 come in 1 case of 200


def test_durations_of_nothing_are_compared_too():
    """Clocks tick: what is faster than a tick lasts 0 ns, and 0 ms in a table of six digits."""
    nothing = TrendBySecond(
        np.full((60, 1), 9), np.array([0]), np.array([0]), np.zeros(60, np.int64)
    )
    for found in (
        estimate_quantile([nothing], [nothing], 0.5, seed=1, base_value=0.0, current_value=0.0),
        estimate_mean([nothing], [nothing], seed=1),
    ):
        assert isinstance(found, Estimate)
        assert found.effect == 0


def test_a_run_without_samples_is_refused():
    empty = one_bucket([0, 0])
    with pytest.raises(ValueError, match="without a sample"):
        estimate_quantile([empty], [empty], 0.5, seed=1)
    with pytest.raises(ValueError, match="without a sample"):
        estimate_mean([], [empty], seed=1)


@pytest.mark.parametrize("q", [0, 1, -0.5, 95])
def test_a_quantile_out_of_range_is_refused(q):
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_statistic([one_bucket([1])], q)
