"""Waits between attempts, with chance given."""

from __future__ import annotations

from random import Random

import pytest

from wedload.sandbox.resilience.retry import Retry, asked_wait_s


class Always(Random):
    """Draws the same share each time."""

    def __init__(self, share):
        super().__init__()
        self.share = share

    def random(self):
        return self.share


RETRY = Retry(most_attempts=6, base_s=0.02, cap_s=0.08)


@pytest.mark.parametrize(
    ("attempts", "bound_s"), [(1, 0.02), (2, 0.04), (3, 0.08), (4, 0.08), (5, 0.08)]
)
def test_waits_double_up_to_a_cap_and_are_drawn_from_nothing_to_their_bound(attempts, bound_s):
    assert RETRY.wait_s(attempts, None, Always(0.0)) == 0.0
    assert RETRY.wait_s(attempts, None, Always(0.5)) == pytest.approx(bound_s / 2)


def test_attempts_are_bounded():
    assert RETRY.wait_s(6, None, Always(0.0)) is None
    assert Retry().wait_s(3, None, Always(0.0)) is None
    assert Retry().wait_s(2, None, Always(0.0)) is not None


def test_without_jitter_everybody_waits_the_whole_bound():
    assert Retry(jitter=False).wait_s(1, None, Always(0.1)) == pytest.approx(0.02)


def test_who_is_told_when_to_come_back_comes_no_earlier():
    assert RETRY.wait_s(1, 2.0, Always(0.0)) == 2.0
    assert RETRY.wait_s(1, 2.0, Always(0.5)) == pytest.approx(2.01)
    ignores = Retry(retry_after=False)
    assert ignores.wait_s(1, 2.0, Always(0.5)) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("header", "asked_s"),
    [
        (None, None),
        ("3", 3.0),
        ("0", 0.0),
        (" 1.5 ", 1.5),
        ("soon", None),
        ("-1", None),
        ("Thu, 01 Jan 1970 00:01:10 GMT", 10.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("Thu, 99 Foo 1970 00:00:10 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, asked_s):
    assert asked_wait_s(header, now_s=60.0) == asked_s
