"""Text in so many columns of a terminal, whatever its characters take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wedload.report.columns import fitted, fitted_end

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"]))


@given(TEXTS, st.integers(2, 40))
def test_a_text_takes_exactly_its_columns(text, width):
    if len(text) != sum(cell_len(one) > 0 for one in text):
        return
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted_end(text, width)) == width


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("abc", "abc  ", "abc  "), ("abcdef", "abcd…", "…cdef"), ("予約フォーム", "予約…", "…ーム"),
    ],
)  # fmt: skip
def test_a_long_text_loses_its_end_and_a_path_its_beginning(text, begin, end):
    assert fitted(text, 5) == begin
    assert fitted_end(text, 5) == end
