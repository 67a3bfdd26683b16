"""The circuit breaker on a given clock."""

from __future__ import annotations

import pytest

from wedload.sandbox.resilience.breaker import Breaker, Limits

LIMITS = Limits(window=4, least=2, ratio=0.5, open_s=1.0)


def after(*failed, limits=LIMITS):
    """A breaker that has seen these outcomes at instant 0."""
    breaker = Breaker(limits)
    for each in failed:
        breaker.settle(breaker.admit(0.0), 0.0, failed=each)
    return breaker


@pytest.mark.parametrize(
    ("failed", "state"),
    [
        ((), "closed"),
        ((True,), "closed"),  # too few to judge
        ((True, True), "open"),
        ((False, True), "open"),  # half of them
        ((False, False, True), "closed"),
        ((False, False, True, True), "open"),
        ((False, False, False, True), "closed"),
        ((None, None, True), "closed"),  # who hung up says nothing
    ],
)
def test_it_opens_at_its_share_of_failures(failed, state):
    assert after(*failed).state == state


def test_only_the_last_outcomes_count():
    breaker = after(False, False, False, False, False, False, True, True)
    assert breaker.state == "open"


def test_open_it_lets_nothing_pass_until_its_time_is_over():
    breaker = after(True, True)
    assert breaker.opened == 1
    assert breaker.admit(0.99) is None
    assert breaker.waits_s(0.25) == pytest.approx(0.75)
    assert breaker.admit(1.0).probe


def test_half_open_it_lets_a_single_probe_pass():
    breaker = after(True, True)
    probe = breaker.admit(1.0)
    assert [breaker.admit(1.0) for _ in range(3)] == [None] * 3
    breaker.settle(probe, 1.1, failed=False)
    assert breaker.state == "closed"
    assert not breaker.admit(1.1).probe


def test_a_probe_that_fails_opens_it_again():
    breaker = after(True, True)
    breaker.settle(breaker.admit(1.0), 1.5, failed=True)
    assert (breaker.state, breaker.opened) == ("open", 2)
    assert breaker.admit(2.4) is None
    assert breaker.admit(2.5).probe


def test_a_probe_whose_caller_hung_up_makes_room_for_another():
    breaker = after(True, True)
    breaker.settle(breaker.admit(1.0), 1.1, failed=None)
    assert breaker.state == "half-open"
    assert breaker.admit(1.1).probe


def test_what_began_before_it_opened_decides_nothing_afterwards():
    breaker = Breaker(LIMITS)
    early = [breaker.admit(0.0) for _ in range(3)]
    for permit in early[:2]:
        breaker.settle(permit, 0.0, failed=True)
    probe = breaker.admit(1.0)
    breaker.settle(early[2], 1.0, failed=False)
    assert breaker.state == "half-open"
    assert breaker.admit(1.0) is None
    breaker.settle(probe, 1.0, failed=False)
    assert breaker.state == "closed"
