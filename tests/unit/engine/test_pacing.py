"""A highest rate of requests, by slots of the clock: pure, and in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from wedload.clock import FakeClock
from wedload.engine.pacing import Comb, Pace
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.segment import Segment

STEPS = """
[[workflows.visit]]
name = "first"
http = "GET /first"
cleanup = "DELETE /first"
[[workflows.visit]]
name = "second"
http = "GET /second"
"""


def sent_ms(run):
    return [round(one.started_s * 1000) for one in run.network.exchanges]


def test_each_request_is_due_at_the_begin_of_a_slot():
    comb = Comb(10, Segment())
    assert [comb.take(now) // NS_PER_MS for now in (0, 0, 1, 150 * NS_PER_MS)] == [0, 100, 200, 300]
    assert comb.take(NS_PER_S + 1) // NS_PER_MS == 1100


def test_load_processes_own_slots_in_turn():
    combs = [Comb(10, Segment(index, 3)) for index in range(3)]
    due_ms = [[comb.take(0) // NS_PER_MS for _ in range(3)] for comb in combs]
    assert due_ms == [[0, 300, 600], [100, 400, 700], [200, 500, 800]]


def test_a_rate_that_does_not_divide_a_second_loses_nothing():
    comb = Comb(3, Segment())
    due_ns = [comb.take(0) for _ in range(31)]
    assert due_ns[-1] == 10 * NS_PER_S
    assert due_ns[1] == 333_333_334


def test_who_is_woken_late_takes_another_slot():
    clock = FakeClock()

    async def main():
        pace = Pace(Comb(10, Segment()), clock)
        passed = []

        async def one():
            await pace.turn()
            passed.append(clock.now_ns() // NS_PER_MS)

        waiting = [asyncio.create_task(one()) for _ in range(4)]
        await asyncio.sleep(0)
        await clock.sleep_until(50 * NS_PER_MS)
        clock.advance(300 * NS_PER_MS)  # the loop stood still, over the slots of three of them
        await asyncio.gather(*waiting)
        return passed

    passed = clock.run(main())
    assert len(passed) == len(set(passed)) == 4
    slots = [at // 100 for at in passed]
    assert len(set(slots)) == 4  # one in each slot, not three at once


def test_requests_of_all_virtual_users_keep_the_rate(play, answer):
    plan = f"""
[scenarios.main]
executor = "per-vu-iterations"
vus = 5
iterations = 1
workflow = "visit"
{STEPS}"""
    run = play(plan, answer(0.01), max_rate_per_s=4)
    assert sent_ms(run) == [250 * place for place in range(10)]
    assert run.trend("http_req_duration").max_ns == 10 * NS_PER_MS
    assert run.trend("response_time").max_ns == 10 * NS_PER_MS
    assert run.trend("workflow_duration").max_ns == 20 * NS_PER_MS
    assert run.trend("iteration_duration").max_ns > NS_PER_S


def test_retries_redirects_sign_ins_set_up_and_clean_up_keep_it_too(stage, answer, one_user):
    plan = one_user(
        """
[[setup]]
name = "before"
http = "GET /before"
[[workflows.visit]]
name = "create"
http = "POST /forms"
as = "guest"
cleanup = "DELETE /forms"
retry = { on = [503], base = "1ms" }
""",
        """
[identities.guest]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "${token}" }
""",
    )
    answers = iter([
        answer(0.01), answer(0.01, json={"token": "t"}), answer(0.01, 503),
        answer(0.01, 307, headers={"Location": "/other"}),
    ])  # fmt: skip
    run = stage.play(plan, lambda _: next(answers, answer(0.01)), max_rate_per_s=2)
    stage.clean_up(run)
    assert run.network.lines == [
        "GET /before", "POST /sign-in", "POST /forms", "POST /forms", "POST /other",
        "DELETE /forms",
    ]  # fmt: skip
    at_ms = sent_ms(run)
    assert all(at % 500 == 0 for at in at_ms)
    assert len(set(at_ms)) == len(at_ms)


def test_a_batch_is_held_back_as_long_as_its_last_request(play, one_user, answer):
    steps = """
[[workflows.visit]]
batch = [
  { name = "a", http = "GET /a" }, { name = "b", http = "GET /b" }, { name = "c", http = "GET /c" },
]
"""
    run = play(one_user(steps), answer(0.1), max_rate_per_s=1)
    assert sent_ms(run) == [0, 1000, 2000]
    assert run.trend("workflow_duration").max_ns == 100 * NS_PER_MS
    assert run.trend("response_time").max_ns == 100 * NS_PER_MS


def test_groups_are_timed_without_it(play, one_user, answer):
    steps = STEPS.replace('name = "', 'group = "g"\nname = "')
    run = play(one_user(steps), answer(0.1), max_rate_per_s=1)
    assert run.trend("group_duration").max_ns == 200 * NS_PER_MS


def test_who_waits_for_a_turn_and_is_told_to_wait_meanwhile_does_both(play, one_user, answer):
    steps = """
[[workflows.visit]]
batch = [{ name = "a", http = "GET /a" }, { name = "b", http = "GET /b" }]
"""
    told = iter([answer(0.1, 429, headers={"Retry-After": "5"})])
    run = play(one_user(steps), lambda _: next(told, answer(0.1)), max_rate_per_s=1)
    assert sent_ms(run) == [0, pytest.approx(6000)]  # told at 0.1 s, until 5.1 s; then a turn
