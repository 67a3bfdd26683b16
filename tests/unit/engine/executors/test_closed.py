"""Virtual users start and stop on schedule: every transition, in virtual time."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from tests.helpers.scenarios import LOOK, at, scenario, staged
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.segment import Segment


def ramping(*stages: str, more: str = "", steps: str = LOOK) -> str:
    return staged("ramping-vus", *stages, more=more, steps=steps)


def constant(vus: int, duration: str, more: str = "", steps: str = LOOK) -> str:
    lines = f'vus = {vus}\nduration = "{duration}"\n{more}'
    return scenario("constant-vus", lines, steps)


def first_starts(run) -> list[float]:
    return [run.network.starts(vu)[0] for vu in range(len(run.network.clients))]


def conserves(run) -> None:
    """Whatever began is accounted for, once."""
    assert run.count("http_reqs") == len(run.network.finished)
    assert run.trend("http_req_duration").count == len(run.network.finished)
    begun = sum(
        slot.user.iterations if slot.user is not None else 0
        for executor in run.engine._executors
        for slot in executor._slots.values()
    )
    assert begun == run.count("iterations") + run.count("interrupted_iterations")
    assert run.trend("iteration_duration").count == run.count("iterations")
    assert all(executor.active == 0 for executor in run.engine._executors)


# --- ramping --------------------------------------------------------------------------------


def test_a_ramp_starts_each_virtual_user_at_its_exact_instant(play):
    run = play(ramping("10s 5", "1s 5"))
    assert first_starts(run) == [2, 4, 6, 8, 10]
    conserves(run)


def test_a_second_ramp_begins_where_the_first_ended(play):
    run = play(ramping("2s 2", "3s 2", "2s 4", "1s 4"))
    assert first_starts(run) == [1, 2, 6, 7]


def test_a_stage_of_no_length_starts_all_at_once(play):
    run = play(ramping("0s 3", "2s 3", "0s 5", "1s 5"))
    assert first_starts(run) == [0, 0, 0, 2, 2]


def test_virtual_users_of_the_start_are_there_from_the_first_instant(play):
    run = play(ramping("4s 4", "1s 4", more="start_vus = 2"))
    assert first_starts(run) == [0, 0, 2, 4]


def test_a_stage_to_zero_is_a_pause_after_which_users_start_again(play, answer):
    run = play(ramping("0s 1", "1s 1", "0s 0", "2s 0", "0s 1", "1s 1"), answer(0.4))
    assert run.network.starts(0) == pytest.approx([0, 0.4, 0.8, 3, 3.4, 3.8])
    assert len(run.network.clients) == 1  # the same virtual user
    conserves(run)


def test_the_last_started_stops_first_and_finishes_its_iteration(play, answer):
    run = play(ramping("0s 2", "5s 2", "0s 1", "5s 1", more='graceful_ramp_down = "2s"'), answer(3))
    assert run.network.starts(1) == [0, 3]  # its second iteration ends at 6 s
    assert [e.ended_s for e in run.network.exchanges if e.vu == 1] == [3, 6]
    assert run.network.starts(0) == [0, 3, 6, 9]
    assert run.count("interrupted_iterations") == 0
    conserves(run)


def test_an_iteration_beyond_the_grace_of_a_ramp_down_is_interrupted_and_not_counted(play, answer):
    run = play(
        ramping("0s 2", "5s 2", "0s 1", "3500ms 1", more='graceful_ramp_down = "500ms"'), answer(3)
    )
    assert run.network.starts(1) == [0, 3]
    cut_off = [e for e in run.network.exchanges if e.ended_s is None]
    assert [(e.vu, e.started_s) for e in cut_off] == [(1, 3)]
    assert run.count("interrupted_iterations") == 1
    assert run.count("iterations") == 4  # 3 of the one, 1 of the other
    assert run.count("iterations") == 4
    assert run.network.clients[1].closed == 1
    conserves(run)


def test_the_grace_of_a_ramp_down_ends_at_its_exact_instant(play, answer):
    async def watch(run):
        for instant_ms in (5499, 5501):
            await run.until(instant_ms / 1000)
            seen.append(run.engine._executors[0].active)

    seen = []
    play(
        ramping("0s 2", "5s 2", "0s 1", "4s 1", more='graceful_ramp_down = "500ms"'),
        answer(3),
        during=watch,
    )
    assert seen == [2, 1]


def test_load_that_rises_within_the_grace_lets_the_iteration_go_on(play, answer):
    run = play(
        ramping(
            "0s 2", "5s 2", "0s 1", "500ms 1", "0s 2", "5s 2", more='graceful_ramp_down = "2s"'
        ),
        answer(3),
    )
    assert run.network.starts(1) == [0, 3, 6, 9]  # as if nothing had happened
    assert run.network.clients[1].closed == 1  # at its end, not before
    assert run.count("interrupted_iterations") == 0
    conserves(run)


def test_a_grace_that_load_has_cut_short_does_not_cancel_later(play, answer):
    run = play(
        ramping("0s 1", "1s 1", "0s 0", "1s 0", "0s 1", "10s 1", more='graceful_ramp_down = "3s"'),
        answer(11),
    )
    assert run.network.starts(0) == [0, 11]  # the grace would have ended at 4 s
    assert run.count("iterations") == 2


def test_load_that_rises_after_the_grace_starts_the_virtual_user_anew(play, answer):
    run = play(
        ramping("0s 1", "2s 1", "0s 0", "2s 0", "0s 1", "3s 1", more='graceful_ramp_down = "1s"'),
        answer(10),
    )
    assert run.network.starts(0) == [0, 4]
    assert (run.count("iterations"), run.count("interrupted_iterations")) == (1, 1)
    conserves(run)


def test_load_that_rises_at_the_instant_of_a_stop_starts_anew_without_losing_the_user(play, answer):
    """It is cancelled between two iterations, and wanted again before it is gone."""
    run = play(
        ramping("0s 1", "2500ms 1", "0s 0", "0s 1", "2900ms 1", more='pace = "1s"'), answer(0.1)
    )
    assert run.network.starts(0) == [0, 1, 2, 2.5, 3.5, 4.5]
    conserves(run)


@pytest.mark.parametrize("grace", ["0s", "30s"])
def test_a_virtual_user_between_two_iterations_stops_at_once(play, answer, grace):
    async def watch(run):
        for instant_ms in (2499, 2501):
            await run.until(instant_ms / 1000)
            seen.append(run.engine._executors[0].active)

    seen = []
    run = play(
        ramping(
            "0s 2", "2500ms 2", "0s 1", "2s 1", more=f'pace = "1s"\ngraceful_ramp_down = "{grace}"'
        ),
        answer(0.1),
        during=watch,
    )
    assert seen == [2, 1]
    assert run.network.starts(1) == [0, 1, 2]
    assert run.count("interrupted_iterations") == 0
    conserves(run)


def test_a_ramp_down_stops_each_virtual_user_at_its_exact_instant(play, answer):
    run = play(ramping("0s 4", "4s 0", more='pace = "70ms"'), answer(0.001))
    lasts = [max(run.network.starts(vu)) for vu in range(4)]
    assert lasts == pytest.approx([3.99, 2.94, 1.96, 0.98])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_segments_together_run_each_virtual_user_once_at_its_instant(play, count):
    starts = []
    for index in range(count):
        run = play(ramping("10s 5", "1s 5"), segment=Segment(index, count))
        starts += first_starts(run)
        conserves(run)
    assert sorted(starts) == [2, 4, 6, 8, 10]


# --- constant, and the end ------------------------------------------------------------------


def test_constant_virtual_users_start_together_and_stop_at_the_end(play, answer):
    run = play(constant(3, "9s"), answer(2))
    assert [run.network.starts(vu) for vu in range(3)] == [[0, 2, 4, 6, 8]] * 3
    assert run.load_ended_s == 10  # the last ones end after it
    conserves(run)


def test_what_is_due_at_the_very_end_does_not_start(play, answer):
    run = play(constant(2, "4s"), answer(1))
    assert [run.network.starts(vu) for vu in range(2)] == [[0, 1, 2, 3]] * 2
    paced = play(constant(2, "4s", 'pace = "1s"'), answer(0.1))
    assert [paced.network.starts(vu) for vu in range(2)] == [[0, 1, 2, 3]] * 2
    assert run.load_ended_s == paced.load_ended_s == 4
    conserves(run)


def test_what_runs_at_the_end_finishes_within_the_last_grace(play, answer):
    run = play(constant(2, "5s", 'graceful_stop = "4s"'), answer(4))
    assert run.network.starts(0) == [0, 4]
    assert run.load_ended_s == 8  # nothing starts after it
    assert (run.count("iterations"), run.count("interrupted_iterations")) == (4, 0)
    conserves(run)


def test_what_runs_after_the_last_grace_is_interrupted(play, answer):
    run = play(constant(2, "5s", 'graceful_stop = "2s"'), answer(4))
    assert run.load_ended_s == 7
    assert (run.count("iterations"), run.count("interrupted_iterations")) == (2, 2)
    assert len(run.network.finished) == 2
    conserves(run)


def test_a_grace_of_a_ramp_down_does_not_outlast_the_last_grace(play, answer):
    run = play(
        ramping("0s 1", "5s 1", "0s 0", more='graceful_ramp_down = "60s"\ngraceful_stop = "1s"'),
        answer(20),
    )
    assert run.load_ended_s == 6
    assert run.count("interrupted_iterations") == 1


def test_virtual_users_between_two_iterations_do_not_hold_the_end_up(play, answer):
    run = play(constant(3, "2500ms", 'pace = "1s"\ngraceful_stop = "30s"'), answer(0.1))
    assert run.load_ended_s == 2.5
    conserves(run)


def test_a_workflow_without_any_request_does_not_lock_the_loop(play):
    steps = """
[[workflows.visit]]
name = "never"
http = "GET /"
when = "vu > 99"
[[workflows.visit]]
think = "1ms"
"""
    run = play(constant(2, "99500us", steps=steps))
    assert run.network.exchanges == []
    assert run.count("iterations") == 200


def test_one_user_with_once_runs_each_workflow_once_whatever_the_schedule(play, answer):
    plan = """
[scenarios.main]
executor = "constant-vus"
vus = 50
duration = "1h"
start_time = "1m"
pace = "1m"
mix = { visit = 70, search = 30 }
[scenarios.other]
executor = "constant-vus"
vus = 2
duration = "1h"
workflow = "visit"
[[workflows.visit]]
http = "GET /visit"
[[workflows.search]]
http = "GET /search"
"""
    run = play(plan, answer(2), once=True)
    assert sorted(run.network.lines) == ["GET /search", "GET /visit", "GET /visit"]
    assert run.load_ended_s == 4
    conserves(run)


def test_a_time_scale_shortens_stages_but_neither_pace_nor_think_time(play, answer):
    steps = f'{LOOK}[[workflows.visit]]\nthink = "200ms"\n'
    run = play(
        ramping("0s 1", "50s 1", more='pace = "1s"', steps=steps), answer(0.1), time_scale=0.05
    )
    assert run.network.starts(0) == [0, 1, 2]
    assert run.load_ended_s == 2.5


# --- several scenarios ----------------------------------------------------------------------

TWO = f"""
[scenarios.early]
executor = "constant-vus"
vus = 2
duration = "4s"
workflow = "visit"
[scenarios.late]
executor = "ramping-vus"
start_time = "3s"
workflow = "visit"
stages = [
  {{ name = "up", duration = "2s", target = 2 }},
  {{ name = "on", duration = "2s", target = 2 }},
]
{LOOK}"""


def test_a_scenario_starts_at_its_start_time_and_its_stages_count_from_there(play, answer):
    run = play(TWO, answer(0.9))
    assert first_starts(run) == [0, 0, 4, 5]
    assert run.load_ended_s == pytest.approx(7.7)
    assert run.count("http_reqs", scenario="early") == 10
    assert run.count("http_reqs", scenario="late") == 7
    assert run.count("http_reqs", stage="up") == 2
    assert run.count("http_reqs", stage="on") == 5
    conserves(run)


def test_each_scenario_reports_its_own_virtual_users(play, answer):
    run = play(TWO, answer(1))
    seconds = {snapshot.second: snapshot.vus for snapshot in run.snapshots}
    assert seconds[2] == {"early": 2, "late": 0}
    assert seconds[5] == {"early": 0, "late": 2}


def test_workflows_of_a_mix_are_picked_by_their_weights(play, answer):
    plan = """
[scenarios.main]
executor = "constant-vus"
vus = 10
duration = "19950ms"
mix = { visit = 3, search = 1 }
[[workflows.visit]]
http = "GET /visit"
[[workflows.search]]
http = "GET /search"
"""
    run = play(plan, answer(0.1))
    visits, all_of_them = run.count("iterations", workflow="visit"), run.count("iterations")
    assert all_of_them == 2000
    assert 0.7 < visits / all_of_them < 0.8  # seeded: the same share each time
    conserves(run)


# --- abort ----------------------------------------------------------------------------------


def test_an_abort_starts_nothing_new_and_lets_iterations_finish(play, answer):
    run = play(
        ramping("10s 10", "10s 10", more='graceful_stop = "30s"'),
        answer(3),
        during=at(4.5, lambda run: run.engine.abort()),
    )
    assert max(e.started_s for e in run.network.exchanges) == 4
    assert run.load_ended_s == 7
    assert run.count("interrupted_iterations") == 0
    conserves(run)


def test_an_abort_gives_at_most_five_seconds(play, answer):
    run = play(
        constant(2, "60s", 'graceful_stop = "30s"'),
        answer(20),
        during=at(3, lambda run: run.engine.abort()),
    )
    assert run.load_ended_s == 8
    assert run.count("interrupted_iterations") == 2
    conserves(run)


def test_a_second_abort_does_not_put_the_end_off(play, answer):
    async def twice(run):
        for instant_s in (3, 7):
            await run.until(instant_s)
            run.engine.abort()

    run = play(constant(2, "60s"), answer(20), during=twice)
    assert run.load_ended_s == 8
    conserves(run)


def test_an_abort_in_the_last_grace_shortens_it_but_never_lengthens_it(play, answer):
    def ended(grace: str, abort_s: float) -> float:
        return play(
            constant(1, "2s", f'graceful_stop = "{grace}"'),
            answer(60),
            during=at(abort_s, lambda run: run.engine.abort()),
        ).load_ended_s

    assert ended("30s", 3) == 8
    assert ended("3s", 4) == 5


def test_an_abort_in_the_grace_of_a_ramp_down_does_not_lengthen_it(play, answer):
    run = play(
        ramping("0s 1", "1s 1", "0s 0", "60s 0", more='graceful_ramp_down = "2s"'),
        answer(60),
        during=at(2, lambda run: run.engine.abort()),
    )
    assert run.load_ended_s == 3


def test_an_abort_stops_virtual_users_between_two_iterations_at_once(play, answer):
    run = play(
        constant(3, "60s", 'pace = "10s"'),
        answer(0.1),
        during=at(4, lambda run: run.engine.abort()),
    )
    assert run.load_ended_s == 4
    conserves(run)


def test_an_abort_before_a_scenario_starts_keeps_it_from_starting(play, answer):
    run = play(TWO, answer(1), during=at(1.5, lambda run: run.engine.abort()))
    assert run.load_ended_s == 2
    assert run.count("http_reqs", scenario="late") == 0
    conserves(run)


@pytest.mark.parametrize("start_time", ["0s", "10m"])
def test_an_abort_before_the_load_keeps_it_from_starting(stage, start_time):
    run = stage.set(constant(2, "60s", f'start_time = "{start_time}"'))

    async def main():
        run.engine.abort()
        return await run.engine.load({})

    assert run.clock.run(main()) == ([], {"main": 0})
    assert run.network.exchanges == []
    assert run.now_s == 0


# --- pace -----------------------------------------------------------------------------------


def test_with_a_pace_iterations_start_that_often_at_most(play, answer):
    run = play(constant(2, "4500ms", 'pace = "1s"'), answer(0.3))
    for vu in range(2):
        assert run.network.starts(vu) == [0, 1, 2, 3, 4]
    lateness = run.trend("iteration_lateness")
    assert (lateness.count, lateness.max_ns) == (10, 0)


def test_an_iteration_longer_than_the_pace_puts_the_next_ones_off(play, answer):
    """Due at max(previous due + pace, previous end): no burst to catch up."""

    def slow_second(seen):
        return answer(2.5 if seen.started_s == 1 else 0.1)

    run = play(constant(1, "7s", 'pace = "1s"'), slow_second)
    assert run.network.starts(0) == [0, 1, 3.5, 4.5, 5.5, 6.5]


def test_lateness_of_ours_is_recorded_and_does_not_shift_the_schedule(play, answer):
    run = play(
        constant(1, "4500ms", 'pace = "1s"'),
        answer(0.1),
        # the event loop is blocked from 1.9 s to 2.2 s
        during=at(1.9, lambda run: run.clock.advance(300 * NS_PER_MS)),
    )
    assert run.network.starts(0) == [0, 1, 2.2, 3, 4]
    lateness = run.trend("iteration_lateness")
    assert (lateness.count, lateness.sum_ns) == (5, 200 * NS_PER_MS)
    assert run.trend("iteration_duration").max_ns == 100 * NS_PER_MS  # never hidden in there


# --- the load that was asked for --------------------------------------------------------------


def test_virtual_users_on_schedule_are_not_missing_not_even_in_the_last_instant(play, answer):
    """Everybody's wait for the next iteration ends with the load: that takes nothing away."""
    run = play(constant(3, "1s", 'pace = "20ms"'), answer(0.001))
    assert run.missing == {"main": 0}
    assert run.load_ended_s == 1


def test_virtual_users_that_start_late_are_missing_for_that_long(play, answer):
    run = play(
        ramping("4s 4"),  # one a second
        answer(0.1),
        # the event loop is blocked from 0.9 s to 2.4 s: the first is 1.4 s late, the second 0.4 s
        during=at(0.9, lambda run: run.clock.advance(1500 * NS_PER_MS)),
    )
    assert run.missing == {"main": 1.4 + 0.4}


def test_what_is_missing_ends_with_the_stages(play, answer):
    run = play(
        ramping("4s 4"),
        answer(0.1),
        during=at(0.9, lambda run: run.clock.advance(60 * NS_PER_S)),
    )
    assert run.missing == {"main": 3 + 2 + 1}


def test_without_a_pace_iterations_follow_each_other_and_have_no_lateness(play, answer):
    run = play(constant(1, "900ms"), answer(0.25))
    assert run.network.starts(0) == [0, 0.25, 0.5, 0.75]
    assert run.trend("iteration_lateness").count == 0


# --- defects and cancelling -----------------------------------------------------------------


@pytest.mark.parametrize("vus", [1, 5])
def test_a_defect_in_a_step_ends_the_run_with_its_exception(stage, answer, vus):
    class DefectError(Exception):
        pass

    def break_at_two(seen):
        return answer(raises=DefectError("a bug")) if seen.started_s >= 2 else answer(1)

    run = stage.set(constant(vus, "60s"), break_at_two)
    with pytest.raises(DefectError, match="a bug"):
        run.clock.run(run.engine.load({}))
    assert run.now_s == 2


def test_a_defect_that_every_virtual_user_meets_at_once_is_one_defect(stage, answer):
    """On uvloop, whose handles of what is to happen at once know no time."""
    run = stage.set(constant(5, "60s"), answer(raises=ZeroDivisionError()))
    problems = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: problems.append(context)
        )
        await run.engine.load({})

    with pytest.raises(ZeroDivisionError):
        uvloop.run(main())
    assert problems == []


def test_a_defect_in_one_scenario_ends_the_others(stage, answer):
    def break_late(seen):
        return answer(raises=ZeroDivisionError()) if seen.started_s >= 4 else answer(1)

    run = stage.set(TWO.replace('duration = "4s"', 'duration = "60s"'), break_late)

    async def main():
        with pytest.raises(ZeroDivisionError):
            await run.engine.load({})
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run.clock.run(main()) == set()


@pytest.mark.parametrize("after_ms", [0, 500, 3500, 4000, 4500, 6500])
def test_a_cancelled_load_leaves_no_task_behind_and_closes_its_clients(stage, answer, after_ms):
    run = stage.set(TWO, answer(1))

    async def main():
        load = asyncio.create_task(run.engine.load({}))
        await run.until(after_ms / 1000)
        if not after_ms:
            await asyncio.sleep(0)
        load.cancel()
        with pytest.raises(asyncio.CancelledError):
            await load
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run.clock.run(main()) == set()
    assert all(client.closed for client in run.network.clients)
    assert run.now_s == after_ms / 1000
    conserves(run)


# --- feeders --------------------------------------------------------------------------------

FED = """
[data.guests]
file = "guests.csv"
pick = "PICK"
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "60s"
graceful_stop = "2s"
workflow = "visit"
[scenarios.other]
executor = "constant-vus"
vus = 1
duration = "4800ms"
workflow = "plain"
[[workflows.visit]]
http = "GET /guests/${data.guests.name}"
[[workflows.visit]]
http = "GET /again/${data.guests.name}"
[[workflows.plain]]
http = "GET /plain"
"""


def test_a_unique_feeder_that_is_exhausted_ends_its_scenario_only(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\n" + "\n".join("abcde") + "\n")
    run = play(FED.replace("PICK", "unique"), answer(0.5))
    fed = [line for line in run.network.lines if "guests" in line]
    assert sorted(fed) == [f"GET /guests/{name}" for name in "abcde"]
    again = [line for line in run.network.lines if "again" in line]
    assert sorted(again) == [f"GET /again/{name}" for name in "abcde"]
    assert run.ended_because == ["data.guests: all 5 rows have been used, each once"]
    assert run.count("http_reqs", scenario="other") == 10
    assert run.load_ended_s == 5
    assert run.count("iterations", scenario="main") == 5
    assert run.outcomes("iterations", scenario="main") == {"ok": 5}


def test_when_a_unique_feeder_is_exhausted_what_runs_gets_the_last_grace(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\na\nb\nc\n")

    def slow_third(seen):
        return answer(30 if "c" in seen.path else 0.5)

    run = play(FED.replace("PICK", "unique"), slow_third)
    # at 1 s one virtual user takes the third row, and the other finds none
    assert run.count("interrupted_iterations") == 1
    assert run.ended_because == ["data.guests: all 3 rows have been used, each once"]


def test_rows_of_a_unique_feeder_are_shared_out_over_segments(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\n" + "\n".join("abcde") + "\n")
    seen = []
    for index in range(2):
        run = play(FED.replace("PICK", "unique"), answer(0.5), segment=Segment(index, 2))
        seen += [line for line in run.network.lines if "guests" in line]
    assert sorted(seen) == [f"GET /guests/{name}" for name in "abcde"]


def test_a_feeder_per_virtual_user_always_gives_it_the_same_row(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\na\nb\nc\n")
    run = play(FED.replace("PICK", "per_vu").replace("60s", "3s"), answer(0.5))
    rows = {vu: {e.path[-1] for e in run.network.exchanges if e.vu == vu} for vu in (0, 1)}
    assert rows == {0: {"a"}, 1: {"b"}}


def test_a_sequential_feeder_begins_again_at_its_end(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\na\nb\n")
    plan = FED.replace("PICK", "sequential").replace("60s", "2800ms").replace("vus = 2", "vus = 1")
    run = play(plan, answer(0.5))
    assert [e.path[-1] for e in run.network.exchanges if "guests" in e.path] == ["a", "b", "a"]
