"""Which of steps, channels, third parties and rows have a line in a low terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.report.room import shown_of


def lines(there: tuple[int, ...], shown: list[int]) -> int:
    return sum(1 + kept + (kept < all_) for all_, kept in zip(there, shown, strict=True) if kept)


@given(st.integers(-5, 80), *[st.integers(0, 30)] * 4)
def test_no_more_is_shown_than_there_is_and_fits(height, steps, channels, third, rows):
    there = (steps, channels, third, rows)

    shown = shown_of(height, there)

    assert all(0 <= kept <= all_ for all_, kept in zip(there, shown, strict=True))
    assert lines(there, shown) <= max(height, 0)


@pytest.mark.parametrize(
    ("height", "shown"),
    [
        (100, [30, 4, 4, 8]),
        (30, [7, 4, 4, 8]),
        (25, [3, 3, 4, 8]),
        (15, [3, 1, 1, 2]),
        (9, [1, 1, 0, 1]),
        (6, [1, 0, 0, 1]),
        (2, [0, 0, 0, 0]),
    ],
)
def test_steps_give_way_first_then_channels_and_third_parties_then_rows(height, shown):
    assert shown_of(height, (30, 9, 6, 8)) == shown
