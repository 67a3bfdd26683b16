"""For any counts: bounds enclose the rate, tighten with samples, and mirror each other."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.statistics.bounds import rate_bound, samples_for_quantile

SETTINGS = settings(deadline=None)


@st.composite
def counts(draw, most=5_000):
    total = draw(st.integers(1, most))
    return draw(st.integers(0, total)), total


@SETTINGS
@given(counts())
def test_the_bounds_enclose_the_observed_rate(pair):
    yes, total = pair
    assert 0 <= rate_bound(yes, total, upper=False) <= yes / total
    assert yes / total <= rate_bound(yes, total, upper=True) <= 1


@SETTINGS
@given(counts())
def test_the_upper_bound_of_yes_mirrors_the_lower_bound_of_no(pair):
    yes, total = pair
    mirrored = 1 - rate_bound(total - yes, total, upper=False)
    assert abs(rate_bound(yes, total, upper=True) - mirrored) < 1e-12


@SETTINGS
@given(counts(most=2_000), st.booleans())
def test_one_more_yes_raises_the_bound(pair, upper):
    yes, total = pair
    if yes < total:
        more = rate_bound(yes + 1, total, upper=upper)
        assert more > rate_bound(yes, total, upper=upper)


@SETTINGS
@given(counts(most=500), st.integers(2, 9))
def test_the_same_rate_over_more_samples_has_a_bound_nearer_to_it(pair, times):
    yes, total = pair
    for upper in (False, True):
        few = abs(rate_bound(yes, total, upper=upper) - yes / total)
        many = abs(rate_bound(yes * times, total * times, upper=upper) - yes / total)
        assert many <= few
        assert many < few or few == 0


@SETTINGS
@given(st.floats(0.5, 0.9999), st.floats(0.5, 0.9999))
def test_a_quantile_further_out_needs_no_fewer_samples(p, q):
    low, high = sorted((p, q))
    assert samples_for_quantile(low) <= samples_for_quantile(high)
