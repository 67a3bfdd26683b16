"""What belongs to a request that is traced."""

from __future__ import annotations

import asyncio

import pytest

from wedload.sandbox.tracing.scope import now_ns, part, scope_now, within


class Noted:
    """A scope that notes what it is told."""

    over = False

    def __init__(self):
        self.happened = []

    def add(self, happened):
        self.happened.append(happened)


def test_outside_of_a_traced_request_there_is_no_scope_and_parts_tell_nobody():
    assert scope_now() is None
    with part("work"):
        pass


def test_a_part_is_told_of_with_its_times_when_it_is_over():
    noted = Noted()
    before = now_ns()
    with within(noted), part("work", "client", "a peer"):
        assert scope_now() is noted
        assert noted.happened == []
    (one,) = noted.happened
    assert (one.name, one.kind, one.peer, one.error) == ("work", "client", "a peer", None)
    assert before <= one.begin_ns <= one.end_ns <= now_ns()
    assert scope_now() is None


def test_a_part_that_fails_says_so_and_the_error_goes_on():
    noted = Noted()
    with within(noted), pytest.raises(KeyError), part("work"):
        raise KeyError("what nobody is to read in a span")
    assert noted.happened[0].error == "KeyError"


async def test_what_a_request_started_is_no_part_of_it_once_that_is_over():
    noted = Noted()

    async def later():
        await asyncio.sleep(0)
        return scope_now()

    with within(noted):
        during, after = (asyncio.create_task(later()) for _ in range(2))
    assert await during is noted
    noted.over = True
    with within(noted):
        after = asyncio.create_task(later())
    assert await after is None
