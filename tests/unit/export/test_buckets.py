"""Classic buckets of a histogram."""

from __future__ import annotations

import pytest

from wedload.export.buckets import NUMBERS, SECONDS, bounds_of, cumulative, le, per_unit
from wedload.metrics.histogram import EMPTY, Histogram
from wedload.units import NS_PER_MS as MS


@pytest.mark.parametrize("bounds", [SECONDS, NUMBERS])
def test_bounds_rise(bounds):
    assert list(bounds) == sorted(set(bounds))


def test_a_sample_is_in_every_bucket_whose_bound_it_does_not_exceed():
    samples = Histogram.of([10 * MS, 50 * MS, 60 * MS, 900 * MS, 90_000 * MS])
    found = dict(zip(SECONDS, cumulative(samples, SECONDS), strict=True))
    assert [found[one] for one in (0.005, 0.01, 0.05, 0.075, 0.75, 1.0, 60.0)] == [
        0, 1, 2, 3, 3, 4, 4,
    ]  # fmt: skip


def test_numbers_are_not_ns():
    samples = Histogram.of([1, 1, 2, 30])
    found = cumulative(samples, bounds_of(""), per_unit(""))
    assert found[:2] == [2, 3]
    assert found[-1] == 4


def test_nothing_is_in_no_bucket():
    assert set(cumulative(EMPTY, SECONDS)) == {0}


def test_a_bound_is_called_the_same_wherever_it_is_sent():
    assert [le(one) for one in (0.00025, 1.0, 30, 1e6)] == ["0.00025", "1.0", "30.0", "1000000.0"]
