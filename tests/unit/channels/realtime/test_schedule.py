"""When subscribers join, and when they try again."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from wedload.channels.realtime.schedule import join_due_ns, join_limit_ns, wait_ns
from wedload.units import NS_PER_S


def test_subscribers_join_at_the_rate_from_the_beginning():
    due = [join_due_ns(5, index, Fraction(3)) for index in range(7)]
    assert due == [5, 5 + 333_333_333, 5 + 666_666_666, *(
        5 + NS_PER_S + part for part in (0, 333_333_333, 666_666_666, NS_PER_S)
    )]  # fmt: skip


def test_a_rate_of_nothing_is_no_ramp():
    assert join_due_ns(5, 1_000, Fraction(0)) == 5


def test_all_have_their_ramp_and_ten_seconds():
    assert join_limit_ns(200, Fraction(100)) == 12 * NS_PER_S
    assert join_limit_ns(1, Fraction(0)) == 10 * NS_PER_S


@pytest.mark.parametrize(
    ("attempt", "most_s"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30), (900, 30)]
)
def test_waits_double_up_to_half_a_minute_and_at_least_half_is_waited(attempt, most_s):
    rng = random.Random(1)
    waits = [wait_ns(attempt, rng) / NS_PER_S for _ in range(200)]
    assert min(waits) >= most_s / 2
    assert max(waits) <= most_s
    assert max(waits) - min(waits) > most_s / 4


def test_waits_repeat_with_the_seed():
    first, second = random.Random("a/1"), random.Random("a/1")
    assert [wait_ns(n, first) for n in range(1, 9)] == [wait_ns(n, second) for n in range(1, 9)]


def test_what_the_server_has_told_is_the_least():
    rng = random.Random(1)
    for attempt, least_s in [(1, 0.25), (2, 0.5), (3, 1)]:
        assert wait_ns(attempt, rng, NS_PER_S // 4) >= least_s * NS_PER_S
    assert wait_ns(1, rng, 60 * NS_PER_S) >= 60 * NS_PER_S
    assert wait_ns(1, rng, 0) == 0
