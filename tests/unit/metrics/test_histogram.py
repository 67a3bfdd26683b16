"""Histograms against exact samples: buckets, quantiles, exact figures, edges of the range."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_edges, bucket_of
from wedload.units import NS_PER_MS as MS

QUANTILES = (0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0)


def exact_rank(q: float, n: int) -> int:
    """⌈q·n⌉ of the decimal number that q stands for, at least 1."""
    thousandths = round(q * 10_000)
    return max(-(-thousandths * n // 10_000), 1)


def bucket_index(value: int) -> int:
    return int(bucket_of(np.array([value]))[0])


@pytest.mark.parametrize(
    ("value", "index"),
    [
        (1, 1), (2, 2), (1023, 1023), (1024, 1024), (2047, 2047),
        (2048, 2048), (2049, 2048), (2050, 2049), (4095, 3071),
        (4096, 3072), (4099, 3072), (4100, 3073), (8192, 4096),
    ],
)  # fmt: skip
def test_values_fall_into_the_buckets_of_the_layout(value, index):
    assert bucket_index(value) == index


def test_buckets_are_as_wide_as_their_doubling_says():
    lowest, highest = bucket_edges(np.array([1, 2047, 2048, 3071, 3072, 4096]))
    assert lowest.tolist() == [1, 2047, 2048, 4094, 4096, 8192]
    assert highest.tolist() == [1, 2047, 2049, 4095, 4099, 8199]


def test_neighbouring_buckets_leave_no_gap_up_to_an_hour():
    indices = np.arange(1, bucket_index(HIGHEST_NS) + 1)
    lowest, highest = bucket_edges(indices)
    assert lowest[0] == 1
    assert (lowest[1:] == highest[:-1] + 1).all()
    assert highest[-1] >= HIGHEST_NS


def test_no_bucket_is_wider_than_a_thousandth_of_its_values_from_a_microsecond_on():
    indices = np.arange(1024, bucket_index(HIGHEST_NS) + 1)
    lowest, highest = bucket_edges(indices)
    assert ((highest - lowest) / lowest).max() <= 0.001
    below, above = bucket_edges(np.arange(1, 2048))
    assert (below == above).all()


def test_bucket_of_is_exact_beside_every_power_of_two():
    for exponent in range(1, 42):
        for value in (2**exponent - 1, 2**exponent, 2**exponent + 1):
            lowest, highest = bucket_edges(np.array([bucket_index(value)]))
            assert lowest[0] <= value <= highest[0]


def uniform(rng):
    return [rng.randint(MS, 500 * MS) for _ in range(5_000)]


def lognormal(rng):
    return [round(rng.lognormvariate(math.log(40 * MS), 1.5)) for _ in range(5_000)]


def bimodal(rng):
    return [
        round(rng.gauss(2_000 * MS, 5 * MS) if rng.random() < 0.05 else rng.gauss(10 * MS, MS))
        for _ in range(5_000)
    ]


def microseconds(rng):
    return [rng.randint(1_000, 9_000) for _ in range(5_000)]


def equal(_rng):
    return [123_456_789] * 1_000


@pytest.mark.parametrize("distribution", [uniform, lognormal, bimodal, microseconds, equal])
def test_quantiles_are_within_a_thousandth_of_the_exact_sample(distribution):
    values = distribution(random.Random(7))
    histogram = Histogram.of(values)
    values.sort()
    for q in QUANTILES:
        exact = values[exact_rank(q, len(values)) - 1]
        assert histogram.quantile_ns(q) == pytest.approx(exact, rel=0.001), q


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 19, 20, 21, 99, 100, 101, 1_000])
def test_a_quantile_is_the_sample_of_rank_q_n_rounded_up(n):
    values = [number * MS for number in range(1, n + 1)]
    histogram = Histogram.of(values)
    for q in QUANTILES:
        got = histogram.quantile_ns(q) / MS
        assert round(got) == exact_rank(q, n), q


def test_rank_does_not_slip_because_a_share_has_no_exact_binary_form():
    # 0.95 * 20, 0.07 * 100 and 0.29 * 100 are not 19, 7 and 29 as floats
    for q, n, rank in [(0.95, 20, 19), (0.07, 100, 7), (0.29, 100, 29), (0.55, 100, 55)]:
        values = [number * MS for number in range(1, n + 1)]
        assert round(Histogram.of(values).quantile_ns(q) / MS) == rank


def test_quantiles_never_leave_the_range_of_the_samples():
    histogram = Histogram.of([1_000_999, 1_000_999, 1_000_999])  # not the middle of its bucket
    assert histogram.quantile_ns(0.5) == 1_000_999
    assert histogram.quantile_ns(0.0) == histogram.quantile_ns(1.0) == 1_000_999


def test_the_highest_quantile_is_the_exact_maximum():
    assert Histogram.of([5 * MS, 123_456_789]).quantile_ns(1.0) == 123_456_789


def test_count_sum_least_most_and_mean_are_exact():
    values = [1_234_567, 89, 4_000_000_001, 1_234_567]
    histogram = Histogram.of(values)
    assert histogram.count == 4
    assert histogram.sum_ns == sum(values)
    assert (histogram.min_ns, histogram.max_ns) == (89, 4_000_000_001)
    assert histogram.mean_ns == sum(values) / 4


def test_values_above_an_hour_count_as_an_hour_and_keep_their_exact_maximum():
    histogram = Histogram.of([2 * HIGHEST_NS, 10**17, MS])
    assert histogram.indices.tolist() == [bucket_index(MS), bucket_index(HIGHEST_NS)]
    assert histogram.counts.tolist() == [1, 2]
    assert histogram.max_ns == 10**17
    assert histogram.sum_ns == 2 * HIGHEST_NS + 10**17 + MS
    assert histogram.quantile_ns(1.0) == 10**17
    assert histogram.quantile_ns(0.5) == pytest.approx(HIGHEST_NS, rel=0.001)


def test_values_below_one_nanosecond_count_as_one_and_keep_their_exact_minimum():
    histogram = Histogram.of([0, -3, 1])
    assert histogram.indices.tolist() == [1]
    assert histogram.counts.tolist() == [3]
    assert (histogram.min_ns, histogram.max_ns, histogram.sum_ns) == (-3, 1, -2)


def test_an_empty_histogram_has_no_figures():
    assert Histogram.of([]).count == 0
    assert math.isnan(EMPTY.quantile_ns(0.5))
    assert math.isnan(EMPTY.mean_ns)


def test_merging_nothing_or_only_empty_ones_is_empty():
    assert Histogram.merge([]).count == 0
    assert Histogram.merge([EMPTY, EMPTY]).count == 0


def test_merging_does_not_change_what_is_merged():
    one, other = Histogram.of([MS, 2 * MS]), Histogram.of([2 * MS])
    Histogram.merge([one, other, one])
    assert one.counts.tolist() == [1, 1]
    assert other.counts.tolist() == [1]


def test_an_array_of_samples_counts_like_a_list():
    values = [5, 5, 7_000_000]
    assert Histogram.of(np.array(values, dtype=np.int64)).sum_ns == Histogram.of(values).sum_ns


@pytest.mark.parametrize(("limit", "number"), [(0, 4), (1, 3), (1_999, 3), (2_000, 1), (10**6, 0)])
def test_what_is_above_a_limit_is_counted(limit, number):
    assert Histogram.of([1, 2_000, 2_000, 10**6]).above(limit) == number
    assert EMPTY.above(limit) == 0
