"""Runs that are too short for an estimate, and lie apart all the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.statistics.decide import decide
from wedload.statistics.model import Estimate, Separation, TooShort
from wedload.statistics.quantiles import estimate_quantile, quantile_statistic
from wedload.statistics.seconds import ShareBySecond, TrendBySecond
from wedload.statistics.separation import separation
from wedload.statistics.shares import estimate_share

EDGES = np.unique(np.geomspace(1_000, 10_000_000, 800).astype(np.int64))
MARGIN = math.log(1.05)


def short(ms, seed, wave=0.02):
    """A run of 18 s, which can have no 20 blocks; its level differs from second to second."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((18, EDGES.size - 1), np.int64)
    for second in range(18):
        level = math.exp(wave * (-1) ** rng.integers(2))
        values = rng.lognormal(math.log(ms * 1e4 * level), 0.05, 80)
        counts[second] = np.histogram(values, EDGES)[0]
    return TrendBySecond(counts, EDGES[:-1], EDGES[1:] - 1, np.zeros(18, np.int64))


def p50(base, current):
    return estimate_quantile([base], [current], 0.5, seed=1, resamples=200)


@pytest.mark.parametrize(("times", "outcome"), [(18, "regression"), (1, "inconclusive")])
def test_a_short_run_shows_what_is_many_times_as_slow_and_nothing_else(times, outcome):
    found = p50(short(5, 1), short(5 * times, 2))

    assert isinstance(found, TooShort)
    (decision,) = decide([(found, MARGIN)])
    assert decision.outcome == outcome
    assert (decision.low > MARGIN) == (outcome == "regression")
    if outcome == "regression":
        assert found.apart is not None
        assert math.log(10) < decision.low < found.effect == pytest.approx(math.log(18), abs=0.05)
        assert decision.p == found.apart.p < 0.002


def test_what_is_faster_lies_apart_the_other_way_and_is_no_regression():
    found = p50(short(90, 1), short(5, 2))

    assert isinstance(found, TooShort)
    assert found.apart is not None
    assert found.apart.low < found.effect / 2 < 0
    assert decide([(found, MARGIN)])[0].outcome == "inconclusive"


def test_sides_must_be_further_apart_than_the_stretches_of_a_side():
    nearer, further = p50(short(10, 1, 0.1), short(13.5, 2, 0.1)), p50(short(10, 1), short(13.5, 2))

    assert isinstance(nearer, TooShort)
    assert isinstance(further, TooShort)
    (one,), (other,) = decide([(nearer, MARGIN)]), decide([(further, MARGIN)])
    assert (one.outcome, other.outcome) == ("inconclusive", "regression")
    assert one.longer is None


def test_a_run_that_is_too_short_in_one_piece_is_not_taken_for_many():
    side = (
        quantile_statistic([short(5, 1)], 0.5, None),
        quantile_statistic([short(500, 2)], 0.5, None),
    )

    assert separation(*side, block_s=3) is not None
    assert separation(*side, block_s=4) is None  # four blocks


def test_failures_that_begin_and_go_on_are_seen_in_a_short_run():
    total = np.full(18, 50)
    stages = np.zeros(18, np.int64)
    base = ShareBySecond(np.zeros(18, np.int64), total, stages)
    current = ShareBySecond(np.full(18, 25), total, stages)

    found = estimate_share([base], [current], seed=1)

    (decision,) = decide([(found, 0.005)])
    assert decision.outcome == "regression"


def test_a_separation_takes_part_in_the_correction_for_many_rows():
    apart = TooShort(1.0, 20.0, 3.0, 6, 20, 3, Separation(2.5, 2.8, 1 / 924))
    nothing = Estimate(1.0, 1.0, 0.0, 0.1, 19.0, 20, 1)

    few = decide([(apart, MARGIN), *[(nothing, MARGIN)] * 40])
    many = decide([(apart, MARGIN), *[(nothing, MARGIN)] * 60])

    assert (few[0].outcome, many[0].outcome) == ("regression", "inconclusive")
    assert few[0].low == 2.8
    assert many[0].low <= MARGIN


@given(
    beyond=st.floats(-1, 3), more=st.floats(0, 1), margin=st.floats(0.01, 1),
    rows=st.integers(0, 80),
)  # fmt: skip
def test_a_bound_above_the_margin_and_a_regression_are_the_same(beyond, more, margin, rows):
    apart = TooShort(1.0, 2.0, 3.0, 6, 20, 3, Separation(beyond, beyond + more, 1 / 924))
    nothing = Estimate(1.0, 1.0, 0.0, 0.1, 19.0, 20, 1)

    first, *others = decide([(apart, margin), *[(nothing, margin)] * rows])

    assert (first.outcome == "regression") == (first.low > margin)
    assert (first.outcome == "regression") == (beyond > margin and 0.05 / (rows + 1) >= 1 / 924)
    assert all(one.outcome != "regression" for one in others)
