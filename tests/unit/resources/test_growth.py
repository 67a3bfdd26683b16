"""How much counters have grown, whoever comes and goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.resources.growth import growth

COUNTS = st.dictionaries(st.integers(0, 9), st.integers(0, 10**9), max_size=6)


@pytest.mark.parametrize(
    ("before", "now", "born", "grown"),
    [
        ({}, {}, (), 0),
        ({1: 5}, {1: 8}, (), 3),
        ({1: 5, 2: 7}, {1: 8}, (), 3),  # one is gone
        ({1: 5}, {1: 8, 2: 100}, (), 3),  # one was there before, unseen
        ({1: 5}, {1: 8, 2: 100}, (2,), 103),  # one was born since
        ({1: 5}, {1: 2}, (), 2),  # one began anew
    ],
)
def test_growth_of_some_counters(before, now, born, grown):
    assert growth(before, now, born) == grown


@given(COUNTS, COUNTS, st.sets(st.integers(0, 9)))
def test_nothing_ever_shrinks(before, now, born):
    assert growth(before, now, born) >= 0


@given(COUNTS, st.integers(0, 1000))
def test_what_all_have_grown_adds_up(before, each):
    assert growth(before, {key: value + each for key, value in before.items()}) == each * len(
        before
    )
