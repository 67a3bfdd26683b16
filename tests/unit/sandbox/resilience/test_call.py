"""Operations with everything that protects, on a clock that only the test moves."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from wedload.sandbox.resilience.call import AttemptError, Guard, Operation, ThirdPartyError
from wedload.sandbox.resilience.deadline import Deadline
from wedload.sandbox.resilience.protections import Protections, without


class Clock:
    """Stands still unless told."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guard(clock, monkeypatch):
    """Makes guards whose waits take no time but on the clock."""

    async def sleep(seconds):
        clock.now_s += seconds

    monkeypatch.setattr("wedload.sandbox.resilience.call.asyncio.sleep", sleep)

    def make(*switched_off):
        return Guard("calendar", without(switched_off), clock, Random(7))

    return make


class Party:
    """Answers with what it is given, in turn; the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.made = []

    async def __call__(self, made):
        self.made.append(made)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


DOWN = AttemptError("is down", unknown=True)


async def ask(guard, party, allowed_s=10.0, **more):
    deadline = Deadline.after(guard.clock(), allowed_s)
    return await guard.guarded(Operation(party, deadline, **more))


async def outcome(guard, party, allowed_s=10.0, **more):
    """Why it failed."""
    with pytest.raises(ThirdPartyError) as failure:
        await ask(guard, party, allowed_s, **more)
    return failure.value.why


async def test_what_succeeds_at_once_is_asked_once(guard):
    guard = guard()
    assert await ask(guard, party := Party("done")) == "done"
    assert party.made == [0]
    counts = guard.counts.as_dict()
    assert {name for name, count in counts.items() if count} == {
        *("operations", "attempts", "succeeded"),
    }


async def test_what_fails_in_passing_is_asked_again(guard):
    guard = guard()
    assert await ask(guard, party := Party(DOWN, DOWN, "done")) == "done"
    assert party.made == [0, 1, 2]
    assert (guard.counts.attempts, guard.counts.retries) == (3, 2)


async def test_attempts_are_bounded(guard):
    guard = guard()
    assert await outcome(guard, party := Party(DOWN)) == "attempts"
    assert party.made == [0, 1, 2]
    assert await outcome(guard, party := Party(DOWN), most_attempts=1) == "attempts"
    assert party.made == [0]


async def test_what_will_never_be_done_is_asked_once_and_is_no_sign_of_an_outage(guard):
    guard = guard()
    refusal = AttemptError("answered 422", lasting=True)
    for _ in range(30):
        assert await outcome(guard, party := Party(refusal)) == "rejected"
        assert party.made == [0]
    assert guard.breaker.state == "closed"


async def test_retries_of_all_operations_stay_within_the_budget(guard):
    guard = guard("breaker")
    for _ in range(200):
        await outcome(guard, Party(DOWN))
    # what was saved, and a tenth of them
    assert guard.counts.attempts == 200 + guard.counts.retries
    assert 20 <= guard.counts.retries <= 26
    assert guard.counts.refused_by_budget > 0


async def test_without_a_budget_each_operation_makes_all_its_attempts(guard):
    guard = guard("breaker", "retry-budget")
    for _ in range(20):
        assert await outcome(guard, Party(DOWN)) == "attempts"
    assert guard.counts.attempts == 20 * 8
    assert guard.counts.refused_by_budget == 0


async def test_a_breaker_that_opened_asks_no_more_until_a_probe_succeeds(guard, clock):
    guard = guard()
    party = Party(DOWN)
    while guard.breaker.state == "closed":
        await outcome(guard, party)
    asked = len(party.made)
    for _ in range(5):
        assert await outcome(guard, party) == "breaker"
    assert len(party.made) == asked
    assert (guard.counts.breaker_opened, guard.counts.breaker_refused) == (1, 5)
    clock.now_s += 1.0
    assert await ask(guard, Party("back")) == "back"
    assert guard.breaker.state == "closed"


async def test_a_probe_is_one_attempt(guard, clock):
    guard = guard()
    while guard.breaker.state == "closed":
        await outcome(guard, Party(DOWN))
    clock.now_s += 100.0  # which fills the budget, too
    assert await outcome(guard, party := Party(DOWN)) == "budget"
    assert party.made == [0]


async def test_without_a_breaker_it_is_asked_for_ever(guard):
    guard = guard("breaker")
    party = Party(DOWN)
    for _ in range(50):
        await outcome(guard, party)
    assert len([made for made in party.made if made == 0]) == 50
    assert guard.counts.breaker_refused == 0


async def test_no_attempt_begins_that_would_end_after_the_deadline(guard, clock):
    guard = guard("retry-budget")

    class Slow(Party):
        async def __call__(self, made):
            clock.now_s += 0.15
            return await super().__call__(made)

    assert await outcome(guard, party := Slow(DOWN), 0.4) == "deadline"
    assert party.made in ([0, 1], [0, 1, 2])
    assert clock.now_s < 100.0 + 0.6
    assert guard.counts.deadline_exceeded == 1


async def test_an_attempt_that_hangs_ends_with_the_deadline_and_may_have_been_carried_out(guard):
    guard = guard()

    async def hang(_made):
        await asyncio.Event().wait()

    with pytest.raises(ThirdPartyError) as failure:
        await ask(guard, hang, 0.01)
    assert (failure.value.why, failure.value.unknown) == ("deadline", True)
    assert guard.counts.deadline_exceeded == 1
    assert guard.counts.attempts == 1


async def test_a_deadline_that_is_over_makes_no_attempt(guard):
    guard = guard()
    assert await outcome(guard, party := Party("done"), 0.0) == "deadline"
    assert party.made == []
    assert guard.counts.attempts == 0


async def test_a_wait_that_is_asked_for_is_kept_if_it_fits(guard, clock):
    guard = guard()
    quota = AttemptError("answered 429", asked_s=0.2)
    assert await ask(guard, Party(quota, "done"), 0.4) == "done"
    assert clock.now_s >= 100.2


async def test_a_wait_that_does_not_fit_is_not_begun(guard, clock):
    guard = guard()
    quota = AttemptError("answered 429", asked_s=2.0)
    with pytest.raises(ThirdPartyError) as failure:
        await ask(guard, party := Party(quota), 0.4)
    assert (failure.value.why, failure.value.asked_s) == ("retry-after", 2.0)
    assert (party.made, clock.now_s) == ([0], 100.0)
    assert guard.counts.retry_after_too_long == 1


async def test_a_wait_that_is_asked_for_can_be_ignored(guard, clock):
    guard = guard("retry-after")
    quota = AttemptError("answered 429", asked_s=2.0)
    assert await ask(guard, Party(quota, "done"), 0.4) == "done"
    assert clock.now_s < 100.4


async def test_without_jitter_waits_are_whole(guard, clock):
    guard = guard("jitter")
    await ask(guard, Party(DOWN, DOWN, "done"))
    assert clock.now_s == pytest.approx(100.0 + 0.02 + 0.04)


async def test_a_caller_who_hangs_up_leaves_no_probe_behind(guard, clock):
    guard = guard()
    while guard.breaker.state == "closed":
        await outcome(guard, Party(DOWN))
    clock.now_s += 1.0
    reached = asyncio.Event()

    async def hang(_made):
        reached.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(ask(guard, hang))
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await ask(guard, Party("back")) == "back"


def test_protections_are_all_on_by_default(clock):
    assert Guard("email", Protections(), clock, Random(1)).protections == without(())
