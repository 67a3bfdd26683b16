"""For any samples: buckets invert, quantiles are near the exact sample, merging is addition."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.histograms import all_of
from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_edges, bucket_of

SETTINGS = settings(deadline=None)
IN_RANGE = st.one_of(
    st.integers(1, 5_000),
    st.integers(1, HIGHEST_NS),
    # values that sit on the edges of buckets
    st.builds(
        lambda power, by: min(max(2**power + by, 1), HIGHEST_NS),
        st.integers(0, 41),
        st.integers(-2, 2),
    ),
)
ANY = st.one_of(IN_RANGE, st.integers(-5, 0), st.integers(HIGHEST_NS, 10**15))
SAMPLES = st.lists(ANY, max_size=60)


@SETTINGS
@given(st.lists(IN_RANGE, min_size=1, max_size=60))
def test_a_value_lies_within_the_edges_of_its_bucket(values):
    lowest, highest = bucket_edges(bucket_of(np.array(values)))
    assert (lowest <= values).all()
    assert (values <= highest).all()
    assert ((highest - lowest) * 1000 <= lowest).all() or min(values) < 1024
    assert (highest[np.array(values) < 2048] == lowest[np.array(values) < 2048]).all()


@SETTINGS
@given(IN_RANGE)
def test_the_edges_of_a_bucket_are_in_it_and_their_neighbours_are_not(value):
    index = bucket_of(np.array([value]))
    lowest, highest = bucket_edges(index)
    around = bucket_of(np.array([max(lowest[0] - 1, 0), lowest[0], highest[0], highest[0] + 1]))
    assert around[1] == around[2] == index[0]
    assert around[3] == index[0] + 1
    assert around[0] == index[0] - 1


@SETTINGS
@given(st.lists(IN_RANGE, min_size=2, max_size=60))
def test_larger_values_never_fall_into_lower_buckets(values):
    indices = bucket_of(np.array(sorted(values)))
    assert (np.diff(indices) >= 0).all()


@SETTINGS
@given(st.lists(IN_RANGE, min_size=1, max_size=80), st.integers(0, 10_000))
def test_any_quantile_is_within_a_thousandth_of_the_exact_sample(values, per_ten_thousand):
    histogram = Histogram.of(values)
    values.sort()
    rank = max(-(-per_ten_thousand * len(values) // 10_000), 1)
    exact = values[rank - 1]
    # below 1,024 ns every value has a bucket of its own
    assert abs(histogram.quantile_ns(per_ten_thousand / 10_000) - exact) <= exact / 1_000


@SETTINGS
@given(st.lists(ANY, min_size=1, max_size=60), st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_quantiles_rise_with_the_share_and_stay_within_the_samples(values, shares):
    histogram = Histogram.of(values)
    got = [histogram.quantile_ns(q) for q in sorted(shares)]
    assert got == sorted(got)
    assert min(values) <= got[0]
    assert got[-1] <= max(values)


@SETTINGS
@given(SAMPLES)
def test_exact_figures_are_exact_and_buckets_are_sorted_without_repeats(values):
    histogram = Histogram.of(values)
    assert histogram.count == len(values) == int(histogram.counts.sum())
    assert histogram.sum_ns == sum(values)
    assert (histogram.counts > 0).all()
    assert (np.diff(histogram.indices) > 0).all()
    if values:
        assert (histogram.min_ns, histogram.max_ns) == (min(values), max(values))


@SETTINGS
@given(st.lists(SAMPLES, max_size=6), st.randoms(use_true_random=False))
def test_merging_parts_in_any_order_equals_counting_everything_at_once(parts, rng):
    whole = all_of(Histogram.of([value for part in parts for value in part]))
    histograms = [Histogram.of(part) for part in parts]
    assert all_of(Histogram.merge(histograms)) == whole
    rng.shuffle(histograms)
    assert all_of(Histogram.merge(histograms)) == whole


@SETTINGS
@given(SAMPLES, SAMPLES, SAMPLES)
def test_merging_is_associative_and_commutative_with_the_empty_one_as_identity(a, b, c):
    x, y, z = map(Histogram.of, (a, b, c))
    merge = Histogram.merge
    assert all_of(merge([merge([x, y]), z])) == all_of(merge([x, merge([y, z])]))
    assert all_of(merge([x, y])) == all_of(merge([y, x]))
    assert all_of(merge([x, EMPTY])) == all_of(merge([EMPTY, x])) == all_of(x)
