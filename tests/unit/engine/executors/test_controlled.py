"""What somebody does to a run from outside – scale, pause, resume – in virtual time."""

from __future__ import annotations

import pytest

from tests.helpers.scenarios import LOOK, scenario
from wedload.workload.segment import Segment


def controlled(vus: int, duration: str, more: str = "") -> str:
    return scenario("externally-controlled", f'vus = {vus}\nduration = "{duration}"\n{more}')


def constant(executor: str, more: str) -> str:
    return scenario(executor, f'duration = "6s"\n{more}')


def acts(*table):
    """Each (instant, what is done to the engine)."""

    async def during(run):
        for instant_s, act in table:
            await run.until(instant_s)
            act(run.engine)

    return during


def active(run) -> dict[float, int]:
    """Virtual users that had a request under way, at the middle of each second."""
    return {
        second + 0.5: sum(
            e.started_s <= second + 0.5 < (e.ended_s or 1e9) for e in run.network.exchanges
        )
        for second in range(8)
    }


def test_without_anybody_acting_the_number_stays(play, answer):
    run = play(controlled(3, "4s"), answer(1))
    assert list(active(run).values())[:5] == [3, 3, 3, 3, 0]
    assert run.load_ended_s == 4


def test_scaling_starts_and_stops_virtual_users_at_once(play, answer):
    during = acts((1, lambda e: e.scale("main", 5)), (3, lambda e: e.scale("main", 1)))
    run = play(controlled(2, "6s"), answer(0.9), during=during)
    assert [active(run)[at] for at in (0.5, 1.5, 2.5)] == [2, 5, 5]
    # those that are too many finish what they have begun
    assert [active(run)[at] for at in (4.5, 5.5)] == [1, 1]
    assert run.count("interrupted_iterations") == 0


def test_scaling_to_nobody_and_back(play, answer):
    during = acts((2, lambda e: e.scale("main", 0)), (4, lambda e: e.scale("main", 2)))
    run = play(controlled(2, "6s"), answer(0.5), during=during)
    assert [active(run)[at] for at in (1.5, 3.5, 4.5)] == [2, 0, 2]


def test_no_more_than_max_vus(play, answer):
    run = play(
        controlled(1, "4s", "max_vus = 3"),
        answer(0.9),
        during=acts((1, lambda e: e.scale("main", 50))),
    )
    assert active(run)[2.5] == 3


def test_segments_scale_to_their_share(play, answer):
    during = acts((1, lambda e: e.scale("main", 7)))
    runs = [
        play(controlled(2, "4s"), answer(0.9), during=during, segment=Segment(index, 3))
        for index in range(3)
    ]
    assert [active(run)[2.5] for run in runs] == [3, 2, 2]


def test_scaling_before_the_scenario_begins_is_kept_in_mind(play, answer):
    during = acts((1, lambda e: e.scale("main", 4)))
    run = play(controlled(1, "2s", 'start_time = "2s"'), answer(0.9), during=during)
    assert [active(run)[at] for at in (1.5, 2.5)] == [0, 4]


def test_other_executors_are_not_scaled(play, answer):
    during = acts((1, lambda e: e.scale("main", 9)))
    run = play(constant("constant-vus", "vus = 2"), answer(0.9), during=during)
    assert active(run)[3.5] == 2


@pytest.mark.parametrize("pace", ["", 'pace = "300ms"'])
def test_while_paused_no_iteration_starts_and_what_runs_goes_on(play, answer, pace):
    during = acts((1.5, lambda e: e.pause("main")), (4, lambda e: e.resume("main")))
    run = play(constant("constant-vus", f"vus = 2\n{pace}"), answer(1), during=during)
    begun = sorted({e.started_s for e in run.network.exchanges})
    assert [at for at in begun if 1.5 < at < 4] == []
    assert 4 in begun
    assert run.count("interrupted_iterations") == 0
    assert run.load_ended_s == 6


def test_arrivals_that_are_due_while_paused_are_dropped_and_counted(play, answer):
    during = acts((2.05, lambda e: e.pause("main")), (4.05, lambda e: e.resume("main")))
    run = play(constant("constant-arrival-rate", "rate = 10"), answer(0.01), during=during)
    assert run.count("iterations") == 40
    assert run.count("dropped_iterations") == 20


def test_what_was_in_line_when_the_pause_began_gets_its_turn_after_it(play, answer):
    during = acts((2.05, lambda e: e.pause("main")), (4.05, lambda e: e.resume("main")))
    plan = constant("constant-arrival-rate", "rate = 10\nmax_vus = 4")
    run = play(plan, answer(0.5), during=during)
    # due by 2.05: 21, of them begun: 4 in each of 5 half seconds, less one that is under way
    assert run.count("iterations") + run.count("dropped_iterations") == 60
    assert run.count("dropped_iterations") == 20
    assert not [e for e in run.network.exchanges if 2.2 < e.started_s < 4.05]


def test_a_paused_run_still_ends_on_time(play, answer):
    during = acts((1.5, lambda e: e.pause("main")))
    for plan in (
        constant("constant-vus", "vus = 2"), constant("constant-arrival-rate", "rate = 2"),
        controlled(2, "6s"),
    ):  # fmt: skip
        assert play(plan, answer(0.1), during=during).load_ended_s == 6


def test_one_of_two_scenarios_is_paused(play, answer):
    other = constant("constant-vus", "vus = 1").replace("scenarios.main", "scenarios.other")
    plan = constant("constant-vus", "vus = 1") + other.partition(LOOK)[0]
    run = play(plan, answer(1), during=acts((1.5, lambda e: e.pause("main"))))
    assert run.count("iterations", scenario="main") == 2
    assert run.count("iterations", scenario="other") == 6
