"""Whose heartbeat is due."""

from __future__ import annotations

from wedload.channels.realtime.beats import Beats


def test_a_heartbeat_is_due_after_each_interval():
    beats = Beats(10)
    beats.joined(0, 100)
    assert beats.next_ns == 110
    assert beats.due(109) == []
    assert beats.due(110) == [0]
    assert beats.next_ns == 120


def test_those_who_joined_first_are_due_first():
    beats = Beats(10)
    for number, at_ns in [(2, 3), (0, 1), (1, 2)]:
        beats.joined(number, at_ns)
    assert beats.due(12) == [0, 1]
    assert beats.due(13) == [2]


def test_who_has_left_has_none():
    beats = Beats(10)
    beats.joined(0, 0)
    beats.left(0)
    assert beats.due(10) == []
    assert beats.next_ns is None


def test_who_has_come_back_has_one_series_not_two():
    beats = Beats(10)
    beats.joined(0, 0)
    beats.left(0)
    beats.joined(0, 4)
    assert [(at, beats.due(at)) for at in (10, 14, 20, 24)] == [
        (10, []), (14, [0]), (20, []), (24, [0]),
    ]  # fmt: skip


def test_a_late_one_does_not_bring_the_next_forward():
    beats = Beats(10)
    beats.joined(0, 0)
    assert beats.due(19) == [0]  # the loop was busy
    assert beats.due(28) == []
    assert beats.due(29) == [0]


def test_nobody_is_due_before_anybody_is_there():
    assert Beats(10).next_ns is None
    Beats(10).left(3)
