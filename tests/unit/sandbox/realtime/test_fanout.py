"""What becomes of copies, one subscriber at a time."""

from __future__ import annotations

import pytest

from wedload.sandbox.realtime import fanout
from wedload.sandbox.realtime.counts import Counts
from wedload.sandbox.realtime.fanout import Fanout, Subscriber
from wedload.sandbox.realtime.outlet import Outlet
from wedload.sandbox.weakness import REALTIME_KINDS, Weaknesses, parse_weakness


class Sent:
    """A fan-out to one subscriber, and what it counted."""

    def __init__(self, transport, *wishes):
        self.counts = Counts()
        self.weaknesses = Weaknesses(parse_weakness(wish, REALTIME_KINDS) for wish in wishes)
        self.fanout = Fanout(self.counts, self.weaknesses)
        self.subscriber = Subscriber(Outlet(transport, self.counts))

    def copy(self, letters):
        for letter in letters:
            self.fanout.copy(self.subscriber, letter.encode())


@pytest.fixture
def sent(connection):
    transport, _ = connection
    return lambda *wishes: Sent(transport, *wishes)


@pytest.mark.parametrize(
    ("wish", "came", "hit"),
    [
        (None, "abcdefgh", 0),
        ("lose=1/4", "abcefg", 2),
        ("duplicate=1/4", "abcddefghh", 2),
        ("reorder=1/5", "abcedfgh", 1),
    ],
)
async def test_every_nth_copy_is_hit(sent, connection, wish, came, hit):
    one = sent(*[wish] if wish else [])
    one.copy("abcdefgh")
    assert await connection[1].readexactly(len(came)) == came.encode()
    assert one.counts.copies == len(came)
    assert sum(one.weaknesses.counts().values()) == hit


async def test_delayed_copy_comes_after_those_that_followed_it(sent, connection):
    one = sent("delay=1/3:20ms")
    one.copy("abcde")
    assert await connection[1].readexactly(5) == b"abdec"
    assert one.counts.copies == 5


async def test_copy_whose_partner_does_not_come_is_written_as_it_is_and_no_swap_is_counted(
    sent, connection, monkeypatch
):
    monkeypatch.setattr(fanout, "SWAP_WITHIN_S", 0)
    one = sent("reorder=1/3")
    one.copy("ab")
    assert await connection[1].readexactly(2) == b"ab"
    one.copy("cd")
    assert one.weaknesses.counts() == {"reorder": 0}
    assert await connection[1].readexactly(2) == b"cd"


async def test_subscriber_that_is_gone_gets_nothing_more(sent, connection, monkeypatch):
    monkeypatch.setattr(fanout, "SWAP_WITHIN_S", 0)
    one = sent("reorder=1/3")
    one.copy("ab")
    one.fanout.forget(one.subscriber)
    other = sent()
    other.copy("z")
    assert await connection[1].readexactly(2) == b"az"
    assert one.counts.copies == 1
    assert one.weaknesses.counts() == {"reorder": 0}


async def test_delayed_copy_does_not_come_after_its_subscriber_has_left(sent, connection):
    one = sent("delay=1/2:2ms")
    one.copy("ab")
    one.fanout.forget(one.subscriber)
    one.subscriber = Subscriber(one.subscriber.outlet)
    one.copy("cd")
    assert await connection[1].readexactly(3) == b"acd"
    assert one.counts.copies == 3


async def test_copies_to_a_connection_that_has_ended_are_not_counted(sent, connection):
    one = sent()
    connection[0].close()
    one.copy("ab")
    assert one.counts.copies == 0
