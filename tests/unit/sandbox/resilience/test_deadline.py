"""Deadlines on a given clock."""

from __future__ import annotations

from math import inf

import pytest

from wedload.sandbox.resilience.deadline import SHORTEST_ATTEMPT_S, Deadline


def test_it_ends_so_long_after_it_began():
    deadline = Deadline.after(10.0, 0.4)
    assert deadline.left_s(10.1) == pytest.approx(0.3)
    assert deadline.left_s(11.0) == 0.0


def test_without_one_there_is_time_for_ever():
    deadline = Deadline.after(10.0, None)
    assert deadline.left_s(1e9) == inf
    assert deadline.allows(1e9, wait_s=1e9)


@pytest.mark.parametrize(
    ("wait_s", "allowed"),
    [(0.0, True), (0.39, True), (0.4 - SHORTEST_ATTEMPT_S, False), (0.4, False), (9.0, False)],
)
def test_a_wait_fits_if_an_attempt_fits_after_it(wait_s, allowed):
    assert Deadline(0.4).allows(0.0, wait_s) is allowed


def test_a_share_never_ends_later_than_the_whole():
    assert Deadline(5.0).at_most(1.0, 2.0) == Deadline(3.0)
    assert Deadline(5.0).at_most(4.0, 2.0) == Deadline(5.0)
