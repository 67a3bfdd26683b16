from __future__ import annotations

import numpy as np
import pytest

from wedload.analysis.scalability import fit, rate, scalability_of
from wedload.results.analysis_model import Level


def level(in_flight, per_s):
    return Level(
        name="", seconds=10, vus=1, in_flight=in_flight, rate_per_s=per_s, mean_ms=1.0,
        p95_ms=None, failed_ratio=0.0,
    )  # fmt: skip


def test_what_is_put_in_exactly_comes_out():
    n = np.linspace(1, 100, 10)
    found = fit(n, np.array([rate(one, 20, 0.05, 0.0005) for one in n]))
    assert (found.gamma_per_s, found.alpha, found.beta) == pytest.approx((20, 0.05, 0.0005))
    assert found.peak_n == pytest.approx(43.589, rel=1e-3)  # sqrt((1 - alpha) / beta)
    assert found.peak_per_s == pytest.approx(rate(43.589, 20, 0.05, 0.0005), rel=1e-4)
    assert found.r_squared == 1.0


def test_without_coherency_there_is_no_peak():
    n = np.linspace(1, 100, 10)
    found = fit(n, np.array([rate(one, 20, 0.3, 0.0) for one in n]))
    assert found.beta == pytest.approx(0.0, abs=1e-9)
    assert found.peak_n is None


def test_a_rate_in_proportion_to_the_load_is_refused():
    n = np.linspace(1, 100, 10)
    assert fit(n, 20 * n) == (
        "nothing saturates: the rate grows in proportion to the requests in flight, "
        "up to 2e+03/s at 100"
    )


def test_a_load_that_hardly_varies_is_refused():
    n = np.linspace(10, 20, 10)
    assert fit(n, 20 * n).startswith("the load hardly varies: from 10 to 20 requests in flight")


def test_points_that_follow_no_law_are_refused():
    n = np.linspace(1, 100, 8)
    found = fit(n, n / np.array([0.1, 5.0, 0.2, 4.0, 0.1, 6.0, 0.3, 5.0]))
    assert "the levels do not follow the law" in found


def test_levels_that_scatter_say_nothing_of_the_share_that_waits():
    n = np.linspace(1, 20, 7)
    noise = 1 + np.random.default_rng(1).normal(0, 0.25, 7)
    found = fit(n, np.array([rate(one, 20, 0.2, 0.001) for one in n]) * noise)
    assert found == (
        "the levels scatter too much: the share of the work that waits for its turn may be "
        "anything from 0% to 40%"
    )


def test_levels_with_less_than_one_request_in_flight_do_not_count():
    found = scalability_of([level(0.1 * one, one) for one in range(1, 15)])
    assert found.startswith("5 levels with at least one request in flight; 6 are needed")
