"""When what was not delivered is sent again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.sandbox.webhook_schedule import (
    DEFAULT,
    Outcome,
    Schedule,
    outcome,
    parse_schedule,
    retry_after_s,
)

NOW_S = 1_800_000_000


@pytest.mark.parametrize(
    ("text", "waits_s"),
    [
        (DEFAULT, (0.2, 1.0, 5.0)),
        ("5s", (5.0,)),
        (" 1.5ms , 0s", (0.0015, 0.0)),
        ("none", ()),
        ("3600s", (3600.0,)),
    ],
)
def test_waits_are_read(text, waits_s):
    assert parse_schedule(text) == waits_s


@pytest.mark.parametrize(
    "text", ["", "5", "5s,", "5s;6s", "-1s", "1min", "3601s", ",".join(["1s"] * 21), "٣s", "nans"]
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write '200ms,1s,5s', with ms or s"):
        parse_schedule(text)


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (299, Outcome.DELIVERED),
        (301, Outcome.FAILED),
        (304, Outcome.FAILED),
        (400, Outcome.FAILED),
        (404, Outcome.FAILED),
        (410, Outcome.GONE),
        (429, Outcome.SLOW_DOWN),
        (500, Outcome.FAILED),
        (502, Outcome.SLOW_DOWN),
        (503, Outcome.FAILED),
        (504, Outcome.SLOW_DOWN),
        (None, Outcome.FAILED),
    ],
)
def test_only_2xx_is_success_and_some_failures_ask_for_more(status, meant):
    assert outcome(status) is meant


def test_wait_after_the_last_retry_is_none():
    schedule = Schedule((0.2, 1.0))
    assert schedule.wait_s(1, 2, None) is not None
    assert schedule.wait_s(1, 3, None) is None
    assert schedule.wait_s(1, 3, 5.0) is None
    assert Schedule(()).wait_s(1, 1, None) is None


@given(st.integers(), st.integers(1, 10**6), st.integers(1, 3))
def test_wait_is_anything_up_to_the_schedules_and_repeats(seed, sequence, attempts):
    schedule = Schedule((0.2, 1.0, 5.0), seed)
    wait_s = schedule.wait_s(sequence, attempts, None)
    assert 0 <= wait_s < schedule.waits_s[attempts - 1]
    assert wait_s == schedule.wait_s(sequence, attempts, None)


def test_waits_spread_over_the_whole_range():
    schedule = Schedule((1.0,))
    waits_s = sorted(schedule.wait_s(sequence, 1, None) for sequence in range(1, 1001))
    assert waits_s[100] < 0.15
    assert 0.45 < waits_s[500] < 0.55
    assert waits_s[900] > 0.85
    assert waits_s != sorted(Schedule((1.0,), 2).wait_s(n, 1, None) for n in range(1, 1001))


def test_receiver_that_asks_for_more_gets_it():
    assert Schedule((0.2,)).wait_s(1, 1, 7.0) == 7.0
    assert Schedule((5.0,)).wait_s(1, 1, 0.0) == Schedule((5.0,)).wait_s(1, 1, None)


@pytest.mark.parametrize(
    ("value", "asked_s"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        (formatdate(NOW_S + 90, usegmt=True), 90.0),
        (formatdate(NOW_S - 90, usegmt=True), 0.0),
        (formatdate(NOW_S + 10**6, usegmt=True), 3600.0),
        ("Thu, 01 Jan 1970 00:00:00", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour(value, asked_s):
    assert retry_after_s(value, NOW_S) == asked_s


def test_retry_after_may_be_in_any_zone():
    zone = timezone(timedelta(hours=5, minutes=30))
    date = format_datetime(datetime.fromtimestamp(NOW_S + 60, zone))
    assert retry_after_s(date, NOW_S) == 60
