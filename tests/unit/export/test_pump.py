"""The pump: nobody waits for an exporter, and whatever it does is known in the end."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.pictures import picture_of_shop
from wedload.clock import FakeClock
from wedload.export.port import ExportError
from wedload.export.pump import Bounds, Pump

PICTURE, LAST = picture_of_shop(), picture_of_shop(is_last=True)
NEVER = 10**6
BOUNDS = Bounds(attempt_s=10, attempts=4, first_wait_s=0.5, most_wait_s=5, last_s=5, under_way_s=1)


class Acting:
    """An exporter that plays a script: for each attempt how long it takes, or what it raises."""

    name, to = "prometheus.remote_write", "http://127.0.0.1:9"

    def __init__(self, clock, *script, opens=None):
        self._clock, self._script, self._opens = clock, list(script), opens
        self.arrived = []
        self.attempts_s = []
        self.closed = False

    async def open(self):
        if isinstance(self._opens, Exception):
            raise self._opens
        await asyncio.sleep(self._opens or 0)

    async def send(self, picture):
        self.attempts_s.append(self._clock.now_ns() / 1e9)
        act = self._script.pop(0) if self._script else 0
        if isinstance(act, Exception):
            raise act
        await asyncio.sleep(act)
        self.arrived.append(picture)

    async def close(self):
        self.closed = True


def played(*script, offers, finish_at_s=None, hurry_at_s=None, opens=None):
    """What comes of an exporter that gets pictures at these instants, s; what was told; the end."""
    clock, told = FakeClock(), []

    async def play():
        exporter = Acting(clock, *script, opens=opens)
        pump = Pump(exporter, told.append, str.upper, BOUNDS)
        if await pump.open():
            pump.begin()
            for at_s in offers:
                await clock.sleep_until(round(at_s * 1e9))
                pump.offer(PICTURE)
            if hurry_at_s is not None:
                asyncio.get_running_loop().call_at(hurry_at_s, pump.hurry)
            if finish_at_s is not None:
                await clock.sleep_until(round(finish_at_s * 1e9))
                await pump.finish(LAST)
        ended_s = clock.now_ns() / 1e9
        await pump.close()
        assert len(asyncio.all_tasks()) == 1
        return exporter, pump.delivery, ended_s

    return *clock.run(play()), told


def counts(delivery):
    return delivery.sent, delivery.failed, delivery.skipped


REFUSED = ExportError("refused", lasting=True)


def busy():
    return ExportError("busy")


def test_each_picture_arrives_and_the_last_one_too():
    exporter, delivery, ended_s, told = played(offers=[0, 5, 10], finish_at_s=12)
    assert counts(delivery) == (4, 0, 0)
    assert exporter.arrived == [PICTURE] * 3 + [LAST]
    assert (ended_s, told, delivery.problem, exporter.closed) == (12, [], None, True)


def test_a_newer_picture_takes_the_place_of_one_that_waits():
    exporter, delivery, _, told = played(7, offers=[0, 1, 2, 3], finish_at_s=8)
    assert counts(delivery) == (3, 0, 2)
    assert exporter.attempts_s == [0, 7, 8]
    assert told == []


def test_what_may_be_taken_later_is_tried_again_ever_later():
    exporter, delivery, _, told = played(busy(), busy(), busy(), 0, offers=[0], finish_at_s=20)
    assert exporter.attempts_s == [0, 0.5, 1.5, 3.5, 20]
    assert counts(delivery) == (2, 0, 0)
    assert told == ["warning, prometheus.remote_write: BUSY"]  # once, without what is secret
    assert delivery.problem == "BUSY"


def test_what_is_refused_is_not_tried_again():
    exporter, delivery, _, _ = played(REFUSED, offers=[0, 5], finish_at_s=6)
    assert exporter.attempts_s == [0, 5, 6]
    assert counts(delivery) == (2, 1, 0)


def test_attempts_have_an_end():
    exporter, delivery, _, _ = played(*(busy() for _ in range(4)), offers=[0], finish_at_s=30)
    assert exporter.attempts_s == [0, 0.5, 1.5, 3.5, 30]
    assert counts(delivery) == (1, 1, 0)


def test_what_is_tried_again_gives_way_to_a_newer_one():
    exporter, delivery, _, _ = played(busy(), busy(), offers=[0, 1], finish_at_s=5)
    assert exporter.attempts_s == [0, 0.5, 1, 5]
    assert counts(delivery) == (2, 1, 0)


def test_one_that_never_answers_is_cut_off_each_time():
    exporter, delivery, _, told = played(NEVER, 0, offers=[0], finish_at_s=20)
    assert exporter.attempts_s == [0, 10.5, 20]
    assert counts(delivery) == (2, 0, 0)
    assert told == ["warning, prometheus.remote_write: HTTP://127.0.0.1:9 TAKES TOO LONG"]


def test_after_the_load_the_last_picture_waits_a_second_for_the_one_before_it():
    exporter, delivery, ended_s, _ = played(NEVER, 0.5, offers=[0], finish_at_s=2)
    assert exporter.attempts_s == [0, 3]
    assert exporter.arrived == [LAST]
    assert (counts(delivery), ended_s) == ((1, 1, 0), 3.5)


def test_one_that_is_nearly_done_when_the_load_ends_is_not_cut_off():
    exporter, delivery, _, _ = played(2.5, offers=[0], finish_at_s=2)
    assert exporter.arrived == [PICTURE, LAST]
    assert counts(delivery) == (2, 0, 0)


def test_after_the_load_nobody_waits_longer_than_a_few_seconds():
    _, delivery, ended_s, told = played(*[NEVER] * 9, offers=[0, 1, 2], finish_at_s=3)
    assert ended_s == 8
    assert counts(delivery) == (0, 2, 2)
    assert delivery.problem is not None
    assert len(told) == 1


def test_an_interrupt_ends_the_waiting_at_once():
    _, delivery, ended_s, _ = played(*[NEVER] * 9, offers=[0], finish_at_s=3, hurry_at_s=3.5)
    assert ended_s == 3.5
    assert counts(delivery) == (0, 1, 0)
    assert delivery.problem == "THE LAST FIGURES DID NOT ARRIVE IN TIME"


def test_after_a_load_that_was_interrupted_the_last_picture_gets_a_moment():
    _, delivery, ended_s, _ = played(*[NEVER] * 9, offers=[0], finish_at_s=3, hurry_at_s=1)
    assert ended_s == 5
    assert counts(delivery) == (0, 2, 0)
    exporter, delivery, ended_s, _ = played(0, 1, offers=[0], finish_at_s=3, hurry_at_s=1)
    assert (exporter.arrived, ended_s) == ([PICTURE, LAST], 4)


def test_a_load_that_failed_ends_it_without_a_last_picture():
    exporter, delivery, ended_s, _ = played(NEVER, offers=[0, 1])
    assert ended_s == 1
    assert (exporter.arrived, exporter.closed) == ([], True)
    assert counts(delivery) == (0, 0, 0)


@pytest.mark.parametrize("opens", [ExportError("no room"), OSError("no room"), NEVER])
def test_one_that_cannot_be_opened_is_told_and_left_alone(opens):
    exporter, delivery, _, told = played(offers=[0], finish_at_s=5, opens=opens)
    assert exporter.attempts_s == []
    assert counts(delivery) == (0, 0, 0)
    assert delivery.problem is not None
    assert told == [f"warning, prometheus.remote_write: {delivery.problem}"]


def test_a_defect_of_an_exporter_is_a_problem_like_any_other():
    _, delivery, _, told = played(ValueError("what"), *[0] * 3, offers=[0, 1], finish_at_s=5)
    assert counts(delivery) == (3, 0, 0)
    assert told == ["warning, prometheus.remote_write: HTTP://127.0.0.1:9: VALUEERROR: WHAT"]


def limited(rest_s):
    return ExportError("answers 429", rest_s=rest_s)


def test_who_asks_for_a_rest_gets_it_whatever_is_offered_meanwhile():
    exporter, delivery, _, _ = played(limited(17), offers=[0, 5, 10, 15, 20], finish_at_s=22)
    assert exporter.attempts_s == [0, 17, 20, 22]
    assert counts(delivery) == (3, 1, 2)


def test_a_picture_without_a_newer_one_is_tried_again_after_the_rest():
    exporter, delivery, _, _ = played(limited(3), offers=[0], finish_at_s=10)
    assert exporter.attempts_s == [0, 3, 10]
    assert counts(delivery) == (2, 0, 0)


def test_the_last_picture_does_not_wait_for_the_end_of_a_rest():
    exporter, delivery, ended_s, _ = played(limited(40), offers=[0, 5], finish_at_s=7)
    assert exporter.attempts_s == [0, 7]
    assert (ended_s, exporter.arrived) == (7, [LAST])
    assert counts(delivery) == (1, 1, 1)


def test_nobody_is_left_in_peace_for_ever():
    exporter, *_ = played(limited(NEVER), offers=[0, 5, 70], finish_at_s=80)
    assert exporter.attempts_s == [0, 60, 70, 80]
