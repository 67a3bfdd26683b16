"""The sweep, in virtual time: who sends it, how often, and what its answer says."""

from __future__ import annotations

import pytest

PLAN = """
[identities.supplier]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[cleanup]
sweep = "DELETE /runs/${run.id}/${tenant}"
as = "supplier"
count = "json.deleted"
"""


@pytest.fixture
def sweep(stage, one_user):
    """What became of the sweep of this plan."""

    def run(answers, plan=PLAN):
        visit = '[[workflows.visit]]\nhttp = "GET /"\n'
        one = stage.set(one_user(visit, plan + SETUP), answers, run_id="r-1")
        return one, one.clock.run(one.engine.sweep({"tenant": "t"}))

    return run


SETUP = """
[[setup]]
http = "POST /tenants"
capture = { tenant = "json.id" }
"""


def seen_by(run) -> list[str]:
    return run.network.lines


def test_it_is_sent_once_as_somebody_who_signs_in_for_it(sweep, answer):
    def answers(seen):
        if seen.request.method == "DELETE":
            assert b"Authorization: Bearer t-1" in seen.lines
            return answer(json={"deleted": 12})
        return answer(json={"token": "t-1"})

    run, swept = sweep(answers)

    assert swept == (None, 12)
    assert seen_by(run) == ["POST /sign-in", "DELETE /runs/r-1/t"]
    assert run.count("http_reqs", scenario="cleanup", step="sweep") == 1


@pytest.mark.parametrize("status", [404, 410])
def test_that_nothing_was_there_is_as_good(sweep, answer, status):
    def answers(seen):
        return answer(status=status if seen.request.method == "DELETE" else 200, json={"token": 1})

    _, swept = sweep(answers)

    assert swept == (None, 0)


@pytest.mark.parametrize("said", [{}, {"deleted": "12"}, {"deleted": -1}, {"deleted": True}])
def test_an_answer_that_does_not_say_how_much_is_still_one(sweep, answer, said):
    _, swept = sweep(lambda _: answer(json={"token": 1, **said}))

    assert swept == (None, None)


def test_one_that_is_refused_for_now_is_sent_again_after_the_time_that_was_asked_for(sweep, answer):
    sent = []

    def answers(seen):
        if seen.request.method == "POST":
            return answer(json={"token": 1})
        sent.append(seen.started_s)
        if len(sent) < 3:
            return answer(status=503, headers={"Retry-After": "2"})
        return answer(json={"deleted": 1})

    _, swept = sweep(answers)

    assert swept == (None, 1)
    first, second, third = sent
    assert min(second - first, third - second) >= 2


def test_one_that_is_refused_says_why(sweep, answer):
    def answers(seen):
        return answer(status=403 if seen.request.method == "DELETE" else 200, json={"token": 1})

    _, swept = sweep(answers)

    assert swept.problem is not None
    assert "status 403" in swept.problem


def test_so_does_one_that_nobody_is_signed_in_for(sweep, answer):
    run, swept = sweep(lambda _: answer(status=401))

    assert "sign in as supplier" in swept.problem
    assert seen_by(run) == ["POST /sign-in"]
