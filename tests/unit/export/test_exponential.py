"""Exponential buckets of a histogram: nothing is lost, and quantiles are as near as can be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.export.exponential import FINEST, MOST_BUCKETS, exponential
from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram
from wedload.units import NS_PER_MS, NS_PER_S

DURATIONS = st.lists(st.integers(1_000, HIGHEST_NS), min_size=1, max_size=200)


def bounds(found, index):
    """What a bucket is above, and at most."""
    base = 2 ** (2.0**-found.schema)
    return base ** (index - 1), base**index


def quantile(found, q):
    """That of Prometheus, the middle of the bucket that the sample is in."""
    rank = max(math.ceil(q * found.counts.sum()), 1)
    at = int(np.searchsorted(np.cumsum(found.counts), rank))
    low, high = bounds(found, int(found.indices[at]))
    return (low + high) / 2


@given(DURATIONS, st.sampled_from([8, 64, MOST_BUCKETS]), st.booleans())
def test_all_samples_are_in_at_most_so_many_buckets(durations_ns, most, gapless):
    histogram = Histogram.of(durations_ns)
    found = exponential(histogram, NS_PER_S, most, gapless=gapless)
    assert found.counts.sum() == histogram.count
    assert (found.counts > 0).all()
    assert (np.diff(found.indices) > 0).all()
    assert (found.span if gapless else len(found.indices)) <= most


@given(DURATIONS, st.floats(0, 0.99), st.booleans())
def test_a_quantile_is_within_a_buckets_width_of_the_true_one(durations_ns, q, gapless):
    histogram = Histogram.of(durations_ns)
    found = exponential(histogram, NS_PER_S, gapless=gapless)
    true_s = sorted(durations_ns)[max(math.ceil(q * len(durations_ns) - 1e-9), 1) - 1] / NS_PER_S
    width = 2 ** (2.0**-found.schema) - 1
    assert quantile(found, q) == pytest.approx(true_s, rel=width + 0.001)


@given(DURATIONS)
def test_each_sample_is_in_its_bucket_but_for_our_own_error(durations_ns):
    found = exponential(Histogram.of(durations_ns[:1]), NS_PER_S)
    low, high = bounds(found, int(found.indices[0]))
    assert low * 0.999 < durations_ns[0] / NS_PER_S <= high * 1.001


def test_what_is_close_together_is_in_the_finest_buckets_there_are():
    spread = Histogram.of([100 * NS_PER_MS, 150 * NS_PER_MS, 900 * NS_PER_MS])
    assert exponential(spread, NS_PER_S, gapless=True).schema == FINEST


def test_buckets_that_nothing_is_in_make_none_coarser_where_they_are_not_sent():
    spread = Histogram.of([NS_PER_MS, 60 * NS_PER_S])
    assert exponential(spread, NS_PER_S).schema == FINEST
    assert exponential(spread, NS_PER_S, gapless=True).schema == FINEST - 2


@given(DURATIONS, DURATIONS, st.booleans())
def test_what_is_added_never_makes_it_finer(before_ns, added_ns, gapless):
    before = exponential(Histogram.of(before_ns), NS_PER_S, 50, gapless=gapless)
    after = exponential(Histogram.of(before_ns + added_ns), NS_PER_S, 50, gapless=gapless)
    assert after.schema <= before.schema


def test_numbers_are_in_buckets_of_their_own_unit():
    found = exponential(Histogram.of([4] * 3), 1)
    assert bounds(found, int(found.indices[0])) == pytest.approx((3.989, 4), rel=1e-4)


def test_nothing_is_in_no_bucket():
    assert exponential(EMPTY, NS_PER_S).span == 0
