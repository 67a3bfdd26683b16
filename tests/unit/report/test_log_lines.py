"""Structured lines: how a value is written."""

from __future__ import annotations

import pytest

from wedload.report.log_lines import line_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("peak", "k=peak"),
        ("two words", 'k="two words"'),
        ("", 'k=""'),
        ('a"b\\c\nd', 'k="a\\"b\\\\c\\nd"'),
        ("a=b", 'k="a=b"'),
        ("\x1b[31m", 'k="\\u001b[31m"'),
        (0.25, "k=0.25"),
        (3, "k=3"),
        (True, "k=true"),
        (None, ""),
    ],
)
def test_a_value_is_one_word_or_in_quotes(value, text):
    assert line_of({"k": value}) == text
