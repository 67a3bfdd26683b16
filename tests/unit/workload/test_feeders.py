"""Which row an iteration sees, for each way of picking, alone and over several load processes."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from wedload.plan.model import Feeder
from wedload.workload.feeders import FeederExhaustedError, RowSource
from wedload.workload.segment import Segment

ROWS = tuple({"n": n} for n in range(10))


WHOLE = Segment()


def source(pick, segment=WHOLE, rows=ROWS):
    return RowSource("venues", Feeder(file="venues.csv", pick=pick, rows=rows), segment)


def taken(rows, count, vu=0, seed=1):
    rng = random.Random(seed)
    return [rows.next_row(vu, rng)["n"] for _ in range(count)]


def until_exhausted(rows):
    found = []
    try:
        for _ in range(1_000):
            found.append(rows.next_row(0, random.Random(1))["n"])  # noqa: PERF401 - until it raises
    except FeederExhaustedError:
        return found
    raise AssertionError("a feeder of ten rows gave a thousand")


def test_sequential_goes_through_the_rows_and_begins_again():
    assert taken(source("sequential"), 23) == [*range(10), *range(10), 0, 1, 2]


def test_sequential_is_shared_by_all_users_of_a_process():
    rows = source("sequential")
    rng = random.Random(1)
    assert [rows.next_row(vu, rng)["n"] for vu in (0, 5, 0, 9)] == [0, 1, 2, 3]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_sequential_processes_take_turns_over_the_rows(count):
    shares = [taken(source("sequential", Segment(i, count)), 10) for i in range(count)]
    in_turn = [row for turn in zip(*shares, strict=True) for row in turn]
    assert in_turn == [n % 10 for n in range(10 * count)]


def test_unique_gives_each_row_once_and_then_no_more():
    rows = source("unique")
    assert until_exhausted(rows) == list(range(10))
    with pytest.raises(FeederExhaustedError, match=r"data\.venues: all 10 rows have been used"):
        rows.next_row(0, random.Random(1))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 13])
def test_no_two_processes_share_a_unique_row_and_together_they_use_all(count):
    shares = [until_exhausted(source("unique", Segment(i, count))) for i in range(count)]
    assert Counter(row for share in shares for row in share) == Counter(range(10))
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


def test_per_vu_gives_a_user_the_same_row_always():
    rows = source("per_vu")
    assert taken(rows, 3, vu=4) == [4, 4, 4]
    assert taken(rows, 2, vu=14) == [4, 4]
    assert taken(rows, 1, vu=0) == [0]


def test_per_vu_does_not_depend_on_the_process():
    for vu in range(12):
        assert taken(source("per_vu", Segment(vu % 3, 3)), 1, vu=vu) == [vu % 10]


def test_random_rows_come_from_the_users_own_numbers():
    assert taken(source("random"), 20, seed=3) == taken(source("random"), 20, seed=3)
    assert taken(source("random"), 20, seed=3) != taken(source("random"), 20, seed=4)


def test_random_reaches_every_row_about_equally_often():
    counts = Counter(taken(source("random"), 10_000))
    assert set(counts) == set(range(10))
    assert all(850 < count < 1_150 for count in counts.values())


@pytest.mark.parametrize("pick", ["sequential", "random", "per_vu"])
def test_one_row_is_enough_for_all_that_may_repeat(pick):
    assert taken(source(pick, rows=ROWS[:1]), 4, vu=9) == [0, 0, 0, 0]
