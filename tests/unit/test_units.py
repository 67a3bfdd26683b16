"""Quantities as people write them, and as they are shown."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.units import (
    format_clock,
    format_duration_ns,
    format_ms,
    format_per_s,
    format_ratio,
    format_size,
    format_value,
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
        (0, "0 µs"), (0.0004, "<1 µs"), (0.0006, "1 µs"),
        (0.042, "42 µs"), (0.0994, "99 µs"), (0.0996, "0.1 ms"),
        (1.24, "1.2 ms"), (9.94, "9.9 ms"), (9.96, "10 ms"), (210, "210 ms"), (999.4, "999 ms"),
        (999.6, "1.00 s"), (1240, "1.24 s"), (9994, "9.99 s"), (9996, "10.0 s"), (12_400, "12.4 s"),
        (99_940, "99.9 s"), (99_960, "100 s"), (3_600_000, "3600 s"), (math.nan, "–"),
        (None, "–"),
    ],
)  # fmt: skip
def test_duration_is_shown_with_two_or_three_digits(ms, shown):
    assert format_ms(ms) == shown


@given(st.floats(min_value=0, max_value=3_600_000))
def test_duration_takes_at_most_six_characters_and_is_right_to_its_last_digit(ms):
    text = format_ms(ms)

    assert len(text) <= 6
    number, unit = text.split(" ")
    if number == "<1":
        assert 0 < ms < 1e-3
        return
    factor = {"µs": 1e-3, "ms": 1, "s": 1e3}[unit]
    digits = len(number.partition(".")[2])
    assert abs(float(number) * factor - ms) <= 0.5001 * factor * 10**-digits


@given(st.floats(min_value=0, max_value=3_600_000), st.floats(min_value=0, max_value=3_600_000))
def test_longer_duration_is_never_shown_as_a_shorter_one(a, b):
    def value(ms: float) -> float:
        number, unit = format_ms(ms).replace("<1", "0.5").split(" ")
        return float(number) * {"µs": 1e-3, "ms": 1, "s": 1e3}[unit]

    low, high = sorted((a, b))
    assert value(low) <= value(high)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (None, "–"), (0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.0052, "0.52 %"),
        (0.00013, "0.013 %"), (1e-9, "<0.001 %"), (0.99992, "99.992 %"), (0.9999999, ">99.999 %"),
        (0.123, "12.3 %"), (0.99999, "99.999 %"), (1.5, "150 %"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_shares_are_never_rounded_to_nothing_or_to_all(ratio, words):
    assert format_ratio(ratio) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(None, "–"), (0, "0/s"), (0.05, "0.05/s"), (3.4, "3.40/s"), (24.31, "24.3/s"),
     (812.4, "812/s"), (0.001, "<0.01/s"), (12_110.2, "12,110/s")],
)  # fmt: skip
def test_rates_have_three_digits_and_are_never_rounded_to_nothing(number, words):
    assert format_per_s(number) == words


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [(412.3, "ms", "412 ms"), (0.0052, "ratio", "0.52 %"), (40, "per_s", "40.0/s"),
     (12_110, "count", "12,110"), (None, "ms", "–"), (None, "count", "–"),
     (float("nan"), "per_s", "–"), (0.2, "count", "<1"),
     (3, "number", "3"), (1.204, "number", "1.2"), (1.238, "number", "1.24"),
     (12.5, "number", "12.5"), (1234.4, "number", "1,234"), (None, "number", "–"),
     (5.24e8, "bytes", "524 MB"), (1500, "bytes_per_s", "1.5 kB/s"), (None, "bytes", "–"),
     (None, "bytes_per_s", "–")],
)  # fmt: skip
def test_a_value_has_its_unit(number, unit, words):
    assert format_value(number, unit) == words


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_share_that_is_neither_nothing_nor_all_is_never_shown_as_either(ratio):
    assert format_ratio(ratio) not in {"0 %", "100 %"}


@given(
    st.sampled_from(["ms", "ratio", "per_s", "count", "number"]),
    st.floats(0, 1),
    st.integers(0, 10**6),
)  # fmt: skip
def test_a_value_beside_another_is_shown_on_the_side_where_it_is(unit, value, millionths):
    beside = millionths / 1e6
    text = format_value(value, unit, beside=beside)
    if not text[0].isdigit() or math.isclose(value, beside, rel_tol=1e-9):
        return

    number, name = re.fullmatch(r"([\d.,]+(?:e-\d+)?)(.*)", text).groups()
    shown = float(number) / {" µs": 1e3, " %": 100}.get(name, 1)

    assert (shown > beside) == (value > beside)
    assert not math.isclose(shown, beside, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("value", "beside", "unit", "words"),
    [
        (1 / 300_000, 0.0, "ratio", "<0.001 %"), (0.999986, 0.99999, "ratio", "99.9986 %"),
        (0.010004, 0.01, "ratio", "1.0004 %"), (39.98, 40.0, "per_s", "39.98/s"),
        (250.0004, 250.0, "ms", "250.0004 ms"), (250.3, 250.2, "ms", "250.3 ms"),
        (1000.4, 1000.0, "ms", "1.0004 s"), (9.7e-213, 0.0, "number", "9.7e-213"),
        (0.0422, 0.042, "ms", "42.2 µs"),
        (500_400_000, 500_000_000, "bytes", "500.4 MB"),
        (10_000_300, 10_000_000, "bytes_per_s", "10.0003 MB/s"),
        (1_000_001.0, 1_000_000.0, "count", "1,000,001"), (42.0, 42.5, "count", "42"),
        (40.0, 40.0, "per_s", "40.0/s"), (None, 40.0, "per_s", "–"), (412.3, 250.0, "ms", "412 ms"),
    ],
)  # fmt: skip
def test_a_value_beside_its_threshold_has_the_digits_that_tell_them_apart(
    value, beside, unit, words
):
    assert format_value(value, unit, beside=beside) == words


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


@pytest.mark.parametrize(
    ("number", "words"),
    [(812, "812 B"), (2100, "2.1 kB"), (81_000_000, "81 MB"), (7.2e13, "72.0 TB")],
)
def test_sizes_are_decimal(number, words):
    assert format_size(number) == words
