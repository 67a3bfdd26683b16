"""How sure the benchmark of two variants is (`benchmarks/paired.py`)."""

from __future__ import annotations

import random

import pytest

from benchmarks.paired import interval


@pytest.mark.parametrize(("number", "below"), [(6, 0), (12, 2), (20, 5), (30, 9)])
def test_the_interval_of_a_median_is_that_of_the_sign_test(number, below):
    # its critical values at 5 %, two-sided: P(Bin(n, 1/2) <= k) <= 0.025
    assert interval([float(one) for one in range(number)]) == (below, number - 1 - below)


def test_nineteen_of_twenty_intervals_have_the_median_in_them():
    rng = random.Random(7)
    held = 0
    for _ in range(1000):
        low, high = interval([rng.lognormvariate(0, 1) for _ in range(20)])
        held += low <= 1 <= high  # exp(0), the median of all
    assert held > 940
