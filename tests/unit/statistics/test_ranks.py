"""Mann-Whitney against the published table and against counting all cases."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from wedload.statistics.ranks import decide_by_rank, p_larger, rank_estimate

LOW, HIGH = [1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]


def by_counting(base, current):
    """The share of all ways to deal the values that put `current` as high by rank, or higher."""
    pooled = np.array([*base, *current])
    ranks = np.array([(pooled < v).sum() + ((pooled == v).sum() + 1) / 2 for v in pooled])
    seen = ranks[len(base) :].sum()
    ways = [sum(pick) for pick in itertools.combinations(ranks, len(current))]
    return sum(way >= seen - 1e-9 for way in ways) / len(ways)


def test_five_against_five_cannot_be_less_likely_than_1_in_252():
    assert p_larger(LOW, HIGH) == pytest.approx(1 / 252)
    assert p_larger(HIGH, LOW) == 1


@pytest.mark.parametrize(
    ("runs", "most_pairs_below"), [(5, 4), (6, 7), (7, 11), (8, 15), (9, 21), (10, 27)]
)
def test_critical_values_are_those_of_the_published_table(runs, most_pairs_below):
    """One-sided 5 %: Mann & Whitney's table; U of the smaller side at most this."""
    estimate = {}
    for below in (most_pairs_below, most_pairs_below + 1):
        # `below` pairs in the wrong order: the first base value is moved above that many
        base = [float(value) for value in range(runs)]
        current = [float(value) for value in range(runs, 2 * runs)]
        full, rest = divmod(below, runs)
        for moved in range(full):
            base[runs - 1 - moved] = 10.0 * runs + moved
        if rest:
            base[runs - 1 - full] = current[rest - 1] + 0.5
        assert sum(b > c for b in base for c in current) == below
        estimate[below] = p_larger(base, current)
    assert estimate[most_pairs_below] <= 0.05 < estimate[most_pairs_below + 1]


@pytest.mark.parametrize(
    ("base", "current"),
    [
        ([1, 2, 2, 3, 9], [2, 3, 3, 8, 9]),
        ([1, 1, 1, 1, 1], [1, 1, 1, 1, 1]),
        ([5, 1, 4, 2, 8], [3, 3, 3, 9, 9, 9]),
        ([1.5], [2.5, 0.5]),
    ],
)
def test_with_ties_p_is_what_counting_all_cases_gives(base, current):
    assert p_larger(base, current) == pytest.approx(by_counting(base, current))


def test_many_runs_are_near_the_exact_answer():
    rng = np.random.default_rng(1)
    base, current = rng.normal(size=30).tolist(), (rng.normal(size=30) + 0.4).tolist()
    exact = p_larger(base, current)
    by_normal = p_larger([*base, 0.0], current)  # 61 values
    assert by_normal == pytest.approx(exact, abs=0.02)
    assert p_larger([1.0] * 40, [1.0] * 40) == 1


def test_the_estimate_is_the_median_difference_with_an_exact_interval():
    found = rank_estimate(LOW, HIGH)
    assert found.effect == 5
    assert found.level == pytest.approx(1 - 2 * 4 / 252)  # at most 2 pairs in the wrong order
    differences = sorted(high - low for high in HIGH for low in LOW)
    assert (found.low, found.high) == (differences[2], differences[-3])


def test_too_few_runs_for_a_bound_have_none():
    found = rank_estimate([1.0], [2.0])
    assert (found.low, found.high, found.level) == (-math.inf, math.inf, 1.0)


def test_twelve_rows_can_be_rejected_and_thirteen_cannot():
    row = ([0.0, 0.01, 0.02, 0.03, 0.04], [1.0, 1.01, 1.02, 1.03, 1.04], 0.05)
    assert {found.outcome for found in decide_by_rank([row] * 12)} == {"regression"}
    assert {found.outcome for found in decide_by_rank([row] * 13)} == {"inconclusive"}


def test_runs_that_are_alike_show_no_regression_beyond_the_margin():
    runs = [0.0, 0.01, -0.01, 0.02, -0.02]
    (found,) = decide_by_rank([(runs, runs, 0.05)])
    assert found.outcome == "no-regression"
    assert found.high < 0.05
    (wide,) = decide_by_rank([(runs, runs, 0.001)])
    assert wide.outcome == "inconclusive"
    assert wide.low <= 0.001 <= wide.high


def test_fewer_than_five_runs_are_refused():
    with pytest.raises(ValueError, match="5 runs"):
        decide_by_rank([(LOW[:4], HIGH, 0.0)])
    with pytest.raises(ValueError, match="needs a value"):
        p_larger([], [1.0])
