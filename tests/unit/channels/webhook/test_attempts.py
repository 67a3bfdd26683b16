"""Attempts: first arrivals, duplicates and retries, and the schedule that they show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.channels.webhook.attempts import HUNG, MOST_NUMBERED, Attempts
from wedload.units import NS_PER_MS


def arrive(attempts: Attempts, message_id: str, at_ms: int, status: int, *, genuine: bool = True):
    """Kind and number of an attempt, and whether its answer accepts the message."""
    attempt = attempts.begin(message_id, at_ms * NS_PER_MS, genuine=genuine)
    return attempt.kind, attempt.number, attempt.answered(status, genuine=genuine)


def test_a_repeat_after_success_is_a_duplicate():
    attempts = Attempts(10)
    assert arrive(attempts, "a", 0, 202) == ("first", 1, True)
    assert arrive(attempts, "a", 5, 200) == ("duplicate", 2, False)
    assert arrive(attempts, "b", 6, 200) == ("first", 1, True)
    assert attempts.schedule() == []


@pytest.mark.parametrize("status", [503, 429, 410, 302, 401, HUNG])
def test_a_repeat_after_an_error_is_a_retry(status):
    attempts = Attempts(10)
    assert arrive(attempts, "a", 0, status) == ("first", 1, False)
    assert arrive(attempts, "a", 40, 200) == ("retry", 2, True)
    assert arrive(attempts, "a", 50, 200) == ("duplicate", 3, False)


def test_what_counts_is_the_latest_answer():
    attempts = Attempts(10)
    arrive(attempts, "a", 0, 200)
    assert arrive(attempts, "a", 1, 503) == ("duplicate", 2, False)
    assert arrive(attempts, "a", 2, 200) == ("retry", 3, False)


def test_a_forgery_is_never_accepted_and_does_not_undo_a_success():
    attempts = Attempts(10)
    assert arrive(attempts, "a", 0, 401, genuine=False) == ("first", 1, False)
    assert arrive(attempts, "a", 1, 401, genuine=False) == ("retry", 2, False)
    assert arrive(attempts, "a", 2, 200) == ("retry", 3, True)
    assert arrive(attempts, "a", 3, 401, genuine=False) == ("forged", 3, False)
    assert arrive(attempts, "a", 4, 200) == ("duplicate", 4, False)


def test_genuine_attempts_are_counted_apart():
    attempts = Attempts(10)
    attempts.begin("a", 0, genuine=False).answered(401, genuine=False)
    attempt = attempts.begin("a", 1, genuine=True)
    assert (attempt.number, attempt.genuine) == (2, 1)


def test_the_schedule_tells_how_long_after_which_answer_each_attempt_came():
    attempts = Attempts(10)
    for message_id, gap_ms in (("a", 100), ("b", 200), ("c", 900)):
        arrive(attempts, message_id, 0, 503)
        arrive(attempts, message_id, gap_ms, HUNG)
        arrive(attempts, message_id, 3 * gap_ms, 200)
    second, third = attempts.schedule()
    assert second == {
        "attempt": 2, "after": 503, "count": 3, "min_ms": 100, "max_ms": 900,
        "med_ms": pytest.approx(200, rel=1e-3),
    }  # fmt: skip
    assert (third["attempt"], third["after"], third["count"]) == (3, "hang", 3)
    assert (third["min_ms"], third["max_ms"]) == (200, 1800)


def test_many_gaps_are_kept_as_a_histogram():
    attempts = Attempts(10)
    for number in range(5_000):
        arrive(attempts, f"m{number}", 0, 503)
        arrive(attempts, f"m{number}", 10 + number % 100, 200)
    (second,) = attempts.schedule()
    assert (second["count"], second["min_ms"], second["max_ms"]) == (5_000, 10, 109)
    assert second["med_ms"] == pytest.approx(59, rel=1e-3)
    assert attempts.forgotten == 4_990


def test_so_many_attempts_are_told_apart_and_the_rest_is_counted():
    attempts = Attempts(10)
    for number in range(MOST_NUMBERED + 5):
        arrive(attempts, "a", number, 503)
    assert [row["attempt"] for row in attempts.schedule()] == list(range(2, MOST_NUMBERED + 1))
    assert attempts.beyond == 5


def test_the_message_that_came_first_is_forgotten_first():
    attempts = Attempts(2)
    for message_id in "abc":
        arrive(attempts, message_id, 0, 200)
    assert attempts.forgotten == 1
    assert arrive(attempts, "c", 1, 200)[0] == "duplicate"
    assert arrive(attempts, "b", 1, 200)[0] == "duplicate"
    assert arrive(attempts, "a", 1, 200) == ("first", 1, True)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([200, 503]), st.booleans())),
    st.integers(1, 4),
)
def test_any_order_of_arrivals_adds_up(arrivals, most):
    attempts = Attempts(most)
    kinds, accepted = [], 0
    for at_ms, (message_id, status, genuine) in enumerate(arrivals):
        kind, _, first = arrive(
            attempts, message_id, at_ms, status if genuine else 401, genuine=genuine
        )
        kinds.append(kind)
        accepted += first
    firsts = kinds.count("first")
    assert accepted <= firsts
    assert attempts.forgotten == max(0, firsts - most)
    gaps = sum(row["count"] for row in attempts.schedule())
    assert gaps + attempts.beyond == kinds.count("retry")
