"""Quantities as people write them, and as they are shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.units import (
    format_clock,
    format_duration_ns,
    format_ms,
    parse_duration_ns,
    parse_rate_per_s,
    parse_ratio,
)


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("0s", 0),
        ("1ns", 1),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("250\N{GREEK SMALL LETTER MU}s", 250_000),
        ("250ms", 250_000_000),
        ("1.5s", 1_500_000_000),
        ("1.1s", 1_100_000_000),
        ("10s", 10_000_000_000),
        ("1m30s", 90_000_000_000),
        (" 1 m 30 s ", 90_000_000_000),
        ("1h", 3_600_000_000_000),
        ("1d", 86_400_000_000_000),
        ("9007199254740993ns"[1:], 7_199_254_740_993),
        ("999999999999999s", 999_999_999_999_999_000_000_000),
    ],
)
def test_duration_is_read_exactly(text, duration_ns):
    assert parse_duration_ns(text) == duration_ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "s",
        "10 seconds",
        "-1s",
        "1e3s",
        "1s2",
        "1.s",
        ".5s",
        "٣s",
        "9" * 400 + "s",
        10,
        None,
    ],
)
def test_text_that_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write a number with a unit: 250ms, 10s, 1m30s"):
        parse_duration_ns(text)


@pytest.mark.parametrize(
    ("text", "per_s"),
    [
        ("40/s", 40),
        ("600/1m", 10),
        ("0.5/s", 0.5),
        (" 1 / 10 s ", 0.1),
        ("5/ms", 5000),
        ("1/d", 1 / 86_400),
    ],
)
def test_rate_is_read(text, per_s):
    assert parse_rate_per_s(text) == pytest.approx(per_s)


@pytest.mark.parametrize("text", ["", "40", "40/", "/s", "40/0s", "40/00s", "-1/s", "40/week", 40])
def test_text_that_is_no_rate_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write events per unit of time: 40/s, 600/1m"):
        parse_rate_per_s(text)


@pytest.mark.parametrize(
    ("text", "ratio"), [("99.9%", 0.999), ("0.999", 0.999), ("1%", 0.01), ("100 %", 1), ("0", 0)]
)
def test_ratio_is_read(text, ratio):
    assert parse_ratio(text) == pytest.approx(ratio)


@pytest.mark.parametrize("text", ["", "%", "little", "1%%"])
def test_text_that_is_no_ratio_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"write 99.9% or 0.999"):
        parse_ratio(text)


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (0, "0 µs"), (0.0004, "0 µs"), (0.042, "42 µs"), (0.0994, "99 µs"), (0.0996, "0.1 ms"),
        (1.24, "1.2 ms"), (9.94, "9.9 ms"), (9.96, "10 ms"), (210, "210 ms"), (999.4, "999 ms"),
        (999.6, "1.00 s"), (1240, "1.24 s"), (9994, "9.99 s"), (9996, "10.0 s"), (12_400, "12.4 s"),
        (99_940, "99.9 s"), (99_960, "100 s"), (3_600_000, "3600 s"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_duration_is_shown_with_two_or_three_digits(ms, shown):
    assert format_ms(ms) == shown


@given(st.floats(min_value=0, max_value=3_600_000))
def test_duration_takes_at_most_six_characters_and_is_right_to_its_last_digit(ms):
    text = format_ms(ms)

    assert len(text) <= 6
    number, unit = text.split(" ")
    factor = {"µs": 1e-3, "ms": 1, "s": 1e3}[unit]
    digits = len(number.partition(".")[2])
    assert abs(float(number) * factor - ms) <= 0.5001 * factor * 10**-digits


@given(st.floats(min_value=0, max_value=3_600_000), st.floats(min_value=0, max_value=3_600_000))
def test_longer_duration_is_never_shown_as_a_shorter_one(a, b):
    def value(ms: float) -> float:
        number, unit = format_ms(ms).split(" ")
        return float(number) * {"µs": 1e-3, "ms": 1, "s": 1e3}[unit]

    low, high = sorted((a, b))
    assert value(low) <= value(high)


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1us500ns"),
        (250_000_000, "250ms"),
        (90_000_000_000, "1m30s"),
        (3_600_000_000_000, "1h"),
        (90_000_000_000_000, "25h"),
    ],
)
def test_duration_is_written_as_a_plan_would(duration_ns, text):
    assert format_duration_ns(duration_ns) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00"), (252.9, "04:12"), (3_599, "59:59"), (3_852, "1:04:12")]
)
def test_elapsed_time_is_shown_as_a_clock(seconds, text):
    assert format_clock(seconds) == text
