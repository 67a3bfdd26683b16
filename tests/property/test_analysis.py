"""For any law and any noise: what is put in is found again, and what is not there is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.analysis.knee import find
from wedload.analysis.nnls import fit_not_negative
from wedload.analysis.scalability import fit, rate
from wedload.results.analysis_model import Knee, Scalability

SETTINGS = settings(deadline=None, max_examples=60)
SEEDS = st.integers(0, 2**32 - 1)


def _noise(seed, size, sigma):
    """Alike at both ends: noise that all lies on one side is another law."""
    return 1 + np.clip(np.random.default_rng(seed).normal(0, sigma, size), -3 * sigma, 3 * sigma)


@SETTINGS
@given(gamma=st.floats(0.5, 500), alpha=st.floats(0.03, 0.08), peak=st.floats(30, 90), seed=SEEDS)
def test_parameters_of_the_law_are_recovered_within_five_percent(gamma, alpha, peak, seed):
    """The noise of a level's mean is 0.5 %, as of 40,000 requests that vary by their mean."""
    beta = (1 - alpha) / peak**2
    n = np.linspace(1, 3 * peak, 30)
    x = np.array([rate(one, gamma, alpha, beta) for one in n]) * _noise(seed, n.size, 0.005)
    found = fit(n, x)
    assert isinstance(found, Scalability)
    assert found.gamma_per_s == pytest.approx(gamma, rel=0.05)
    assert found.alpha == pytest.approx(alpha, rel=0.05)
    assert found.beta == pytest.approx(beta, rel=0.05)
    assert found.peak_n == pytest.approx(peak, rel=0.05)


@SETTINGS
@given(
    per_s=st.floats(0.1, 1000), highest=st.floats(10, 1000), levels=st.integers(6, 30),
    sigma=st.floats(0, 0.02), seed=SEEDS,
)  # fmt: skip
def test_the_law_is_refused_where_the_rate_is_in_proportion_to_the_load(
    per_s, highest, levels, sigma, seed
):
    n = np.linspace(1, highest, levels)
    found = fit(n, per_s * n * _noise(seed, levels, sigma))
    assert isinstance(found, str)
    assert found.startswith("nothing saturates")


@SETTINGS
@given(rows=st.integers(3, 12), columns=st.integers(1, 3), seed=SEEDS, scale=st.floats(1e-3, 1e6))
def test_no_fit_without_negative_coefficients_is_better(rows, columns, seed, scale):
    random = np.random.default_rng(seed)
    design = random.normal(0, 1, (rows, columns)) * [1.0, scale, 1 / scale][:columns]
    target = random.normal(0, 1, (rows, 1))
    found = fit_not_negative(design, target)
    assert (found >= 0).all()
    least = ((target - design @ found) ** 2).sum()
    for _ in range(20):
        other = np.maximum(found * random.uniform(0, 2, found.shape), 0)
        other += random.exponential(1, found.shape) * (random.random(found.shape) < 0.3) / scale
        assert ((target - design @ other) ** 2).sum() >= least - 1e-9


@SETTINGS
@given(
    served_ms=st.floats(1, 500), full=st.floats(15, 45), sigma=st.floats(0.001, 0.03), seed=SEEDS
)
def test_the_knee_is_where_the_server_is_full(served_ms, full, sigma, seed):
    n = np.linspace(1, 80, 20)
    means = served_ms * np.maximum(1.0, n / full) * _noise(seed, n.size, sigma)
    found = find(n, means, n / means * 1000)
    assert isinstance(found, Knee)
    assert found.in_flight == pytest.approx(full, rel=0.2)
