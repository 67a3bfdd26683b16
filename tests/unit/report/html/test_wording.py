"""Numbers as a report writes them."""

from __future__ import annotations

import pytest

from wedload.report.html import wording


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "–"), (0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.0052, "0.52 %"),
        (0.00013, "0.013 %"), (1e-9, "<0.001 %"), (0.99992, "99.992 %"), (0.9999999, ">99.999 %"),
        (0.123, "12.3 %"),
    ],
)  # fmt: skip
def test_shares_are_never_rounded_to_nothing_or_to_all(ratio, words):
    assert wording.share(ratio) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(None, "–"), (0, "0/s"), (0.05, "0.05/s"), (3.4, "3.40/s"), (24.31, "24.3/s"),
     (812.4, "812/s"), (12_110.2, "12,110/s")],
)  # fmt: skip
def test_rates_have_three_digits(number, words):
    assert wording.per_second(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (12.34, "12.3 s"), (60, "1 min"), (64.6, "1 min 5 s"), (540, "9 min"),
     (3900, "1 h 5 min"), (7200, "2 h")],
)  # fmt: skip
def test_lengths_have_two_units_at_most(seconds, words):
    assert wording.lasting(seconds) == words


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [(412.3, "ms", "412 ms"), (0.0052, "ratio", "0.52 %"), (40, "per_s", "40.0/s"),
     (12_110, "count", "12,110"), (None, "ms", "–"), (None, "count", "–")],
)  # fmt: skip
def test_a_value_has_its_unit(number, unit, words):
    assert wording.value(number, unit) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(812, "812 B"), (2100, "2.1 kB"), (81_000_000, "81 MB"), (7.2e13, "72.0 TB")],
)
def test_sizes_are_decimal(number, words):
    assert wording.size(number) == words
