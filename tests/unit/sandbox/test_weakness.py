"""Which messages suffer a weakness, and how many of them."""

from __future__ import annotations

import pytest

from wedload.sandbox.errors import OptionError
from wedload.sandbox.options import parse_options
from wedload.sandbox.weakness import (
    REALTIME_KINDS,
    WEBHOOK_KINDS,
    Hit,
    Weakness,
    Weaknesses,
    parse_weakness,
    weaknesses_in,
)

KNOWN = (
    Weakness("lose", 1428),
    Weakness("duplicate", 909),
    Weakness("missign", 2000),
    Weakness("delay", 769, 2.0),
    Weakness("reorder", 500),
)


def hits(wishes, messages):
    weaknesses = Weaknesses(wishes)
    return [weaknesses.next() for _ in range(messages)], weaknesses.counts()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("lose=1/1428", Weakness("lose", 1428)),
        (" Duplicate = 1 / 909 ", Weakness("duplicate", 909)),
        ("delay=1/769:2s", Weakness("delay", 769, 2.0)),
        ("delay=1/10 : 1.5 ms", Weakness("delay", 10, 0.0015)),
        ("missign=1/1", Weakness("missign", 1)),
    ],
)
def test_kind_share_and_duration_are_read(text, meant):
    assert parse_weakness(text, WEBHOOK_KINDS) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "write 'lose=1/1428'"),
        ("lose", "write 'lose=1/1428'"),
        ("lose=7", "write 'lose=1/1428'"),
        ("lose=2/7", "write 'lose=1/1428'"),
        ("lose=1/0", "write 'lose=1/1428'"),
        ("lose=1/-3", "write 'lose=1/1428'"),
        ("lose=1/٣", "write 'lose=1/1428'"),
        ("delay=1/7:2min", "or 'delay=1/769:2s' with ms or s"),
        ("delay=1/7", "a delay needs its duration"),
        ("lose=1/7:2s", "only a delay has a duration"),
        ("drop=1/7", "'drop' is no weakness; there are lose, duplicate, reorder, delay, missign"),
        ("delay=1/7:601s", "longer than 600s"),
    ],
)
def test_anything_else_is_refused_with_what_is_expected(text, said):
    with pytest.raises(ValueError, match=said):
        parse_weakness(text, WEBHOOK_KINDS)


def test_realtime_messages_have_no_signature_to_get_wrong():
    with pytest.raises(ValueError, match=r"there are lose, duplicate, reorder, delay$"):
        parse_weakness("missign=1/7", REALTIME_KINDS)


def test_variable_separates_by_semicolons_and_is_named_when_wrong():
    read = weaknesses_in("THE_NAME", "lose=1/3; delay=1/5:2ms;", WEBHOOK_KINDS)
    assert read == (Weakness("lose", 3), Weakness("delay", 5, 0.002))
    with pytest.raises(OptionError, match="THE_NAME: 'oops' is not"):
        weaknesses_in("THE_NAME", "lose=1/3;oops", WEBHOOK_KINDS)


def test_options_come_after_the_environment_so_that_they_win():
    env = {
        "WEDLOAD_SANDBOX_WEBHOOK_WEAKNESS": "lose=1/3;missign=1/4",
        "WEDLOAD_SANDBOX_REALTIME_WEAKNESS": "duplicate=1/5",
    }
    given = ["--webhook-weakness", "lose=1/2", "--realtime-weakness", "reorder=1/6"]
    options = parse_options(given, env)
    assert Weaknesses(options.webhook_weakness).counts() == {"lose": 0, "missign": 0}
    of_webhooks = Weaknesses(options.webhook_weakness)
    assert [of_webhooks.next() for _ in range(2)] == [None, Hit("lose")]
    assert options.realtime_weakness == (Weakness("duplicate", 5), Weakness("reorder", 6))


def test_nothing_wished_hits_nothing():
    assert hits((), 1000) == ([None] * 1000, {})


def test_alone_every_nth_is_hit():
    found, counts = hits([Weakness("delay", 3, 0.5)], 10)
    hit = Hit("delay", 0.5)
    assert found == [None, None, hit, None, None, hit, None, None, hit, None]
    assert counts == {"delay": 3}


def test_of_ten_thousand_messages_each_kind_hits_exactly_its_share():
    found, counts = hits(KNOWN, 10_000)
    assert counts == {"lose": 7, "duplicate": 11, "missign": 5, "delay": 13, "reorder": 20}
    assert sum(hit is not None for hit in found) == 56


def test_swap_takes_the_next_message_too_and_counts_when_that_comes():
    weaknesses = Weaknesses([Weakness("reorder", 4)])
    assert [weaknesses.next() for _ in range(3)] == [None, None, Hit("reorder")]
    assert weaknesses.counts() == {"reorder": 0}
    assert weaknesses.next() is None
    assert weaknesses.counts() == {"reorder": 1}


def test_partner_of_a_swap_suffers_nothing_else():
    found, _ = hits(KNOWN, 50_000)
    swapped = [n for n, hit in enumerate(found) if hit and hit.kind == "reorder"]
    assert len(swapped) == 100
    assert all(found[n + 1] is None for n in swapped)


def test_turns_that_fall_together_are_taken_a_little_earlier():
    found, counts = hits([Weakness("lose", 100), Weakness("duplicate", 50)], 100)
    assert counts == {"lose": 1, "duplicate": 2}
    assert [n for n, hit in enumerate(found, 1) if hit] == [50, 99, 100]


def test_partner_is_the_next_of_the_same_stream():
    weaknesses = Weaknesses([Weakness("reorder", 20), Weakness("lose", 20)])
    for _ in range(17):
        assert weaknesses.next("a") is None
    assert weaknesses.next("a") is not None
    suffered = [weaknesses.next("b") for _ in range(30)]
    assert weaknesses.next("a") is None  # the partner, though another's turn was due by then
    counted = weaknesses.counts()
    assert counted["reorder"] == 1 + (Hit("reorder") in suffered)


def test_swap_whose_partner_does_not_come_is_not_counted():
    weaknesses = Weaknesses([Weakness("reorder", 4)])
    for _ in range(3):
        weaknesses.next("a")
    weaknesses.give_up_swap("a")
    assert [weaknesses.next("a") for _ in range(3)] == [None] * 3
    assert weaknesses.counts() == {"reorder": 0}


def test_more_than_there_is_room_for_takes_turns():
    found, counts = hits([Weakness("lose", 1), Weakness("duplicate", 1)], 100)
    assert None not in found
    assert counts == {"lose": 50, "duplicate": 50}
