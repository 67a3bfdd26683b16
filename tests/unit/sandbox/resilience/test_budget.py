"""The retry budget on a given clock."""

from __future__ import annotations

from wedload.sandbox.resilience.budget import Allowance, Budget

NO_RATE = Allowance(share=0.1, per_s=0.0, most=5.0)


def emptied(allowance):
    budget = Budget(allowance, 0.0)
    while budget.take(0.0):
        pass
    return budget


def test_it_begins_with_what_may_be_saved_and_no_more():
    budget = Budget(NO_RATE, 0.0)
    assert [budget.take(0.0) for _ in range(6)] == [True] * 5 + [False]


def test_each_tenth_first_attempt_earns_a_retry():
    budget = emptied(NO_RATE)
    taken = 0
    for _ in range(1000):
        budget.asked(0.0)
        taken += budget.take(0.0)
    assert taken == 100


def test_what_is_saved_is_bounded():
    budget = emptied(NO_RATE)
    for _ in range(1000):
        budget.asked(0.0)
    assert sum(budget.take(0.0) for _ in range(10)) == 5


def test_where_hardly_anything_is_asked_time_earns_a_few():
    budget = emptied(Allowance(share=0.1, per_s=0.05, most=5.0))
    assert not budget.take(19.0)
    assert budget.take(20.0)
    assert not budget.take(20.0)


def test_a_clock_that_is_read_late_earns_nothing_twice():
    budget = emptied(Allowance(share=0.0, per_s=0.05, most=5.0))
    assert budget.take(20.0)
    assert not budget.take(10.0)
    assert not budget.take(30.0)
    assert budget.take(40.0)
