"""Retries are held against the policy of the plan, and against what the third party told."""

from __future__ import annotations

import pytest

from tests.helpers.attempts import attempt
from wedload.dependencies.operations import Operation
from wedload.dependencies.retries import policy_kept, waited_as_told
from wedload.plan.third_parties import Policy
from wedload.units import NS_PER_MS


def policy(attempts=None, gap=None, within=None):
    def ns(duration):
        return None if duration is None else duration * NS_PER_MS

    return Policy(attempts=attempts, gap=ns(gap), within=ns(within))


OPERATION = Operation((attempt(0, 50), attempt(150, 200), attempt(400, 450)))  # gaps 100, 200


@pytest.mark.parametrize(
    ("demanded", "found"),
    [
        (policy(), "ok"),
        (policy(attempts=3), "ok"),
        (policy(attempts=2), "attempts"),
        (policy(gap=100), "ok"),
        (policy(gap=102), "ok"),  # a timer that counts milliseconds
        (policy(gap=103), "gap"),
        (policy(within=450), "ok"),
        (policy(within=448), "ok"),
        (policy(within=447), "within"),
        (policy(attempts=2, gap=500, within=1), "attempts"),
        (policy(attempts=3, gap=500, within=1), "gap"),
    ],
)
def test_a_policy_is_kept_or_a_part_of_it_is_broken(demanded: Policy, found: str) -> None:
    assert policy_kept(OPERATION, demanded) == found


def test_hedged_attempts_keep_no_gap() -> None:
    hedged = Operation((attempt(0, 50), attempt(40, 90)))
    assert policy_kept(hedged, policy(gap=10)) == "gap"


def test_one_attempt_keeps_any_gap() -> None:
    assert policy_kept(Operation((attempt(0, 50),)), policy(attempts=1, gap=1_000)) == "ok"


@pytest.mark.parametrize(
    ("came", "kept"), [(1_050, True), (1_048, True), (1_047, False), (50, False), (40, True)]
)
def test_a_retry_keeps_retry_after_or_comes_early(came: float, kept: bool) -> None:
    """One that was sent before the answer had been told nothing."""
    told = attempt(0, 50, outcome="quota", retry_after=1_000)
    assert waited_as_told(Operation((told, attempt(came, came + 50)))) == [kept]


def test_giving_up_keeps_retry_after() -> None:
    assert waited_as_told(Operation((attempt(0, 50, outcome="quota", retry_after=100),))) == [True]


def test_each_attempt_that_was_told_is_counted_and_no_other() -> None:
    told = attempt(0, 50, outcome="quota", retry_after=100)
    again = attempt(60, 70, outcome="quota", retry_after=100)
    one = Operation((told, again, attempt(170, 180, outcome="error"), attempt(181, 190)))
    assert waited_as_told(one) == [False, True]
