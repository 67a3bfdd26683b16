from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.report.counts import short_count


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"), (0.4, "0"), (812, "812"), (12_110, "12,110"), (99_999, "99,999"),
        (99_999.6, "100k"), (612_345, "612k"), (999_499, "999k"), (999_500, "1.0M"),
        (1_234_567, "1.2M"), (999_900_000, "999.9M"),
    ],
)  # fmt: skip
def test_count_is_shown_in_full_as_long_as_it_fits(count, shown):
    assert short_count(count) == shown


@given(st.floats(min_value=0, max_value=999_900_000))
def test_count_takes_at_most_six_characters(count):
    assert len(short_count(count)) <= 6
