"""Figures of levels are exact: each is a sample, or their mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.metrics.level_figures import level_figure

LEVELS = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=80)


def test_figures_of_some_levels():
    samples = np.array([3.0, 1.0, 2.0, 5.0, 4.0])

    found = {name: level_figure(samples, name) for name in ("min", "avg", "med", "max", "last")}

    assert found == {"min": 1.0, "avg": 3.0, "med": 3.0, "max": 5.0, "last": 4.0}
    assert list(samples) == [3.0, 1.0, 2.0, 5.0, 4.0]


@given(LEVELS, st.sampled_from([1, 25, 50, 75, 90, 95, 99]))
def test_percentile_is_the_lowest_sample_that_this_share_does_not_exceed(values, percent):
    found = level_figure(np.array(values), f"p{percent}")

    assert found in values
    assert sum(one <= found for one in values) * 100 >= percent * len(values)
    assert sum(one < found for one in values) * 100 < percent * len(values)


def test_rank_of_a_percentile_is_not_moved_by_binary_fractions():
    assert level_figure(np.arange(1.0, 21.0), "p95") == 19.0
    assert level_figure(np.array([0.25]), "p99.9") == pytest.approx(0.25)
