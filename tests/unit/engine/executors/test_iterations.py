"""Executors of a number of iterations (`engine/executors/closed.py`), in virtual time."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.helpers.scenarios import scenario
from wedload.workload.segment import Segment

LOOK = """
[[workflows.visit]]
name = "look"
http = "GET /look/${vu}/${iteration}"
"""


def plan(kind: str, vus: int, iterations: int, more: str = "") -> str:
    return scenario(f"{kind}-iterations", f"vus = {vus}\niterations = {iterations}\n{more}", LOOK)


def test_each_virtual_user_runs_its_iterations_one_after_the_other(play, answer):
    run = play(plan("per-vu", 3, 4), answer(0.5))
    assert Counter(run.network.lines) == Counter(
        f"GET /look/{vu}/{n}" for vu in (1, 2, 3) for n in range(4)
    )
    assert run.network.starts(0) == [0, 0.5, 1, 1.5]
    assert run.load_ended_s == 2  # as soon as all have run


def test_who_is_faster_runs_more_of_shared_iterations(play, answer):
    def slow_first(seen):
        return answer(3 if seen.vu == 0 else 0.5)

    run = play(plan("shared", 2, 9), slow_first)
    by_user = Counter(exchange.vu for exchange in run.network.exchanges)
    assert by_user == {0: 2, 1: 7}
    assert run.count("iterations") == 9


@pytest.mark.parametrize(("kind", "left"), [("per-vu", 2 * 10 - 8), ("shared", 10 - 8)])
def test_what_has_not_begun_when_time_is_over_is_dropped(play, answer, kind, left):
    run = play(plan(kind, 2, 10, 'max_duration = "2s"'), answer(0.55))
    # each begins at 0, 0.55, 1.1, 1.65; the last ends within the grace
    assert run.count("iterations") == 8
    assert run.count("dropped_iterations") == left
    assert run.load_ended_s == pytest.approx(2.2)


def test_with_a_pace_the_last_iteration_is_not_waited_after(play, answer):
    run = play(plan("per-vu", 2, 3, 'pace = "1s"'), answer(0.2))
    assert run.network.starts(0) == [0, 1, 2]
    assert run.load_ended_s == 2.2


def test_the_time_scale_does_not_cut_the_time_for_iterations(play, answer):
    run = play(plan("per-vu", 1, 4, 'max_duration = "5s"'), answer(1), time_scale=0.1)
    assert run.count("iterations") == 4


def test_an_abort_ends_a_scenario_of_iterations_and_drops_nothing(play, answer):
    async def abort(run):
        await run.until(1.25)
        run.engine.abort()

    run = play(plan("per-vu", 2, 10), answer(0.5), during=abort)
    assert run.count("iterations") == 6
    assert run.count("dropped_iterations") == 0


def test_a_scenario_of_iterations_starts_at_its_start_time(play, answer):
    run = play(plan("shared", 2, 4, 'start_time = "3s"'), answer(0.5))
    assert [exchange.started_s for exchange in run.network.exchanges] == [3, 3, 3.5, 3.5]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("kind", "total"), [("per-vu", 21), ("shared", 10)])
def test_segments_add_up_to_all_iterations(play, answer, kind, total, count):
    iterations = 3 if kind == "per-vu" else 10
    runs = [
        play(plan(kind, 7, iterations), answer(0.1), segment=Segment(index, count))
        for index in range(count)
    ]
    lines = [line for run in runs for line in run.network.lines]
    assert len(lines) == len(set(lines)) == total
