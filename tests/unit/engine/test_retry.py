"""Steps with a `retry` policy (`engine/http.py`): what is sent, when, and what is recorded."""

from __future__ import annotations

import pytest


def step(retry: str, *lines: str) -> str:
    written = "\n".join(['name = "a"', 'http = "POST /a"', 'json = { n = "${uuid()}" }', *lines])
    return f"[[workflows.visit]]\n{written}\nretry = {retry}\n"


def in_turn(*answers):
    """Each answer once, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_each_attempt_is_a_request_and_the_checks_see_the_last(play, one_user, answer):
    steps = step(
        '{ attempts = 3, on = [503, "reset"], base = "1s" }',
        'check = ["status == 200"]',
        'capture = { id = "json.id" }',
    )
    answers = in_turn(answer(0.1, 503), answer(0.1, outcome="reset"), answer(0.1, json={"id": 1}))
    run = play(one_user(steps), answers)
    assert run.network.starts(0) == pytest.approx([0, 1.1, 3.2])  # 1 s, then 2 s
    assert run.outcomes("http_reqs") == {"status": 1, "reset": 1, "ok": 1}
    assert run.count("http_retries") == 2
    assert run.outcomes("checks") == {"pass": 1}
    assert run.outcomes("iterations") == {"ok": 1}
    bodies = {exchange.request.body for exchange in run.network.exchanges}
    assert len(bodies) == 1  # it is the same request


def test_when_all_attempts_fail_the_step_has_failed_once(play, one_user, answer):
    steps = step('{ attempts = 4, on = ["5xx"] }', 'check = ["status == 200"]')
    run = play(one_user(steps), answer(0.1, 500))
    assert run.outcomes("http_reqs") == {"status": 4}
    assert run.count("http_retries") == 3
    assert run.outcomes("checks") == {"fail": 1}
    assert run.outcomes("iterations") == {"failed": 1}


@pytest.mark.parametrize("status", [200, 404, 502])
def test_what_the_policy_does_not_name_is_not_sent_again(play, one_user, answer, status):
    run = play(one_user(step("{ on = [503] }")), answer(0.1, status))
    assert len(run.network.lines) == 1
    assert run.count("http_retries") == 0


def test_an_expected_status_may_be_asked_for_again_too(play, one_user, answer):
    answers = in_turn(answer(0.1, 202), answer(0.1, 200))
    run = play(one_user(step('{ on = [202], base = "1s" }')), answers)
    assert run.outcomes("http_reqs") == {"ok": 2}
    assert run.count("http_retries") == 1


def test_a_server_that_asks_for_a_pause_gets_it(play, one_user, answer):
    asks = answer(0.1, 503, headers={"Retry-After": "3"})
    run = play(one_user(step("{ attempts = 2 }")), in_turn(asks, answer(0.1)))
    assert run.network.starts(0) == pytest.approx([0, 3.1])


def test_a_longer_pause_than_the_longest_ends_the_attempts(play, one_user, answer):
    run = play(one_user(step("{}")), answer(0.1, 503, headers={"Retry-After": "6"}))
    assert len(run.network.lines) == 1
    assert run.outcomes("iterations") == {"failed": 1}


def test_a_step_that_tests_limits_may_ignore_a_pause_that_is_asked_for(play, one_user, answer):
    asks = answer(0.1, 503, headers={"Retry-After": "600"})
    policy = '{ base = "1s", respect_retry_after = false }'
    run = play(one_user(step(policy, 'rate_limits = "probe"')), in_turn(asks, answer(0.1)))
    assert run.network.starts(0) == pytest.approx([0, 1.1])


def test_waits_count_as_time_of_the_workflow(play, one_user, answer):
    run = play(one_user(step('{ base = "2s" }')), in_turn(answer(0.1, 503), answer(0.1)))
    assert run.trend("workflow_duration").sum_ns == 2_200_000_000
    assert run.trend("http_req_duration").sum_ns == 200_000_000
