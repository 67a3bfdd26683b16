import pytest

from wedload.plan.third_parties import Quota
from wedload.simulators.quota import Allowance, Quotas, SlidingWindow

THREE = Quota(requests=3, per_ns=100)


def test_so_many_are_let_through_and_the_next_when_the_first_has_left_the_window():
    window = SlidingWindow(THREE)
    for at_ns in (0, 10, 20):
        assert window.look(at_ns).allowed
        window.take(at_ns)
    assert not window.look(20).allowed
    assert window.look(99) == Allowance(False, 3, 0, next_ns=100)
    assert window.look(100).allowed


def test_it_says_how_many_are_left_and_when_there_will_be_one_more():
    window = SlidingWindow(THREE)
    assert window.look(5) == Allowance(True, 3, 3, next_ns=5)
    assert window.take(5) == Allowance(True, 3, 2, next_ns=105)
    assert window.take(50) == Allowance(True, 3, 1, next_ns=105)
    assert window.look(105) == Allowance(True, 3, 2, next_ns=150)


def test_a_burst_over_two_fixed_windows_is_not_let_through():
    """What a counter that starts anew each 100 ns would let through: 6 within 20 ns."""
    quotas = Quotas(THREE, None)
    let_through = [quotas.admit("", at_ns).allowed for at_ns in (97, 98, 99, 100, 101, 102)]
    assert let_through == [True, True, True, False, False, False]


def test_no_quota_lets_everything_through():
    assert Quotas(None, None).admit("somebody", 0) is None


def test_each_user_has_a_quota_of_its_own():
    quotas = Quotas(None, Quota(1, 100))
    assert quotas.admit("a", 0).allowed
    assert quotas.admit("b", 0).allowed
    refused = quotas.admit("a", 1)
    assert (refused.allowed, refused.scope) == (False, "user")
    assert quotas.admit("", 1) is None  # it says no user


def test_what_one_quota_refuses_counts_against_none():
    quotas = Quotas(Quota(2, 100), Quota(1, 100))
    assert quotas.admit("a", 0).allowed
    assert not quotas.admit("a", 1).allowed
    assert quotas.admit("b", 2).allowed
    refused = quotas.admit("c", 3)
    assert (refused.allowed, refused.scope) == (False, "all")


def test_the_quota_that_leaves_less_is_told():
    assert Quotas(Quota(10, 100), Quota(2, 100)).admit("a", 0).remaining == 1
    assert Quotas(Quota(1, 100), Quota(2, 100)).admit("a", 0).remaining == 0


@pytest.mark.parametrize("requests", [1, 7])
def test_what_is_kept_is_bounded_by_the_quota(requests):
    window = SlidingWindow(Quota(requests, 10))
    for at_ns in range(1_000):
        if window.look(at_ns).allowed:
            window.take(at_ns)
    assert len(window._instants) <= requests


def test_users_who_are_forgotten_are_counted(monkeypatch):
    monkeypatch.setattr("wedload.simulators.quota.MOST_USERS", 2)
    quotas = Quotas(None, Quota(1, 100))
    for user in ("a", "b", "a", "c"):
        quotas.admit(user, 0)
    assert quotas.users_forgotten == 1
    assert not quotas.admit("a", 1).allowed  # it was b who had not come for longest
