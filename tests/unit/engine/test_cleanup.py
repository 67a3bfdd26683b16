"""Clean-up of a target that refuses for now, or that does not answer, in virtual time."""

from __future__ import annotations

from itertools import pairwise

import pytest

PLAN = """
[scenarios.main]
executor = "constant-vus"
vus = 10
duration = "{duration}"
pace = "1s"
workflow = "visit"
[[workflows.visit]]
name = "create"
http = "POST /forms"
cleanup = "DELETE /forms"
"""


@pytest.fixture
def cleaned_up(stage):
    """What becomes of a load of some seconds, where deletions are answered so."""

    def clean(answers, duration="10s"):
        run = stage.play(PLAN.format(duration=duration), answers)
        begun_s = run.now_s
        count, _ = stage.clean_up(run)
        deletions = [one for one in run.network.exchanges if one.request.method == "DELETE"]
        return count, deletions, run.now_s - begun_s

    return clean


@pytest.mark.parametrize(
    "refusal",
    [{"status": 429}, {"status": 503}, {"outcome": "reset"}],
    ids=["too many", "unavailable", "reset"],
)
def test_what_is_refused_for_now_is_asked_for_again(cleaned_up, answer, refusal):
    refused = iter(range(5))

    def answers(seen):
        if seen.request.method == "DELETE" and next(refused, None) is not None:
            return answer(0.1, **refusal)
        return answer(0.1)

    count, deletions, _ = cleaned_up(answers, "2s")

    assert (count.created, count.deleted, count.leaked) == (20, 20, 0)
    assert len(deletions) == 25


def test_the_target_says_when_and_is_not_waited_for_too_long(cleaned_up, answer):
    wanted = iter(["3", "3600"])

    def answers(seen):
        if seen.request.method == "DELETE" and (seconds := next(wanted, None)) is not None:
            return answer(0.1, status=503, headers={"Retry-After": seconds})
        return answer(0.1)

    count, _, took_s = cleaned_up(answers, "1s")

    assert (count.deleted, count.leaked) == (9, 1)
    assert count.reasons == {"status 503": 1}
    assert 3 < took_s < 4


def test_a_target_that_refuses_everything_is_not_asked_again_and_again(cleaned_up, answer):
    def answers(seen):
        return answer(0.1, status=503 if seen.request.method == "DELETE" else 200)

    count, deletions, _ = cleaned_up(answers, "60s")

    assert (count.created, count.leaked) == (600, 600)
    assert 600 < len(deletions) < 900  # not four times as many


def test_a_target_that_does_not_answer_is_given_up(cleaned_up, answer):
    def answers(seen):
        if seen.request.method == "DELETE":
            return answer(10, outcome="timeout")
        return answer(0.1)

    count, deletions, took_s = cleaned_up(answers, "60s")

    assert (count.created, count.deleted, count.leaked) == (600, 0, 600)
    assert len(deletions) < 80
    assert took_s < 60
    assert count.reasons["the target does not answer"] == 600 - len(deletions)


ONE_USER = """
[scenarios.main]
executor = "per-vu-iterations"
vus = 1
iterations = 40
workflow = "visit"
[[workflows.visit]]
name = "create"
http = "POST /forms"
cleanup = "DELETE /forms"
"""


def test_what_one_connection_is_told_holds_for_all_of_the_same_user(stage, answer):
    told = []

    def answers(seen):
        if seen.request.method == "DELETE" and not told:
            told.append(seen.started_s + 0.1)
            return answer(0.1, 429, headers={"Retry-After": "2"})
        return answer(0.1)

    run = stage.play(ONE_USER, answers)
    count, _ = stage.clean_up(run)

    assert (count.created, count.deleted, count.leaked) == (40, 40, 0)
    deletions = [one for one in run.network.exchanges if one.request.method == "DELETE"]
    # those under way when it was said aside
    assert [one for one in deletions if told[0] < one.started_s < told[0] + 2] == []
    after = sorted(one.started_s for one in deletions if one.started_s > told[0])
    assert len(after) == 25  # one at a time: all at once would only be told again
    assert all(b - a > 0.09 for a, b in pairwise(after))
    assert run.count("rate_limit_waits", step="clean up") == 1


def test_what_a_user_was_told_in_the_load_holds_for_its_clean_up(stage, answer):
    def answers(seen):
        if len(run.network.exchanges) == 40:
            return answer(0.1, 429, headers={"Retry-After": "20"})
        return answer(0.1)

    run = stage.set(ONE_USER, answers)
    run.clock.run(run.engine.load({}))
    until_s = run.now_s + 20
    count, _ = stage.clean_up(run)

    assert count.deleted == count.created == 39
    deletions = [one for one in run.network.exchanges if one.request.method == "DELETE"]
    assert min(one.started_s for one in deletions) == pytest.approx(until_s)


def test_who_was_limited_in_the_load_has_its_clean_up_done_one_by_one(stage, answer):
    def answers(_):
        first = len(run.network.exchanges) == 1
        return answer(0.1, 429, headers={"Retry-After": "1"}) if first else answer(0.1)

    run = stage.set(ONE_USER, answers)
    run.clock.run(run.engine.load({}))
    count, _ = stage.clean_up(run)

    assert count.deleted == 39
    deletions = [one for one in run.network.exchanges if one.request.method == "DELETE"]
    assert all(a.ended_s <= b.started_s for a, b in pairwise(deletions))


def test_a_wait_that_is_too_long_for_clean_up_is_not_waited_nor_cut_short(stage, answer):
    def answers(seen):
        if seen.request.method == "DELETE":
            return answer(0.1, 429, headers={"Retry-After": "3600"})
        return answer(0.1)

    run = stage.play(ONE_USER, answers)
    count, _ = stage.clean_up(run)

    assert (count.deleted, count.leaked) == (0, 40)
    assert count.reasons == {
        "status 429": 16,
        "the target asks to be left alone for longer than clean-up waits": 24,
    }
    assert [one.request.method for one in run.network.exchanges].count("DELETE") == 16


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "30"}, {"Retry-After": "3600"}])
@pytest.mark.parametrize("of", ["one user", "a thousand users"])
def test_a_target_that_limits_for_ever_is_given_up(stage, answer, headers, of):
    def answers(seen):
        if seen.request.method == "DELETE":
            return answer(0.1, 429, headers=headers)
        return answer(0.01)

    vus, iterations = (1, 1000) if of == "one user" else (1000, 1)
    plan = ONE_USER.replace("vus = 1", f"vus = {vus}").replace("= 40", f"= {iterations}")
    run = stage.play(plan, answers)
    begun_s = run.now_s
    count, _ = stage.clean_up(run)

    assert (count.created, count.deleted, count.leaked) == (1000, 0, 1000)
    assert run.now_s - begun_s < 100
    deletions = [one for one in run.network.exchanges if one.request.method == "DELETE"]
    assert len(deletions) < 400
    given_up = {reason for reason in count.reasons if reason.startswith("the target ")}
    assert given_up
    assert sum(count.reasons[reason] for reason in given_up) > 600


def test_a_target_that_limits_and_lets_some_through_is_waited_for(stage, answer):
    let_through = {"at": -100.0, "left": 0}

    def answers(seen):
        if seen.request.method != "DELETE":
            return answer(0.01)
        if seen.started_s >= let_through["at"] + 10:
            let_through.update(at=seen.started_s, left=20)
        if let_through["left"] == 0:
            left_s = int(let_through["at"] + 10 - seen.started_s) + 1
            return answer(0.1, 429, headers={"Retry-After": str(left_s)})
        let_through["left"] -= 1
        return answer(0.1)

    run = stage.play(ONE_USER.replace("= 40", "= 400"), answers)
    begun_s = run.now_s
    count, _ = stage.clean_up(run)

    assert (count.deleted, count.leaked) == (400, 0)
    assert run.now_s - begun_s > 150
