"""Set-up, snapshots, tear-down and clean-up of an engine, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from wedload.engine.health import HealthProbe
from wedload.units import NS_PER_MS, NS_PER_S

LOOK = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'
MAIN = """
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "DURATION"
workflow = "visit"
"""


def main(duration: str = "1900ms", more: str = LOOK) -> str:
    return MAIN.replace("DURATION", duration) + more


# --- set-up and tear-down -----------------------------------------------------------------------

SETUP = """
[variables]
day = "2027-06-19"
[[setup]]
name = "make a venue"
http = "POST /venues"
json = { day = "${day}" }
capture = { venue = "json.id" }
[[setup]]
name = "open it"
http = "POST /venues/${venue}/open"
"""


def test_what_set_up_captures_reaches_every_iteration(play, answer):
    steps = '[[workflows.visit]]\nhttp = "GET /venues/${venue}/${day}"\n'
    run = play(SETUP + main(more=steps), answer(0.5, json={"id": "v1"}))
    assert run.problems == []
    assert run.captured == {"venue": "v1"}
    assert run.network.lines[:2] == ["POST /venues", "POST /venues/v1/open"]
    assert set(run.network.lines[2:]) == {"GET /venues/v1/2027-06-19"}
    assert run.load_began_s == 1


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"status": 503, "json": {"id": 1}}, "make a venue: status 503"),
        ({"json": {}}, "make a venue: capture venue found nothing"),
        ({"outcome": "connect"}, "make a venue: stand-in: connect"),
    ],
)
def test_a_failure_of_set_up_is_reported(stage, answer, answers, problem):
    run = stage.set(SETUP + main(), answer(**answers))
    _, problems = run.clock.run(run.engine.setup())
    assert problem in problems


def test_set_up_is_not_judged_but_can_be_asked_for(play, answer):
    run = play(SETUP + main("900ms"), answer(0.5, json={"id": 1}))
    assert run.count("http_reqs") == 4
    assert run.count("http_reqs", scenario="setup") == 2
    assert run.count("iterations") == 4


def test_samples_of_set_up_are_outside_of_the_seconds_of_the_load(play, answer):
    run = play(SETUP + main("900ms"), answer(0.5, json={"id": 1}))
    outside = [snapshot for snapshot in run.snapshots if snapshot.second < 0]
    assert [snapshot.second for snapshot in outside] == [-1]
    assert sum(n for key, n in outside[0].counts.items() if key.metric == "http_reqs") == 2


def test_a_plan_without_set_up_sends_nothing(stage):
    run = stage.set(main())
    assert run.clock.run(run.engine.setup()) == ({}, [])
    assert run.clock.run(run.engine.teardown({})) == []
    assert run.network.clients == []


def test_tear_down_runs_once_and_reports_what_went_wrong(stage, answer):
    plan = main() + '[[teardown]]\nname = "close"\nhttp = "DELETE /venues"\n'
    run = stage.set(plan, answer(status=500))
    assert run.clock.run(run.engine.teardown({})) == ["close: status 500"]
    assert run.network.lines == ["DELETE /venues"]
    assert run.network.clients[0].closed == 1


def test_a_feeder_without_rows_left_is_a_problem_of_set_up_not_a_defect(stage):
    (stage.folder / "guests.csv").write_text("name\na\n")
    plan = (
        '[data.guests]\nfile = "guests.csv"\npick = "unique"\n'
        '[[setup]]\nhttp = "GET /${data.guests.name}"\n' + main()
    )
    run = stage.set(plan)
    assert run.clock.run(run.engine.setup()) == ({}, [])
    _, problems = run.clock.run(run.engine.setup())
    assert problems == ["data.guests: all 1 rows have been used, each once"]


# --- snapshots ----------------------------------------------------------------------------------


def test_samples_are_in_the_second_in_which_they_ended(play, answer):
    # 2 virtual users; requests end at 0.7, 1.4, 2.1, 2.8, 3.5, 4.2 s
    run = play(main("3900ms"), answer(0.7))
    ended: dict[int, int] = {}
    for snapshot in run.snapshots:
        for key, count in snapshot.counts.items():
            if key.metric == "http_reqs":
                ended[snapshot.second] = ended.get(snapshot.second, 0) + count
    assert ended == {0: 2, 1: 2, 2: 4, 3: 2, 4: 2}


def test_snapshots_come_four_times_a_second_with_health_once(play, answer):
    run = play(main("3100ms"), answer(0.3))
    seconds = [snapshot.second for snapshot in run.snapshots]
    assert seconds[:12] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    healthy = [snapshot.second for snapshot in run.snapshots if snapshot.health is not None]
    assert healthy == [0, 1, 2]  # of whole seconds only: a sliver of one says nothing


def test_the_event_loops_lag_is_seen(play, answer):
    async def block(run):
        await run.until(1.5)
        run.clock.advance(300 * NS_PER_MS)

    run = play(main("3100ms"), answer(0.3), during=block)
    lags = {s.second: s.health.loop_lag.max_ns for s in run.snapshots if s.health is not None}
    assert lags[0] == 0
    assert lags[1] >= 290 * NS_PER_MS


def test_load_whose_health_cannot_be_told_ends_with_the_reason_and_not_in_silence(
    play, answer, monkeypatch
):
    """Without its flushes a run would look as if nothing had happened."""

    def broken(_: HealthProbe) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(HealthProbe, "take", broken)
    with pytest.raises(OSError, match="no such device"):
        play(main("3100ms"), answer(0.3))


def test_nothing_is_lost_between_snapshots(play, answer):
    latencies = iter([0.01, 0.25, 0.013, 0.5, 0.1] * 1000)
    run = play(main("9950ms"), lambda _: answer(next(latencies)))
    assert run.count("http_reqs") == len(run.network.finished) == len(run.network.exchanges)
    assert run.trend("http_req_duration").count == run.count("iterations")
    total_ns = sum(round((e.ended_s - e.started_s) * NS_PER_S) for e in run.network.finished)
    assert run.trend("http_req_duration").sum_ns == total_ns
    assert run.count("data_sent") == sum(
        len(e.request.encode()) + len(e.lines) - len(e.request.headers)
        for e in run.network.finished
    )


# --- clean-up -----------------------------------------------------------------------------------

CREATE = """
[identities.couple]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[[workflows.visit]]
name = "create"
http = "POST /forms"
as = "couple"
capture = { id = "json.id" }
cleanup = "DELETE /forms/${id}"
"""


def creating(answer, deleting=None):
    """Forms are numbered from 1; `deleting` answers their deletion."""
    numbers = iter(range(1, 1000))

    def answers(seen):
        if seen.request.method == "DELETE":
            return (deleting or (lambda _: answer(0.1, status=204)))(seen)
        if seen.path == "/sign-in":
            return answer(0.1, json={"token": "t"}, headers={"Set-Cookie": "session=s; Path=/"})
        return answer(0.1, json={"id": next(numbers)})

    return answers


def deletions(run):
    return [seen for seen in run.network.exchanges if seen.request.method == "DELETE"]


def test_what_was_created_is_deleted_last_first_with_the_identitys_headers_and_cookies(
    stage, answer
):
    run = stage.play(main("950ms", CREATE).replace("vus = 2", "vus = 1"), creating(answer))
    created = run.count("http_reqs", step="create")
    count, progress = stage.clean_up(run)
    assert (count.created, count.deleted, count.leaked) == (created, created, 0)
    deleted = [int(seen.path.rpartition("/")[2]) for seen in deletions(run)]
    assert deleted == list(range(created, 0, -1))
    assert all(b"Authorization: Bearer t\r\n" in seen.lines for seen in deletions(run))
    assert all(b"Cookie: session=s\r\n" in seen.lines for seen in deletions(run))
    assert progress == sorted(progress, reverse=True)
    assert run.count("http_reqs", scenario="cleanup") == created


@pytest.mark.parametrize(
    ("created", "uncertain", "then"),
    [
        (1, 1, {"outcome": "timeout"}),
        (1, 1, {"outcome": "reset"}),
        (1, 1, {"after_s": 99}),  # cut off at the end
        (1, 1, {"json": {}}),  # nothing in it that names what was created
        (1, 0, {"status": 500}),  # says that there is nothing
        (1, 0, {"outcome": "connect"}),  # was never sent
    ],
)
def test_what_may_have_been_created_without_an_answer_is_counted_apart(
    stage, answer, created, uncertain, then
):
    """The first request to create is answered, the second fares differently."""
    plan = main("1950ms", CREATE).replace("vus = 2", "vus = 1")
    answers = iter([answer(0.1, json={"token": "t"}), answer(1.5, json={"id": 1})])
    run = stage.play(plan, lambda _: next(answers, answer(**{"after_s": 0.9, **then})))

    count = run.engine._shared.cleanup.count
    assert (count.created, count.uncertain) == (created, uncertain)


def test_each_attempt_may_have_created_something(stage, answer):
    plan = main("950ms", CREATE + 'retry = { attempts = 3, on = ["timeout"] }\n')
    plan = plan.replace("vus = 2", "vus = 1")
    fates = iter([answer(0.1, json={"token": "t"}), *[answer(0.1, outcome="timeout")] * 2])
    run = stage.play(plan, lambda _: next(fates, answer(0.9, json={"id": 1})))

    assert run.engine._shared.cleanup.count.uncertain == 2


def test_clean_up_is_gentle_to_the_target(stage, answer):
    run = stage.play(main("9950ms", CREATE), creating(answer))
    stage.clean_up(run)
    instants = [(seen.started_s, 1) for seen in deletions(run)]
    instants += [(seen.ended_s, -1) for seen in deletions(run)]
    under_way = most = 0
    for _, change in sorted(instants):
        under_way += change
        most = max(most, under_way)
    assert most == 16


@pytest.mark.parametrize("status", [200, 202, 204, 404, 410])
def test_what_is_not_there_any_more_counts_as_deleted(stage, answer, status):
    run = stage.play(main("950ms", CREATE), creating(answer, lambda _: answer(0.1, status=status)))
    count, _ = stage.clean_up(run)
    assert count.deleted == count.created > 0
    assert count.absent == (count.deleted if status in {404, 410} else 0)
    assert count.reasons == {}


def test_what_could_not_be_deleted_is_leaked_with_its_reasons(stage, answer):
    def deleting(seen):
        match int(seen.path.rpartition("/")[2]) % 4:
            case 0:
                return answer(0.1, status=500)
            case 1:
                return answer(0.1, outcome="timeout")
            case 2:
                return answer(0.1, status=302, headers={"Location": "/"})
            case _:
                return answer(0.1, status=204)

    run = stage.play(main("950ms", CREATE), creating(answer, deleting))
    count, _ = stage.clean_up(run)
    assert count.created == count.deleted + count.leaked
    assert set(count.reasons) == {"status 500", "stand-in: timeout", "status 302"}
    assert sum(count.reasons.values()) == count.leaked > 0


def test_clean_up_that_is_cut_off_counts_everything_it_did_not_see_deleted(stage, answer):
    run = stage.play(main("9950ms", CREATE), creating(answer))

    async def cut_off():
        cleaning = asyncio.create_task(run.engine.cleanup(lambda _: None))
        await run.until(run.now_s + 0.25)
        cleaning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cleaning
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert run.clock.run(cut_off()) == set()
    count = run.engine._shared.cleanup.count
    assert count.deleted == 32  # 2 rounds of 16; the third was under way
    assert count.created == count.deleted + count.leaked
    assert count.reasons == {"clean-up was cut off": count.leaked}


def test_what_was_not_created_is_not_deleted(stage, answer):
    run = stage.play(main("950ms", CREATE), lambda seen: (
        answer(0.1, json={"token": "t"}) if seen.path == "/sign-in" else answer(0.1, status=500)
    ))  # fmt: skip
    count, _ = stage.clean_up(run)
    assert (count.created, deletions(run)) == (0, [])


def test_what_was_created_is_deleted_even_if_another_capture_found_nothing(stage, answer):
    steps = CREATE.replace('id = "json.id"', 'id = "json.id", title = "json.title"')
    run = stage.play(main("950ms", steps), creating(answer))
    assert run.outcomes("iterations")["ok"] == 0
    count, _ = stage.clean_up(run)
    assert count.deleted == run.count("http_reqs", step="create") > 0


def test_what_set_up_created_is_deleted_too(stage, answer):
    setup = (
        '[[setup]]\nhttp = "POST /venues"\ncapture = { id = "json.id" }\n'
        'cleanup = "DELETE /v/${id}"\n'
    )
    run = stage.play(setup + main("900ms"), creating(answer))
    count, _ = stage.clean_up(run)
    assert (count.created, count.deleted) == (1, 1)
    assert [seen.path for seen in deletions(run)] == ["/v/1"]


def test_without_anything_created_clean_up_sends_nothing(stage, answer):
    run = stage.play(main("900ms"))
    clients = len(run.network.clients)
    count, _ = stage.clean_up(run)
    assert (count.created, count.deleted, count.leaked) == (0, 0, 0)
    assert len(run.network.clients) == clients


def test_clean_up_closes_its_clients(stage, answer):
    run = stage.play(main("950ms", CREATE), creating(answer))
    stage.clean_up(run)
    assert all(client.closed for client in run.network.clients)


def test_a_scenario_that_ends_early_is_named_and_the_others_are_not(stage, play, answer):
    (stage.folder / "guests.csv").write_text("name\na\nb\n")
    plan = """
[data.guests]
file = "guests.csv"
pick = "unique"
[scenarios.long]
executor = "constant-vus"
vus = 1
duration = "5s"
workflow = "look"
[scenarios.short]
executor = "constant-vus"
vus = 1
duration = "5s"
workflow = "greet"
[[workflows.look]]
http = "GET /look"
[[workflows.greet]]
http = "GET /${data.guests.name}"
"""
    run = play(plan, answer(1))
    assert run.ended_early == [("short", "data.guests: all 2 rows have been used, each once")]
    assert run.missing.keys() == {"long", "short"}
    assert run.count("iterations", scenario="long") == 5
