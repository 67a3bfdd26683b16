"""How long clean-up waits as it was told to."""

from __future__ import annotations

import pytest

from wedload.engine.patience import ASKS_TOO_MUCH, LIMITS, Patience, again_after_ns
from wedload.protocols.http.response import Response
from wedload.units import NS_PER_S

S = NS_PER_S


def response(status: int, wait: str | None = None) -> Response:
    one = Response(0)
    one.outcome, one.status = "ok" if status else "timeout", status
    one.raw_headers = [] if wait is None else [(b"Retry-After", wait.encode())]
    return one


def test_waits_add_up_to_a_minute():
    patience = Patience()

    assert patience.refuses(0, 30 * S) is None
    assert patience.refuses(30 * S, 60 * S) is None
    assert patience.refuses(60 * S, 61 * S) == LIMITS


def test_waits_at_the_same_time_are_one():
    patience = Patience()

    assert [patience.refuses(n, 30 * S) for n in range(100)] == [None] * 100
    assert patience.refuses(20 * S, 50 * S) is None
    assert patience.refuses(50 * S, 61 * S) == LIMITS  # ten are left
    assert patience.refuses(50 * S, 60 * S) is None


def test_each_deletion_that_works_earns_a_second_and_never_more_than_the_minute():
    patience = Patience()
    for _ in range(1000):
        patience.deleted()
    assert patience.refuses(0, 30 * S) is None
    assert patience.refuses(30 * S, 60 * S) is None
    patience.deleted()
    assert patience.refuses(60 * S, 61 * S) is None
    assert patience.refuses(61 * S, 62 * S) == LIMITS


def test_a_wait_that_is_too_long_costs_nothing():
    patience = Patience()

    assert patience.refuses(0, 31 * S) == ASKS_TOO_MUCH
    assert patience.refuses(0, 30 * S) is None
    assert patience.refuses(30 * S, 60 * S) is None


def test_it_is_over_when_no_wait_is_begun_and_many_in_a_row_were_limited():
    patience = Patience()
    for _ in range(5):
        patience.take_in(response(429))
    assert not patience.is_over(5)  # there is still time to wait
    assert patience.is_over(5, retries=False)
    patience.refuses(0, 3600 * S)
    assert patience.is_over(5)
    patience.take_in(response(0))  # says nothing
    assert patience.is_over(5)
    patience.take_in(response(403))
    assert not patience.is_over(5)


def test_it_is_not_over_while_deletions_work():
    patience = Patience()
    patience.take_in(response(429, "3600"))
    assert patience.is_over(1)
    patience.deleted()
    assert not patience.is_over(1)


@pytest.mark.parametrize(
    ("said", "attempt", "after_s"),
    [
        (response(429), 1, 0),
        (response(503), 1, 0.5),
        (response(503), 2, 1),
        (response(503, "2"), 1, 0),
        (response(503, "31"), 1, None),
        (response(429), 4, None),
        (response(403), 1, None),
    ],
)
def test_what_is_refused_for_now_is_asked_for_again(said, attempt, after_s):
    after_ns = again_after_ns(said, attempt)

    assert (None if after_ns is None else after_ns / S) == after_s
