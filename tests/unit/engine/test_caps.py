"""A load process keeps a target's caps, whatever its plan says."""

from __future__ import annotations

import pytest

from tests.helpers.scenarios import scenario, staged
from wedload.units import NS_PER_S
from wedload.workload.segment import Segment

TWO = """
[scenarios.other]
executor = "constant-vus"
workflow = "visit"
vus = 3
duration = "4s"
"""


def most_at_once(*runs) -> int:
    """The most requests under way at the middle of any second, over all load processes."""
    return max(
        sum(
            one.started_s <= second + 0.5 < (one.ended_s or 1e9)
            for run in runs
            for one in run.network.exchanges
        )
        for second in range(10)
    )


@pytest.mark.parametrize(
    "plan",
    [
        scenario("constant-vus", 'vus = 9\nduration = "4s"'),
        staged("ramping-vus", "1s 9", "3s 9"),
        scenario("constant-arrival-rate", 'rate = "9/s"\nduration = "4s"'),
        scenario("per-vu-iterations", "vus = 9\niterations = 4"),
        scenario("externally-controlled", 'vus = 9\nduration = "4s"'),
    ],
)
def test_no_executor_has_more_virtual_users_than_its_share(play, answer, plan):
    runs = [play(plan, answer(0.99), segment=Segment(index, 2), max_vus=5) for index in range(2)]

    assert [most_at_once(run) for run in runs] == [3, 2]


def test_all_scenarios_together_have_no_more(play, answer):
    run = play(scenario("constant-vus", 'vus = 9\nduration = "4s"') + TWO, answer(0.9), max_vus=10)

    assert most_at_once(run) == 10


@pytest.mark.parametrize("count", [1, 3])
def test_scaling_comes_to_what_the_other_scenarios_leave(play, answer, count):
    plan = scenario("externally-controlled", 'vus = 2\nduration = "6s"') + TWO

    async def during(run):
        await run.until(1)
        run.engine.scale("main", 50)

    runs = [
        play(plan, answer(0.9), during=during, segment=Segment(index, count), max_vus=10)
        for index in range(count)
    ]

    assert most_at_once(*runs) == 10


def test_a_plan_within_its_cap_has_all_its_virtual_users(play, answer):
    plan = scenario("constant-vus", 'vus = 7\nduration = "4s"') + TWO
    runs = [play(plan, answer(0.9), segment=Segment(index, 2), max_vus=10) for index in range(2)]

    assert most_at_once(*runs) == 10
    assert sum(sum(run.missing.values()) for run in runs) == 0


def test_a_load_that_goes_on_ends_with_max_duration_as_an_abort_does(play, answer):
    plan = scenario("constant-vus", 'vus = 2\nduration = "60s"\ngraceful_stop = "60s"')
    run = play(plan, answer(2), max_duration_ns=5 * NS_PER_S)

    assert run.load_ended_s == 6  # what was under way has finished
    assert run.ended_because == ["the target's max_duration, 5s, was over"]
    assert run.count("interrupted_iterations") == 0


def test_what_is_under_way_then_gets_five_seconds(play, answer):
    plan = scenario("constant-vus", 'vus = 2\nduration = "5s"\ngraceful_stop = "60s"')
    run = play(plan, answer(30), max_duration_ns=5 * NS_PER_S)

    assert run.load_ended_s == 10
    assert run.ended_because == ["the target's max_duration, 5s, was over"]
    assert run.count("interrupted_iterations") == 2


def test_a_load_that_is_over_by_then_ends_as_its_plan_says(play, answer):
    plan = scenario("constant-vus", 'vus = 2\nduration = "5s"\ngraceful_stop = "60s"')
    run = play(plan, answer(1.5), max_duration_ns=5 * NS_PER_S)

    assert run.load_ended_s == 6
    assert run.ended_because == []
