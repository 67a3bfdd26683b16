"""The clocks: virtual time is exact and never waits; real time is never early."""

from __future__ import annotations

import asyncio

import pytest

from wedload.clock import FakeClock, MonotonicClock
from wedload.units import NS_PER_MS as MS
from wedload.units import NS_PER_S as S


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.mark.parametrize(
    "due_ns", [1, 2, 999, 1_001, MS + 1, S - 1, 3_600 * S + 1, 86_400 * S + 123_456_789]
)
def test_a_sleep_ends_exactly_at_its_instant(clock, due_ns):
    async def main():
        await clock.sleep_until(due_ns)
        return clock.now_ns()

    assert clock.run(main()) == due_ns


def test_an_hour_of_many_sleeps_is_exact_to_the_nanosecond(clock):
    async def main():
        for number in range(1, 3_001):
            await clock.sleep_until(number * 1_234_567_891)
            assert clock.now_ns() == number * 1_234_567_891

    clock.run(main())


def test_sleeping_until_the_past_or_now_returns_at_once(clock):
    async def main():
        await clock.sleep_until(5 * S)
        for due_ns in (5 * S, 3 * S, -1):
            await clock.sleep_until(due_ns)
        return clock.now_ns()

    assert clock.run(main()) == 5 * S


def test_sleepers_wake_in_the_order_of_their_instants(clock):
    woken = []

    async def sleeper(due_ns):
        await clock.sleep_until(due_ns)
        woken.append((due_ns, clock.now_ns()))

    async def main():
        await asyncio.gather(*(sleeper(due) for due in (30 * MS, 10 * MS, 20 * MS, 10 * MS + 1)))

    clock.run(main())
    assert woken == [(due, due) for due in (10 * MS, 10 * MS + 1, 20 * MS, 30 * MS)]


def test_sleeps_timers_and_the_loops_time_agree(clock):
    async def main():
        loop = asyncio.get_running_loop()
        fired = []
        loop.call_later(2, lambda: fired.append(clock.now_ns()))
        await asyncio.sleep(1.5)
        assert clock.now_ns() == 1_500 * MS
        assert loop.time() == 1.5
        await clock.sleep_until(3 * S)
        assert fired == [2 * S]

    clock.run(main())


def test_a_time_out_fires_at_its_virtual_instant(clock):
    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return clock.now_ns()

    assert clock.run(main()) == 30 * S


def test_time_stands_still_while_tasks_have_something_to_do(clock):
    async def main():
        for _ in range(1_000):
            await asyncio.sleep(0)
        return clock.now_ns()

    assert clock.run(main()) == 0


def test_advance_lets_time_pass_without_a_turn_for_any_task(clock):
    woken = []

    async def sleeper():
        await clock.sleep_until(10 * MS)
        woken.append(clock.now_ns())

    async def main():
        task = asyncio.create_task(sleeper())
        await asyncio.sleep(0)
        clock.advance(50 * MS)
        assert not task.done()
        await task

    clock.run(main())
    assert woken == [50 * MS]  # late, as behind a blocked event loop


def test_waiting_for_what_nobody_will_do_is_reported_instead_of_hanging(clock):
    async def main():
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="this would hang for ever"):
        clock.run(main())


def test_a_hang_is_reported_at_the_instant_at_which_nothing_is_left_to_wait_for(clock):
    async def main():
        await clock.sleep_until(7 * S)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="no timer is set"):
        clock.run(main())
    assert clock.now_ns() == 7 * S


def test_a_task_left_behind_is_cancelled_at_the_end(clock):
    ended = []

    async def endless():
        try:
            await clock.sleep_until(10**9 * S)
        finally:
            ended.append(clock.now_ns())

    async def main():
        task = asyncio.create_task(endless())
        await clock.sleep_until(S)
        return task.done()

    assert clock.run(main()) is False
    assert ended == [S]


def test_the_result_and_the_error_of_the_coroutine_come_out(clock):
    async def good():
        return 42

    async def bad():
        raise KeyError("why")

    assert clock.run(good()) == 42
    with pytest.raises(KeyError, match="why"):
        clock.run(bad())


def test_a_clock_goes_on_where_its_last_run_ended(clock):
    async def main():
        await clock.sleep_until(clock.now_ns() + 5 * S)

    clock.run(main())
    clock.run(main())
    assert clock.now_ns() == 10 * S


def test_two_clocks_know_nothing_of_each_other():
    one, other = FakeClock(), FakeClock()
    one.advance(S)
    assert (one.now_ns(), other.now_ns()) == (S, 0)


async def test_the_real_clock_never_wakes_before_its_instant():
    clock = MonotonicClock()
    for wait_ns in (1, 1_000, 500_000, 2_300_000):
        due_ns = clock.now_ns() + wait_ns
        await clock.sleep_until(due_ns)
        assert clock.now_ns() >= due_ns


async def test_the_real_clock_only_moves_forward_and_does_not_wait_for_the_past():
    clock = MonotonicClock()
    before = clock.now_ns()
    await clock.sleep_until(before - S)
    assert clock.now_ns() >= before
