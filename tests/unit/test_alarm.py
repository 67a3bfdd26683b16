"""The alarm clock: never early, in order, whoever else is cancelled; with either kind of timer."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path

import pytest
import uvloop

from wedload import alarm
from wedload.alarm import Alarm
from wedload.clock import MonotonicClock
from wedload.units import NS_PER_MS as MS


@pytest.fixture(params=["kernel", "loop"])
def timer(request, monkeypatch):
    """Which timer alarms have; Linux has both."""
    if request.param == "loop":
        monkeypatch.setattr(alarm._KernelTimer, "available", staticmethod(lambda: False))
    else:
        assert alarm._KernelTimer.available()
    return request.param


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop])
def run(request, timer):
    """Runs a coroutine that is given an alarm of its loop."""

    def run_with_alarm(main):
        async def with_alarm():
            one = Alarm(asyncio.get_running_loop())
            try:
                return await main(one)
            finally:
                one.close()

        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(with_alarm())

    return run_with_alarm


def test_nobody_is_woken_early_and_all_are_in_order(run):
    woken = []

    async def sleeper(one, due_ns):
        await one.wait(due_ns)
        woken.append((due_ns, time.perf_counter_ns()))

    async def main(one):
        now_ns = time.perf_counter_ns()
        dues = [now_ns + (n * 7919 % 200) * MS // 10 for n in range(200)]
        await asyncio.gather(*(sleeper(one, due_ns) for due_ns in dues))

    run(main)
    assert len(woken) == 200
    assert all(at_ns >= due_ns for due_ns, at_ns in woken)
    assert [due_ns for due_ns, _ in woken] == sorted(due_ns for due_ns, _ in woken)


def test_an_earlier_instant_that_is_asked_for_later_comes_first(run):
    woken = []

    async def sleeper(one, name, due_ns):
        await one.wait(due_ns)
        woken.append(name)

    async def main(one):
        now_ns = time.perf_counter_ns()
        late = asyncio.create_task(sleeper(one, "late", now_ns + 30 * MS))
        await asyncio.sleep(0)
        early = asyncio.create_task(sleeper(one, "early", now_ns + 5 * MS))
        await asyncio.gather(late, early)

    run(main)
    assert woken == ["early", "late"]


def test_an_instant_that_has_passed_is_over_at_once(run):
    async def main(one):
        async with asyncio.timeout(10):
            for past_ns in (0, 1, time.perf_counter_ns() - MS, time.perf_counter_ns()):
                await one.wait(past_ns)
        return True

    assert run(main)


def test_a_sleeper_that_is_cancelled_does_not_keep_others_from_waking(run):
    async def main(one):
        now_ns = time.perf_counter_ns()
        first = asyncio.create_task(one.wait(now_ns + 2 * MS))
        second = asyncio.create_task(one.wait(now_ns + 4 * MS))
        await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(10):
            await second
        return first.cancelled()

    assert run(main)


def test_an_alarm_can_be_used_again_after_everybody_has_woken(run):
    async def main(one):
        async with asyncio.timeout(10):
            for _ in range(20):
                due_ns = time.perf_counter_ns() + MS // 2
                await one.wait(due_ns)
                assert time.perf_counter_ns() >= due_ns
        return True

    assert run(main)


def test_what_is_done_at_an_instant_is_never_so_before_and_can_be_given_up(run):
    async def main(one):
        now_ns = time.perf_counter_ns()
        given_up, due = one.at(now_ns + MS), one.at(now_ns + 3 * MS)
        given_up.cancel()
        async with asyncio.timeout(10):
            await due
        assert time.perf_counter_ns() >= now_ns + 3 * MS
        return given_up.cancelled()

    assert run(main)


def test_a_closed_alarm_wakes_nobody(run):
    async def main(one):
        sleeper = asyncio.create_task(one.wait(time.perf_counter_ns() + MS))
        await asyncio.sleep(0)
        one.close()
        await asyncio.sleep(0.02)
        asleep = not sleeper.done()
        sleeper.cancel()
        return asleep

    assert run(main)


@pytest.mark.usefixtures("timer")
def test_a_clock_may_be_slept_on_in_one_loop_after_another_and_leaves_no_descriptor():
    async def nap(clock):
        await clock.sleep_until(clock.now_ns() + MS)

    def naps():
        clock = MonotonicClock()
        for _ in range(5):
            uvloop.run(nap(clock))
            asyncio.run(nap(clock))

    def descriptors():
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    naps()
    assert descriptors() == before
