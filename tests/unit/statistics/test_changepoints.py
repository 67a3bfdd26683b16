"""Changes of level in a series: found where they are, and not where there are none."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.statistics.changepoints import SHORTEST, change_points


def noisy(*levels_and_lengths, noise=0.02, seed=11):
    rng = np.random.default_rng(seed)
    parts = [level * np.exp(rng.normal(0, noise, n)) for level, n in levels_and_lengths]
    return np.concatenate(parts)


@pytest.mark.parametrize("seed", range(1, 9))
def test_step_is_found_at_its_run_with_the_levels_on_both_sides(seed):
    (change,) = change_points(noisy((400, 25), (480, 15), seed=seed))

    assert change.index == 25
    assert change.before == pytest.approx(400, rel=0.02)
    assert change.after == pytest.approx(480, rel=0.02)
    assert change.p <= 0.001


def test_step_in_a_long_noisy_series_is_placed_within_a_run_or_two():
    (change,) = change_points(noisy((400, 150), (472, 50), noise=0.03))

    assert abs(change.index - 150) <= 1


def test_several_steps_are_found_oldest_first():
    changes = change_points(noisy((400, 20), (480, 20), (380, 20)))

    assert [one.index for one in changes] == [20, 40]
    assert changes[0].after == changes[1].before


def test_change_that_was_taken_back_is_found_at_both_ends():
    changes = change_points(noisy((400, 30), (440, 8), (400, 30)))

    assert [one.index for one in changes] == [30, 38]


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n: rng.normal(400, 10, n),
        lambda rng, n: np.exp(rng.normal(6, 0.5, n)),
        lambda rng, n: rng.standard_cauchy(n),
        lambda rng, n: rng.integers(0, 3, n).astype(float),  # many equal values
    ],
    ids=["normal", "skewed", "heavy tails", "ties"],
)
def test_noise_alone_shows_a_change_in_no_more_than_the_stated_share(draw):
    """Of 300 series at most 5 % may: 27 or more happen in 1 of 300 such tests; seeds are fixed."""
    rng = np.random.default_rng(20261124)
    claimed = sum(bool(change_points(draw(rng, 30), level=0.05, seed=seed)) for seed in range(300))

    assert claimed <= 26


@pytest.mark.parametrize("place", [0, 1, 14, 28, 29])
@pytest.mark.parametrize("factor", [0.01, 100])
def test_one_outlier_is_no_change_wherever_it_is_and_however_far_off(place, factor):
    values = noisy((400, 30), seed=3)
    assert change_points(values) == []
    values[place] *= factor

    assert change_points(values) == []


def test_outliers_do_not_hide_a_change():
    values = noisy((400, 25), (480, 15))
    values[[4, 30]] *= 50

    assert [one.index for one in change_points(values)] == [25]


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0, 3.0, 4.0, 5.0], [7.0] * 50])
def test_too_few_values_or_all_the_same_have_no_change(values):
    assert change_points(values) == []


def test_same_seed_gives_the_same_answer():
    values = noisy((400, 12), (410, 12))

    assert change_points(values, seed=4) == change_points(values, seed=4)


@settings(max_examples=30)
@given(
    st.lists(st.floats(min_value=0, max_value=1e6), max_size=40),
    st.floats(min_value=0.001, max_value=0.2),
)
def test_changes_are_in_order_apart_from_each_other_and_sure_enough(values, level):
    changes = change_points(values, level=level)

    assert [one.index for one in changes] == sorted({one.index for one in changes})
    edges = [0, *(one.index for one in changes), len(values)]
    assert all(b - a >= SHORTEST for a, b in itertools.pairwise(edges)) or not changes
    assert all(0 < one.p <= level for one in changes)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 10**6), min_size=6, max_size=30))
def test_whether_there_is_a_change_depends_on_the_order_of_the_values_alone(values):
    found = change_points([float(v) for v in values])
    squared = change_points([float(v) ** 2 for v in values])

    assert [one.p for one in found] == [one.p for one in squared]
