from __future__ import annotations

import numpy as np
import pytest

from wedload.analysis.knee import find, knee_of

N = np.linspace(1, 60, 14)


def noisy(means, seed=1, sigma=0.03):
    return means * (1 + np.random.default_rng(seed).normal(0, sigma, means.size))


def test_the_knee_of_a_server_that_fills_up_is_where_it_is_full():
    means = noisy(np.maximum(10.0, N / 2))
    found = find(N, means, N / means * 1000)
    assert found.in_flight == pytest.approx(20, abs=3)
    assert found.slope_after == pytest.approx(0.5, rel=0.15)


def test_its_interval_mostly_holds_where_the_server_is_full():
    curves = [noisy(np.maximum(10.0, N / 2), seed) for seed in range(20)]
    intervals = [find(N, means, N / means * 1000).in_flight_95 for means in curves]
    assert sum(low <= 20 <= high for low, high in intervals) >= 16  # 95 % of many


def test_a_line_has_no_knee():
    means = noisy(10 + 0.2 * N)
    assert find(N, means, N / means) == "the curve has no knee: one line fits as well"


def test_a_curve_that_gets_flatter_has_none():
    means = np.minimum(5 + N, 30.0)
    assert find(N, means, N / means) == "the curve gets no steeper with the load"


def test_a_load_that_hardly_varies_shows_none():
    near = np.linspace(10, 15, 8)
    assert find(near, near, near).startswith("the load hardly varies")


def test_few_levels_show_none():
    assert knee_of([]) == "0 levels; 6 are needed: let a stage ramp for longer"
