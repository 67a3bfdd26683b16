"""What a virtual user was told to wait for, by origin."""

from __future__ import annotations

from wedload.engine.restraint import MOST_NS, Restraint
from wedload.units import NS_PER_S
from wedload.workload.request import Origin

HERE, THERE = Origin("http", "127.0.0.1", 8000), Origin("http", "127.0.0.1", 8001)


def test_nothing_is_to_be_asked_where_nothing_was_said():
    restraint = Restraint()
    assert not restraint.active
    assert not restraint.was_told
    assert restraint.until_ns(HERE) == 0


def test_what_an_origin_says_holds_for_it_alone():
    restraint = Restraint()
    restraint.tell(HERE, 5 * NS_PER_S, 3 * NS_PER_S)
    assert restraint.active
    assert restraint.until_ns(HERE) == 8 * NS_PER_S
    assert restraint.until_ns(THERE) == 0


def test_a_shorter_wait_does_not_end_a_longer_one():
    restraint = Restraint()
    restraint.tell(HERE, 0, 10 * NS_PER_S)
    restraint.tell(HERE, NS_PER_S, NS_PER_S)
    assert restraint.until_ns(HERE) == 10 * NS_PER_S


def test_waits_without_a_length_double_in_a_row_up_to_the_longest():
    restraint, now_ns, waits = Restraint(), 0, []
    for _ in range(40):
        restraint.tell(HERE, now_ns, None)
        waits.append(restraint.until_ns(HERE) - now_ns)
        now_ns = restraint.until_ns(HERE)
    assert [wait // NS_PER_S for wait in waits[:7]] == [1, 2, 4, 8, 16, 30, 30]
    assert set(waits[7:]) == {MOST_NS}


def test_an_answer_without_a_limit_begins_the_row_anew():
    restraint = Restraint()
    for _ in range(3):
        restraint.tell(HERE, restraint.until_ns(HERE), None)
    now_ns = restraint.until_ns(HERE)
    restraint.answered(HERE, now_ns)
    assert not restraint.active
    assert restraint.was_told
    restraint.tell(HERE, now_ns, None)
    assert restraint.until_ns(HERE) == now_ns + NS_PER_S


def test_answers_to_requests_at_the_same_time_are_one_telling():
    restraint = Restraint()
    for late_ns in range(5):
        restraint.tell(HERE, late_ns, None)
    assert restraint.until_ns(HERE) == NS_PER_S + 4


def test_an_answer_that_comes_before_the_wait_is_over_does_not_end_it():
    restraint = Restraint()
    restraint.tell(HERE, 0, NS_PER_S)
    restraint.answered(HERE, NS_PER_S - 1)
    assert restraint.until_ns(HERE) == NS_PER_S
    restraint.answered(THERE, NS_PER_S)
    assert restraint.active
