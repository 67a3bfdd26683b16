"""Messages that come behind one that was sent after them."""

from __future__ import annotations

import pytest

from wedload.channels.ordering import Ordering
from wedload.channels.port import Place


def overtaken(numbers: list[float]) -> int:
    """How many of messages in this order are out of order."""
    ordering = Ordering(1)
    return sum(ordering.overtaken(Place("e", number), 0) for number in numbers)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, 2, 3], 0),
        ([2, 1], 1),  # of two that are swapped, one
        ([1, 3, 2, 4, 6, 5], 2),
        ([3, 1, 2], 2),  # both were sent before it
        ([1, 1], 0),
        ([5, 7, 9], 0),  # others got those between
    ],
)
def test_a_message_is_out_of_order_behind_one_that_was_sent_after_it(
    numbers: list[float], expected: int
) -> None:
    assert overtaken(numbers) == expected


def test_entities_and_subscribers_have_an_order_each() -> None:
    ordering = Ordering(2)
    assert not ordering.overtaken(Place("a", 2), 0)
    assert not ordering.overtaken(Place("b", 1), 0)
    assert not ordering.overtaken(Place("a", 1), 1)
    assert ordering.overtaken(Place("a", 1), 0)


def test_entities_that_were_quiet_for_longest_are_forgotten_and_counted() -> None:
    """Memory is bounded; a subscriber's number of an entity is 8 bytes."""
    ordering = Ordering(1_000)  # so that a thousand entities fit
    for number in range(1_500):
        ordering.overtaken(Place(f"e{number}", 5), 0)
    assert ordering.forgotten == 500
    assert not ordering.overtaken(Place("e0", 1), 0)
    assert ordering.overtaken(Place("e1499", 1), 0)
