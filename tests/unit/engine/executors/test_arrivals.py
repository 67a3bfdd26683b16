"""Arrival rates in virtual time: iterations start when they are due, however slow the target is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.helpers.scenarios import LOOK, at, scenario, staged
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.segment import Segment


def constant(rate: str, duration: str, more: str = "", steps: str = LOOK) -> str:
    lines = f'rate = {rate}\nduration = "{duration}"\n{more}'
    return scenario("constant-arrival-rate", lines, steps)


def ramping(*stages: str, more: str = "") -> str:
    return staged("ramping-arrival-rate", *stages, more=more)


def starts(run) -> list[float]:
    return [round(exchange.started_s, 9) for exchange in run.network.exchanges]


# --- when iterations start ------------------------------------------------------------------


def test_iterations_start_at_multiples_of_the_period(play, answer):
    run = play(constant("4", "2s"), answer(0.01))
    assert starts(run) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    assert run.trend("iteration_lateness").max_ns == 0
    assert run.load_ended_s == 2


@pytest.mark.parametrize(
    ("rate", "more"), [('"4/s"', ""), ('"240/1m"', ""), ("240", 'time_unit = "1m"')]
)
def test_a_rate_may_be_written_per_any_unit_of_time(play, answer, rate, more):
    assert starts(play(constant(rate, "1s", more), answer(0.01))) == [0, 0.25, 0.5, 0.75]


def test_a_slow_target_does_not_delay_later_arrivals(play, answer):
    run = play(constant("10", "1s"), answer(7))
    assert starts(run) == [n / 10 for n in range(10)]
    assert run.count("iterations") == 10
    assert len(run.network.clients) == 10  # as many virtual users as it took
    assert run.load_ended_s == pytest.approx(7.9)


def test_a_virtual_user_that_is_free_is_taken_again_before_another_is_made(play, answer):
    run = play(constant("10", "5s"), answer(0.05))
    assert len(run.network.clients) == 1
    assert run.count("iterations") == 50


def test_the_rate_ramps_and_carries_fractions_over(play, answer):
    run = play(ramping("4s 8", "1s 8", more="start_rate = 0"), answer(0.01))
    # 16 in the first stage, at √i; then one every 1/8 s
    expected = [n**0.5 for n in range(16)] + [4 + n / 8 for n in range(8)]
    assert starts(run) == pytest.approx(expected, abs=2e-9)


def test_an_open_scenario_starts_at_its_start_time(play, answer):
    assert starts(play(constant("2", "1s", 'start_time = "3s"'), answer(0.01))) == [3, 3.5]


def test_a_plan_of_rates_is_stretched_by_the_time_scale_and_keeps_its_rates(play, answer):
    run = play(ramping("8s 8"), answer(0.01), time_scale=0.5)
    assert starts(run) == pytest.approx([n**0.5 for n in range(16)], abs=2e-9)


def test_segments_share_the_arrivals_out_and_number_their_users_apart(play, answer):
    plan = constant("10", "1s", steps=LOOK.replace("/look", "/look/${vu}"))
    runs = [play(plan, answer(3), segment=Segment(index, 3)) for index in range(3)]
    assert sorted(start for run in runs for start in starts(run)) == [n / 10 for n in range(10)]
    users = [exchange.path for run in runs for exchange in run.network.exchanges]
    assert len(set(users)) == len(users) == 10


def test_arrivals_at_random_start_when_they_are_drawn_to(play, answer):
    run = play(constant("20", "20s", 'arrivals = "poisson"'), answer(0.001))
    found = starts(run)
    assert 300 < len(found) < 500
    assert len({round(b - a, 3) for a, b in pairwise(found)}) > 50  # no two gaps are alike
    assert run.trend("iteration_lateness").max_ns == 0
    again = play(constant("20", "20s", 'arrivals = "poisson"'), answer(0.001))
    assert starts(again) == found


def test_workflows_of_a_mix_are_drawn_by_weight(play, answer):
    plan = constant(
        "100",
        "20s",
        steps=LOOK + '[[workflows.other]]\nname = "other"\nhttp = "GET /other"\n',
    ).replace('workflow = "visit"', "mix = { visit = 3, other = 1 }")
    run = play(plan, answer(0.01))
    assert run.count("iterations") == 2000
    assert 0.7 < run.count("iterations", workflow="visit") / 2000 < 0.8


# --- when nobody is free --------------------------------------------------------------------


def test_what_nobody_is_free_for_waits_in_line_and_keeps_its_due_time(play, answer):
    run = play(constant("10", "1s", "max_vus = 2"), answer(0.5))
    # two at a time, half a second each
    assert starts(run) == pytest.approx([0, 0.1, 0.5, 0.6, 1, 1.1, 1.5, 1.6, 2, 2.1])
    lateness = run.trend("iteration_lateness")
    assert (lateness.count, lateness.max_ns) == (10, round(1.2 * NS_PER_S))
    assert run.count("dropped_iterations") == 0
    response = run.trend("response_time")
    assert response.max_ns == pytest.approx(1.7 * NS_PER_S, abs=1)
    assert run.trend("http_req_duration").max_ns == NS_PER_S // 2  # what k6 would have shown


def test_what_nobody_is_free_for_is_dropped_if_the_plan_says_so(play, answer):
    run = play(constant("10", "1s", 'max_vus = 2\non_saturation = "drop"'), answer(0.45))
    assert starts(run) == pytest.approx([0, 0.1, 0.5, 0.6])
    assert run.count("dropped_iterations") == 6
    assert run.count("iterations") == 4
    assert run.trend("iteration_lateness").max_ns <= 1


@pytest.mark.parametrize(("max_vus", "dropped"), [(3, 0), (1, 13)])
def test_load_processes_together_have_no_more_virtual_users_and_drop_no_more(
    play, answer, max_vus, dropped
):
    """10/s of 0.25 s each are two and a half at a time, however many processes share them."""
    plan = constant("10", "2s", f'max_vus = {max_vus}\non_saturation = "drop"')
    for count in (1, 2, 4):
        runs = [play(plan, answer(0.25), segment=Segment(n, count)) for n in range(count)]
        assert sum(run.count("dropped_iterations") for run in runs) == dropped
        assert sum(len(run.network.clients) for run in runs) == max_vus


def test_in_the_last_grace_the_line_gets_its_turn_and_what_is_left_is_dropped(play, answer):
    run = play(constant("10", "1s", 'max_vus = 1\ngraceful_stop = "1s"'), answer(0.4))
    # at 0, 0.4, 0.8, 1.2, 1.6; the last would end exactly when the grace does
    assert run.count("iterations") + run.count("interrupted_iterations") == 5
    assert run.count("dropped_iterations") == 5
    assert run.load_ended_s == 2


@pytest.mark.parametrize("seconds", [0.5, 2.5, 6])
def test_every_arrival_is_accounted_for(play, answer, seconds):
    run = play(constant("20", "5s", 'max_vus = 7\ngraceful_stop = "2s"'), answer(seconds))
    accounted = sum(
        run.count(metric)
        for metric in ("iterations", "interrupted_iterations", "dropped_iterations")
    )
    assert accounted == 100


def test_arrivals_that_wait_belong_to_the_stage_in_which_they_were_due(play, answer):
    plan = ramping("0s 10", "1s 10", "0s 1", "5s 1", more="max_vus = 1")
    run = play(plan, answer(0.3))
    assert run.count("iterations") == 15
    assert run.trend("response_time", stage="2").count == 10
    assert run.trend("iteration_lateness", stage="2").count == 10
    # sent while the first stage lasted: only every third
    assert run.trend("http_req_duration", stage="2").count == 4


# --- how it ends ----------------------------------------------------------------------------


def test_an_abort_lets_what_runs_finish_and_drops_the_line(play, answer):
    run = play(
        constant("10", "60s", "max_vus = 2"),
        answer(1),
        during=at(1.45, lambda run: run.engine.abort()),
    )
    # begun at 0, 0.1, 1, 1.1; due by then were 15
    assert run.count("iterations") == 4
    assert run.count("dropped_iterations") == 11
    assert run.load_ended_s == 2.1


def test_an_abort_between_two_iterations_starts_none_any_more(play, answer):
    async def during(run):
        await run.until(0.3)
        await run.until(0.5)  # behind the virtual user, whose second iteration has just ended
        run.engine.abort()

    run = play(constant("10", "60s", "max_vus = 1"), answer(0.25), during=during)
    assert starts(run) == [0, 0.25]
    # due were those at 0 to 0.4, and that at 0.5 if it came before
    assert run.count("iterations") + run.count("dropped_iterations") in {5, 6}


def test_resuming_in_the_last_grace_wakes_nobody_who_is_gone(play, answer):
    """Paused with a line; one virtual user is free, one still at work at the end."""
    steps = LOOK.replace("/look", "/${vu}")
    more = 'max_vus = 2\ngraceful_stop = "2s"'
    waits = {"/1": 0.9, "/2": 60}

    async def during(run):
        await run.until(0.5)
        run.engine.pause("main")
        await run.until(1.5)
        run.engine.resume("main")

    run = play(
        constant("10", "1s", more, steps), lambda seen: answer(waits[seen.path]), during=during
    )
    assert run.network.lines == ["GET /1", "GET /2"]
    assert (run.count("iterations"), run.count("interrupted_iterations")) == (1, 1)
    assert run.count("dropped_iterations") == 8


def test_what_takes_longer_than_the_last_grace_is_cut_off(play, answer):
    run = play(constant("2", "1s", 'graceful_stop = "3s"'), answer(60))
    assert run.count("interrupted_iterations") == 2
    assert run.load_ended_s == 4
    assert all(client.closed for client in run.network.clients)


def test_an_exhausted_feeder_ends_an_open_scenario(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\na\nb\nc\n")
    plan = '[data.guests]\nfile = "guests.csv"\npick = "unique"\n' + constant(
        "2", "60s", steps=LOOK.replace("/look", "/${data.guests.name}")
    )
    run = play(plan, answer(0.1))
    assert run.network.lines == ["GET /a", "GET /b", "GET /c"]
    assert run.ended_because == ["data.guests: all 3 rows have been used, each once"]
    assert run.load_ended_s == 1.5


def test_a_defect_ends_an_open_scenario_with_its_exception(stage, answer):
    def break_at_two(seen):
        return answer(raises=ZeroDivisionError()) if seen.started_s >= 2 else answer(0.1)

    run = stage.set(constant("10", "60s"), break_at_two)
    with pytest.raises(ZeroDivisionError):
        run.clock.run(run.engine.load({}))
    assert run.now_s == 2


def test_once_runs_an_open_scenario_once(play, answer):
    assert starts(play(constant("100", "60s"), answer(0.1), once=True)) == [0]


def test_virtual_users_that_are_free_are_not_active(play, answer):
    run = play(constant("1", "4s"), answer(0.6))
    active = {(s.second, s.vus["main"]) for s in run.snapshots if s.second >= 0}
    assert (0, 1) in active  # while it runs
    assert (0, 0) in active  # and when it has run
    assert max(vus for _, vus in active) == 1


# --- our own lateness -----------------------------------------------------------------------


def test_a_blocked_event_loop_makes_arrivals_late_and_none_is_lost(play, answer):
    run = play(
        constant("10", "3s"),
        answer(0.01),
        # blocked from 0.95 s to 1.95 s
        during=at(0.95, lambda run: run.clock.advance(1000 * NS_PER_MS)),
    )
    assert run.count("iterations") == 30
    assert run.trend("iteration_lateness").max_ns == 950 * NS_PER_MS
    assert run.trend("response_time").max_ns == 960 * NS_PER_MS
    # due at 1.0 … 1.8: more than 0.1 s late; 1.9 is in time
    assert run.missing == {"main": 9}


def test_a_line_that_the_target_causes_is_not_our_lateness(play, answer):
    run = play(constant("10", "2s", "max_vus = 1"), answer(1))
    assert run.missing == {"main": 0}


def test_a_rate_that_cannot_be_reached_does_not_lock_the_loop(play):
    """Iterations that do nothing, due in one burst: the end of the load still comes."""
    nothing = LOOK + 'when = "false"\n'
    run = play(
        constant("1000", "2s", "max_vus = 3", steps=nothing),
        during=at(0.5, lambda run: run.clock.advance(1000 * NS_PER_MS)),
    )
    assert run.count("iterations") == 2000
    assert run.load_ended_s == 2
