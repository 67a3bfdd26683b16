"""Sample sizes and Clopper-Pearson bounds against exact binomial sums and published values."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from wedload.statistics.bounds import rate_bound, samples_for_quantile, samples_to_prove


def upper_tail(yes: int, total: int, p: Fraction) -> Fraction:
    """P(X >= yes) for X binomial(total, p), exactly."""
    return sum(
        (math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(yes, total + 1)),
        Fraction(0),
    )


@pytest.mark.parametrize(
    ("q", "needed"),
    [
        (0.5, 5), (0.75, 11), (0.9, 29), (0.95, 59), (0.99, 299), (0.995, 598), (0.999, 2_995),
        (0.9999, 29_956), (0.05, 59), (0.01, 299),
    ],
)  # fmt: skip
def test_samples_that_a_quantile_needs(q, needed):
    assert samples_for_quantile(q) == needed


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_so_many_samples_cover_the_quantile_at_95_percent_and_one_fewer_does_not(q):
    share = Fraction(str(q))
    needed = samples_for_quantile(q)
    assert 1 - share**needed >= Fraction("0.95")
    assert 1 - share ** (needed - 1) < Fraction("0.95")


@pytest.mark.parametrize(
    ("yes", "total"),
    [(1, 1), (1, 2), (1, 10), (2, 10), (5, 10), (9, 10), (3, 40), (39, 40), (10, 100), (99, 100)],
)
def test_at_the_lower_bound_so_many_or_more_would_be_seen_in_5_percent(yes, total):
    bound = Fraction(rate_bound(yes, total, upper=False))
    assert float(upper_tail(yes, total, bound)) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(
    ("yes", "total"),
    [(0, 1), (0, 10), (1, 10), (5, 10), (9, 10), (3, 40), (37, 40), (1, 100), (90, 100)],
)
def test_at_the_upper_bound_so_many_or_fewer_would_be_seen_in_5_percent(yes, total):
    bound = Fraction(rate_bound(yes, total, upper=True))
    assert float(1 - upper_tail(yes + 1, total, bound)) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(
    ("yes", "total", "upper", "expected"),
    [
        # one-sided 95 %: Beta(0.95; x+1, n-x), as tables of the Clopper-Pearson interval give it
        (0, 10, True, 0.258866),
        (1, 10, True, 0.394163),
        (2, 10, True, 0.506901),
        (5, 10, True, 0.777559),
        (5, 10, False, 0.222441),
        (10, 10, False, 0.741134),
        (0, 100, True, 0.029513),
        (1, 100, True, 0.046559),
    ],
)
def test_bounds_are_those_of_published_tables(yes, total, upper, expected):
    assert rate_bound(yes, total, upper=upper) == pytest.approx(expected, abs=1e-6)


def test_no_loss_in_2995_deliveries_proves_three_nines_and_2994_do_not():
    assert rate_bound(2_995, 2_995, upper=False) >= 0.999
    assert rate_bound(2_994, 2_994, upper=False) < 0.999


def test_bounds_at_the_ends_are_the_ends():
    assert rate_bound(0, 7, upper=False) == 0.0
    assert rate_bound(7, 7, upper=True) == 1.0


def test_there_is_no_bound_without_samples():
    assert math.isnan(rate_bound(0, 0, upper=True))
    assert math.isnan(rate_bound(0, 0, upper=False))


@pytest.mark.parametrize(("yes", "total"), [(5_000_000, 10_000_000), (99_000_000, 100_000_000)])
def test_large_runs_are_bounded_near_their_rate_by_the_normal_approximation(yes, total):
    p = yes / total
    expected = 1.6448536 * math.sqrt(p * (1 - p) / total)
    assert rate_bound(yes, total, upper=True) - p == pytest.approx(expected, rel=0.01)
    assert p - rate_bound(yes, total, upper=False) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("share", "needed"), [(0.5, 5), (0.9, 29), (0.99, 299), (0.999, 2_995), (0.3, 3), (1, 1)]
)
def test_so_many_good_samples_prove_a_share_and_one_fewer_does_not(share, needed):
    assert samples_to_prove(share) == needed
    if share < 1:
        assert rate_bound(needed, needed, upper=False) >= share
        assert rate_bound(needed - 1, needed - 1, upper=False) < share
