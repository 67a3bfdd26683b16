"""Lengths of time as a report writes them."""

from __future__ import annotations

import pytest

from wedload.report.html import wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (12.34, "12.3 s"), (60, "1 min"), (64.6, "1 min 5 s"), (540, "9 min"),
     (3900, "1 h 5 min"), (7200, "2 h")],
)  # fmt: skip
def test_lengths_have_two_units_at_most(seconds, words):
    assert wording.lasting(seconds) == words
