"""Retry-After headers: seconds, dates, and what is neither."""

from __future__ import annotations

import pytest

from wedload.protocols.http.retry_after import retry_after_ns
from wedload.units import NS_PER_S

NOW_S = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("Wed, 21 Oct 2015 07:28:05 GMT", 5),
        ("Wednesday, 21-Oct-15 07:28:05 GMT", 5),
        ("Wed Oct 21 07:28:05 2015", 5),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0),
    ],
)
def test_a_wait_is_given_in_seconds_or_as_a_date(header, seconds):
    assert retry_after_ns(header, NOW_S) == seconds * NS_PER_S


@pytest.mark.parametrize(
    "header", ["", "soon", "-1", "1.5", "1e3", "²", "Wed, 99 Oct 2015", "9" * 99]
)
def test_what_says_nothing_is_ignored(header):
    assert retry_after_ns(header, NOW_S) is None
