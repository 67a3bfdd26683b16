"""Differences of durations: what is asked of them is what the sorted numbers say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.metrics.histogram import Histogram
from wedload.metrics.signed import PARTS, Signed

_DIFFERENCES = st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=80)


def signed(values):
    below = [-one for one in values if one < 0]
    return Signed(Histogram.of(below), Histogram.of([one for one in values if one >= 0]))


@given(_DIFFERENCES, st.floats(0.001, 1))
def test_figures_are_those_of_the_sorted_differences(values, q):
    ordered, seen = sorted(values), signed(values)
    assert (seen.count, seen.min_ns, seen.max_ns) == (len(values), ordered[0], ordered[-1])
    assert seen.mean_ns == pytest.approx(sum(values) / len(values))
    rank = min(max(math.ceil(q * len(values) - 1e-9), 1), len(values))
    # a bucket is 0.1 % wide, and at least 1 ns
    assert seen.quantile_ns(q) == pytest.approx(ordered[rank - 1], rel=1e-3, abs=1.5)


@given(_DIFFERENCES, _DIFFERENCES)
def test_merging_is_counting_all_of_them(some, others):
    one, two, whole = signed(some), signed(others), signed(some + others)
    merged = Signed(
        Histogram.merge([one.below, two.below]), Histogram.merge([one.above, two.above])
    )
    assert (merged.count, merged.mean_ns) == (whole.count, whole.mean_ns)
    assert [merged.quantile_ns(q) for q in (0.05, 0.5, 0.95)] == [
        whole.quantile_ns(q) for q in (0.05, 0.5, 0.95)
    ]


def test_of_none_there_is_no_figure():
    assert math.isnan(signed([]).mean_ns)
    assert math.isnan(signed([]).quantile_ns(0.5))
    assert {"route_overhead+", "route_overhead-"} == PARTS
