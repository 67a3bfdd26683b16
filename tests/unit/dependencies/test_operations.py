"""Attempts become the operations that they belong to, when these are over."""

from __future__ import annotations

import pytest

from tests.helpers.attempts import attempt
from wedload.dependencies.operations import Operation, Operations
from wedload.units import NS_PER_MS

QUIET = 5_000  # ms


class Seen:
    """Operations that are fed with attempts, by their end, and what they tell."""

    def __init__(self, **bounds: int) -> None:
        self.over: list[Operation] = []
        self.operations = Operations(self.over.append, quiet_ns=QUIET * NS_PER_MS, **bounds)

    def feed(self, *attempts):
        for one in sorted(attempts, key=lambda one: one.ended_ns):
            self.operations.add(one)

    def sweep(self, until):
        self.operations.sweep(until * NS_PER_MS)

    def sizes(self):
        return [len(one.attempts) for one in self.over]


def ms(*durations_ns):
    return [one / NS_PER_MS for one in durations_ns]


def test_attempts_with_one_key_are_one_operation() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10, outcome="error"), attempt(110, 130, outcome="error"))
    seen.feed(attempt(330, 350))
    seen.operations.finish()
    (one,) = seen.over
    assert len(one.attempts) == 3
    assert ms(one.arrived_ns, one.ended_ns) == [0, 350]
    assert ms(*one.gaps_ns()) == [100, 200]
    assert one.ok
    assert one.hedged == 0


@pytest.mark.parametrize(
    "other",
    [{"key": "b"}, {"endpoint": "freebusy.query"}, {"dependency": "mail"}],
    ids=["key", "endpoint", "third party"],
)
def test_another_key_endpoint_or_third_party_is_another_operation(other: dict[str, str]) -> None:
    seen = Seen()
    seen.feed(attempt(0, 10), attempt(20, 30, **other))
    seen.operations.finish()
    assert seen.sizes() == [1, 1]


def test_attempts_without_a_key_are_operations_of_their_own_and_over_at_once() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10, ""), attempt(20, 30, ""))
    assert seen.sizes() == [1, 1]
    assert seen.operations.held == 0


def test_an_operation_is_over_when_it_was_quiet_for_long_enough_and_not_before() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10))
    seen.sweep(10 + QUIET)
    assert seen.over == []
    seen.sweep(10 + QUIET + 1)
    assert seen.sizes() == [1]
    assert seen.operations.held == 0


def test_a_key_that_comes_again_after_a_quiet_time_is_another_operation() -> None:
    """Whether or not somebody has looked in between."""
    seen = Seen()
    seen.feed(attempt(0, 10), attempt(10 + QUIET, 6_000), attempt(6_001 + QUIET, 12_000))
    seen.operations.finish()
    assert seen.sizes() == [2, 1]


def test_the_quiet_time_begins_when_what_an_attempt_was_told_to_wait_is_over() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10, outcome="quota", retry_after=60_000))
    seen.sweep(60_000)
    assert seen.over == []
    seen.feed(attempt(30_000, 30_010))
    seen.operations.finish()
    assert seen.sizes() == [2]


def test_an_attempt_that_hangs_keeps_its_operation_together() -> None:
    """It came when the first had just ended, and is told of last of all."""
    seen = Seen()
    seen.feed(attempt(0, 10, outcome="error"), attempt(8_000, 9_000))
    seen.sweep(500)  # what came later is not all told of: one is under way since then
    seen.feed(attempt(500, 20_000, outcome="timeout"))
    seen.sweep(100_000)
    assert seen.sizes() == [3]
    assert ms(*seen.over[0].gaps_ns()) == [490, 0]


def test_an_attempt_while_another_is_under_way_is_hedged_and_has_no_gap() -> None:
    seen = Seen()
    seen.feed(attempt(0, 400, outcome="gone"), attempt(100, 150), attempt(450, 460))
    seen.operations.finish()
    (one,) = seen.over
    assert [ms(x.arrived_ns)[0] for x in one.attempts] == [0, 100, 450]
    assert ms(*one.gaps_ns()) == [0, 50]
    assert one.hedged == 1


def test_an_operation_of_which_no_attempt_fared_well_has_failed() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10, outcome="error"), attempt(20, 30, outcome="quota"))
    seen.operations.finish()
    (one,) = seen.over
    assert not one.ok
    assert one.refused == 1


@pytest.mark.parametrize(("done", "duplicate"), [(1, False), (2, True)])
def test_what_is_carried_out_twice_is_a_duplicate_whatever_the_client_got_to_know(
    done: int, duplicate: bool
) -> None:
    seen = Seen()
    seen.feed(attempt(0, 400, outcome="gone", done=True), attempt(500, 520, done=done == 2))
    seen.operations.finish()
    assert seen.over[0].duplicate is duplicate


def test_what_only_reads_is_no_duplicate_however_often_it_is_done() -> None:
    seen = Seen()
    seen.feed(*(attempt(at, at + 5, done=True, reads=True) for at in (0, 10, 20)))
    seen.operations.finish()
    assert not seen.over[0].duplicate


def test_beyond_the_bound_what_was_quiet_for_longest_is_taken_for_over_and_counted() -> None:
    seen = Seen(most=3)
    seen.feed(*(attempt(at, at + 1, key) for at, key in enumerate("abcad")))
    assert [one.attempts[0].operation for one in seen.over] == ["b", "c"]
    assert seen.operations.cut == 2
    assert seen.operations.held == 3


def test_a_key_that_tells_nothing_apart_does_not_fill_the_memory() -> None:
    seen = Seen(most_of_a_key=4)
    seen.feed(*(attempt(at, at + 1) for at in range(10)))
    assert seen.sizes() == [4, 4]
    assert seen.operations.cut == 2
    assert seen.operations.held == 2


def test_only_what_has_not_fared_well_is_awaited_and_no_longer_than_a_quiet_time() -> None:
    seen = Seen()
    seen.feed(attempt(0, 10, "a"), attempt(0, 20, "b", outcome="error"))
    operations = seen.operations
    assert operations.awaited((20 + QUIET) * NS_PER_MS) == 1
    assert operations.awaited((21 + QUIET) * NS_PER_MS) == 0
    seen.feed(attempt(30, 40, "b"))
    assert operations.awaited(50 * NS_PER_MS) == 0


def test_who_adds_an_attempt_learns_when_the_first_of_its_operation_came() -> None:
    operations = Seen().operations
    assert operations.add(attempt(100, 110)) == 100 * NS_PER_MS
    assert operations.add(attempt(90, 120)) == 90 * NS_PER_MS
    assert operations.add(attempt(200, 210)) == 90 * NS_PER_MS
    assert operations.add(attempt(300, 310, "")) == 300 * NS_PER_MS
