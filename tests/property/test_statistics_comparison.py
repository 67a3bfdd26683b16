"""For any runs: what a comparison says keeps to the symmetries that the truth has."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.statistics.series import counts, log_normal, shares
from wedload.statistics.blocks import Strata, centred, strata_of
from wedload.statistics.counts import estimate_rate
from wedload.statistics.decide import decide
from wedload.statistics.model import Estimate, TooShort
from wedload.statistics.quantiles import estimate_mean, estimate_quantile
from wedload.statistics.ranks import decide_by_rank, p_larger, rank_estimate
from wedload.statistics.resample import resample
from wedload.statistics.seconds import TrendBySecond
from wedload.statistics.shares import estimate_share
from wedload.statistics.student import t_quantile, t_tail

SETTINGS = settings(deadline=None, max_examples=40)
MANY = settings(deadline=None, max_examples=200)
SEEDS = st.integers(0, 10_000)
QUANTILES = st.sampled_from([0.1, 0.5, 0.9, 0.95, 0.99])
FEW = 100  # resamples

estimates = st.builds(
    Estimate,
    base=st.just(1.0), current=st.just(1.0),
    effect=st.floats(-1, 1), deviation=st.one_of(st.just(0.0), st.floats(1e-6, 1)),
    degrees=st.floats(1, 200), blocks=st.just(20), block_s=st.just(3),
    deviation_up=st.one_of(st.none(), st.floats(1e-6, 1)),
)  # fmt: skip
rows = st.lists(st.tuples(estimates, st.floats(0, 0.2)), max_size=12)
values = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=6)
runs = st.lists(st.integers(-20, 20).map(float), min_size=5, max_size=8)


@MANY
@given(rows)
def test_a_low_bound_above_the_margin_is_a_regression_and_nothing_else_is(rows):
    for (estimate, margin), found in zip(rows, decide(rows), strict=True):
        assert (found.outcome == "regression") == (found.low > margin)
        assert (found.outcome == "no-regression") == (found.high < margin)
        assert found.low <= estimate.effect <= found.high or found.low == margin
        assert 0 <= found.p <= 1
        assert found.longer is None or (found.longer >= 1 and found.outcome == "inconclusive")


@MANY
@given(rows, st.floats(0.001, 0.3))
def test_rejected_rows_are_those_of_holms_definition(rows, alpha):
    """In the order of p, all rows up to the first whose p is above alpha/(m - place)."""
    found = decide(rows, alpha)
    p_values = sorted((row.p, place) for place, row in enumerate(found))
    expected: set[int] = set()
    for done, (p, place) in enumerate(p_values):
        limit = alpha / (len(rows) - done)
        if math.isclose(p, limit, rel_tol=1e-6):
            return  # a matter of rounding
        if p > limit:
            break
        expected.add(place)
    assert {place for place, row in enumerate(found) if row.outcome == "regression"} == expected


@MANY
@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    found = decide(rows)
    again = decide([rows[place] for place in order])
    assert [row.outcome for row in again] == [found[place].outcome for place in order]


@MANY
@given(rows, estimates, st.floats(0, 0.2))
def test_one_more_row_claims_no_more_regressions_of_the_others(rows, estimate, margin):
    fewer = decide(rows)
    more = decide([*rows, (estimate, margin)])[:-1]
    if decide([(estimate, margin)], alpha=0.05 / (len(rows) + 1))[0].outcome != "regression":
        for before, after in zip(fewer, more, strict=True):
            assert after.outcome != "regression" or before.outcome == "regression"


@SETTINGS
@given(SEEDS, SEEDS, QUANTILES)
def test_swapped_sides_have_the_opposite_effect(one, other, q):
    a, b = log_normal(one), log_normal(other, slower=1.1)
    there = estimate_quantile([a], [b], q, seed=1, resamples=FEW)
    back = estimate_quantile([b], [a], q, seed=1, resamples=FEW)
    assert there.effect == pytest.approx(-back.effect)
    assert type(there) is type(back)
    if isinstance(there, Estimate):
        assert there.deviation == pytest.approx(back.deviation, rel=0.6)  # other resamples


@SETTINGS
@given(SEEDS, SEEDS, QUANTILES, st.integers(1, 6))
def test_the_unit_of_durations_does_not_matter(one, other, q, doublings):
    """Twice the durations are the same buckets an octave higher: nothing else changes."""
    sides = [log_normal(one), log_normal(other)]
    larger = [
        TrendBySecond(
            side.counts, side.lows_ns << doublings, ((side.highs_ns + 1) << doublings) - 1,
            side.stages,
        )
        for side in sides
    ]  # fmt: skip
    small = estimate_quantile([sides[0]], [sides[1]], q, seed=1, resamples=FEW)
    large = estimate_quantile([larger[0]], [larger[1]], q, seed=1, resamples=FEW)
    assert large.current == pytest.approx(small.current * 2**doublings)
    assert large.effect == pytest.approx(small.effect)
    if isinstance(small, Estimate):
        assert large.deviation == pytest.approx(small.deviation, rel=1e-6)


@SETTINGS
@given(SEEDS, QUANTILES, st.floats(0.5, 2.0))
def test_slower_by_a_ratio_adds_its_logarithm_and_keeps_the_deviation(seed, q, ratio):
    """What the calibration takes for granted, to the width of a bucket."""
    base, current = log_normal(seed), log_normal(seed + 1)
    slower = log_normal(seed + 1, slower=ratio)
    plain = estimate_quantile([base], [current], q, seed=1, resamples=FEW)
    shifted = estimate_quantile([base], [slower], q, seed=1, resamples=FEW)
    assert shifted.effect - plain.effect == pytest.approx(math.log(ratio), abs=0.01)
    if isinstance(plain, Estimate) and isinstance(shifted, Estimate):
        assert shifted.deviation == pytest.approx(plain.deviation, rel=0.25)


@SETTINGS
@given(SEEDS, QUANTILES)
def test_a_run_does_not_differ_from_itself(seed, q):
    run = log_normal(seed)
    for found in (
        estimate_quantile([run], [run], q, seed=1, resamples=FEW),
        estimate_mean([run], [run], seed=1, resamples=FEW),
    ):
        assert found.effect == 0
        if isinstance(found, Estimate):
            assert decide([(found, 0.0)])[0].outcome == "inconclusive"


@SETTINGS
@given(SEEDS, st.permutations([0, 1, 2]))
def test_the_order_of_stages_does_not_matter(seed, order):
    """Beyond the resamples drawn: same effect, same blocks, a deviation that is close."""
    run = log_normal(seed, seconds=180, stages=np.repeat([0, 1, 2], 60))
    picked = np.concatenate([np.arange(60) + 60 * stage for stage in order])
    moved = replace(run, counts=run.counts[picked])
    plain = estimate_quantile([run], [run], 0.9, seed=1, resamples=400)
    other = estimate_quantile([moved], [run], 0.9, seed=1, resamples=400)
    assert other.effect == pytest.approx(0, abs=1e-12)
    assert (other.blocks, other.block_s) == (plain.blocks, plain.block_s)
    if isinstance(plain, Estimate):
        assert other.deviation == pytest.approx(plain.deviation, rel=0.2)


@SETTINGS
@given(st.lists(st.integers(0, 50), min_size=1, max_size=80), SEEDS)
def test_shares_and_throughput_of_any_series_are_finite_and_mirror(yes, seed):
    total = np.array(yes) + np.random.default_rng(seed).integers(1, 9, size=len(yes))
    a, b = shares(yes, total), shares(np.array(yes)[::-1], total[::-1])
    there = estimate_share([a], [b], seed=1, resamples=FEW)
    back = estimate_share([b], [a], seed=1, resamples=FEW)
    assert there.effect == -back.effect
    rates = estimate_rate([counts(yes)], [counts(total)], seed=1, resamples=FEW)
    assert rates.effect <= 0, "more per second is better"
    for found in (there, rates):
        assert isinstance(found, TooShort) == (found.blocks < 20)
        if isinstance(found, Estimate):
            assert math.isfinite(found.deviation)
            assert found.degrees > 0


@SETTINGS
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 30), SEEDS)
def test_resamples_keep_every_stage_whole(sizes, block_s, seed):
    strata = Strata(tuple(sizes), tuple(np.cumsum([0, *sizes])[:-1].tolist()))
    weights = resample(strata, block_s, seed, 20)
    for start, size in zip(strata.starts, strata.sizes, strict=True):
        assert (weights[:, start : start + size].sum(axis=1) == size).all()
    assert (weights >= 0).all()


@SETTINGS
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), SEEDS)
def test_centred_series_sum_to_nothing_in_each_stage(lengths, seed):
    stages = np.repeat(np.arange(len(lengths)), np.array(lengths) + 1)
    series = np.random.default_rng(seed).normal(size=stages.size)
    strata = strata_of(stages)
    found = centred(series, strata)
    sums = [found[at : at + n].sum() for at, n in zip(strata.starts, strata.sizes, strict=True)]
    assert sums == pytest.approx([0] * len(sums), abs=1e-9)
    assert (centred(stages.astype(float), strata) == 0).all()


@MANY
@given(st.floats(0.5, 1e4), st.floats(1e-4, 0.9999))
def test_quantiles_of_students_t_are_the_inverse_of_its_tail(degrees, level):
    assert t_tail(t_quantile(level, degrees), degrees) == pytest.approx(1 - level, rel=1e-8)


@SETTINGS
@given(values, values)
def test_rank_p_values_are_those_of_counting_every_case(base, current):
    pooled = np.array([*base, *current])
    ranks = [(pooled < v).sum() + ((pooled == v).sum() + 1) / 2 for v in pooled]
    ways = [sum(pick) for pick in itertools.combinations(ranks, len(current))]
    expected = sum(way >= sum(ranks[len(base) :]) - 1e-9 for way in ways) / len(ways)
    assert p_larger(base, current) == pytest.approx(expected)


@SETTINGS
@given(st.lists(st.tuples(runs, runs, st.integers(0, 5).map(float)), min_size=1, max_size=3))
def test_outcomes_by_rank_follow_from_their_bounds(rows):
    for (base, current, margin), found in zip(rows, decide_by_rank(rows), strict=True):
        assert (found.outcome == "regression") == (found.low > margin)
        assert (found.outcome == "no-regression") == (found.high < margin)
        estimate = rank_estimate(base, current)
        assert estimate.low <= estimate.effect <= estimate.high


@SETTINGS
@given(runs, runs, st.integers(-5, 5).map(float))
def test_a_shift_moves_the_rank_estimate_and_a_swap_mirrors_it(base, current, shift):
    plain = rank_estimate(base, current)
    moved = rank_estimate(base, [value + shift for value in current])
    mirrored = rank_estimate(current, base)
    assert (moved.effect, moved.low, moved.high) == (
        plain.effect + shift, plain.low + shift, plain.high + shift,
    )  # fmt: skip
    assert (mirrored.effect, mirrored.low, mirrored.high) == (
        -plain.effect, -plain.high, -plain.low,
    )  # fmt: skip
