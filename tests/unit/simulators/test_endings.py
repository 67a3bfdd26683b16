from dataclasses import replace

import pytest

from wedload.plan.faults import Fault
from wedload.simulators.attempt import Attempt
from wedload.simulators.course import Course
from wedload.simulators.endings import Leaving, attempt_of
from wedload.simulators.service import Reply
from wedload.units import NS_PER_S

REPLY = Reply(200, b"{}", done=True, retry_after_ns=NS_PER_S)
COURSE = Course("POST /emails", "k", 100, 150, 50, REPLY)


def fault(name: str, **what) -> Fault:
    return Fault(name=name, on=("mail",), at=0, for_=NS_PER_S, **what)


HUNG, CUT = fault("hung", timeout=True), fault("short", limit_data=10)


def told(course=COURSE, end=None, *, met=(), in_force=()) -> Attempt:
    return attempt_of(course, end, dependency="mail", ended_ns=170, met=met, in_force=in_force)


def test_an_answer_has_left_when_its_last_byte_has():
    leaving, first, second = Leaving(), COURSE, replace(COURSE, operation="l")
    for course, size in ((first, 10), (second, 5)):
        leaving.ends_after(size, course)
        leaving.fed(size)
    found = []
    for size in (9, 1, 4, 1):
        leaving.left(size)
        found.append(list(leaving.settled()))
    assert found == [[], [first], [], [second]]
    assert not leaving
    assert leaving.all_left


def test_what_has_not_left_is_dropped_once():
    leaving = Leaving()
    leaving.ends_after(10, COURSE)
    leaving.fed(10)
    assert leaving
    assert not leaving.all_left
    assert (leaving.drop(), leaving.drop()) == ([COURSE], [])


def test_an_answer_of_no_bytes_has_left_when_all_before_it_has():
    leaving = Leaving()
    leaving.fed(3)
    leaving.ends_after(0, COURSE)
    assert list(leaving.settled()) == []
    leaving.left(3)
    assert list(leaving.settled()) == [COURSE]


def test_a_whole_answer_is_told_with_its_stamps():
    assert told() == Attempt(
        "mail", "POST /emails", "k", 100, 170, "ok", 200, NS_PER_S, 50, done=True
    )
    assert told(replace(COURSE, reads=True)).reads


@pytest.mark.parametrize(
    ("end", "met", "outcome"),
    [
        ("gone", (), "gone"),
        ("gone", ("hung",), "timeout"),
        ("gone", ("short",), "gone"),
        ("cut", ("short",), "cut"),
        ("cut", ("hung",), "timeout"),
        ("reset", ("hung",), "reset"),
        ("reset", (), "reset"),
    ],
)
def test_what_kept_an_answer_is_told_and_that_it_was_carried_out(end, met, outcome):
    attempt = told(COURSE, end, met=met, in_force=(HUNG, CUT))
    assert (attempt.outcome, attempt.status, attempt.retry_after_ns) == (outcome, 0, None)
    assert attempt.done
    assert attempt.faults == met


def test_faults_that_a_connection_suffered_before_a_request_are_not_its_own():
    assert told(met=("hung",)).faults == ()
    assert told(met=("hung",), in_force=(HUNG,)).faults == ("hung",)
    assert told(met=("short", "hung"), in_force=(CUT,)).faults == ("short",)


def test_faults_of_the_request_come_first_and_each_once():
    course = replace(COURSE, faults=("errors",))
    attempt = told(course, met=("hung", "short"), in_force=(CUT, HUNG, HUNG))
    assert attempt.faults == ("errors", "short", "hung")


def test_what_the_client_could_not_read_told_it_nothing():
    attempt = told(replace(COURSE, ending="random"))
    assert (attempt.outcome, attempt.status, attempt.retry_after_ns) == ("malformed", 0, None)
