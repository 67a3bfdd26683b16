"""Response time: what a user who came on schedule has waited for a step, in virtual time.

Recorded at the end of a step: `engine/ending.py`, `engine/http_samples.py`.
"""

from __future__ import annotations

import pytest

from wedload.units import NS_PER_MS, NS_PER_S

HEAD = """
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "{duration}"
workflow = "visit"
{more}
"""
TWO = """
[[workflows.visit]]
name = "first"
http = "GET /first"
[[workflows.visit]]
name = "second"
http = "GET /second"
"""


def plan(duration: str, steps: str = TWO, more: str = "", before: str = "") -> str:
    return before + HEAD.format(duration=duration, more=more) + steps


def response_ms(run, step: str) -> list[float]:
    """Min and max; these are exact."""
    trend = run.trend("response_time", step=step)
    return [trend.min_ns / NS_PER_MS, trend.max_ns / NS_PER_MS]


def test_a_step_is_due_when_the_one_before_it_ends(play, answer):
    run = play(plan("1s"), lambda seen: answer(0.2 if "first" in seen.path else 0.3))
    assert run.count("iterations") == 2
    assert response_ms(run, "first") == [200, 200]
    assert response_ms(run, "second") == [300, 300]


def test_think_time_before_a_step_is_not_waited(play, answer):
    steps = TWO.replace('[[workflows.visit]]\nname = "second"', """\
[[workflows.visit]]
think = "2s"
[[workflows.visit]]
name = "second"
""")  # fmt: skip
    run = play(plan("1s", steps), answer(0.2))
    assert response_ms(run, "second") == [200, 200]


def test_with_a_pace_the_first_step_is_due_when_its_iteration_is(play, answer):
    async def block(run):
        await run.until(0.9)
        run.clock.advance(400 * NS_PER_MS)  # the iteration of 1 s begins at 1.3 s

    run = play(plan("2500ms", more='pace = "1s"'), answer(0.1), during=block)
    assert run.count("iterations") == 3
    assert response_ms(run, "first") == [100, 400]
    assert response_ms(run, "second") == [100, 100]  # late only once: the next one is on time


def test_signing_in_is_a_step_of_its_own_before_the_one_that_needs_it(play, answer):
    identity = """
[identities.guest]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "${token}" }
"""
    steps = TWO.replace('http = "GET /first"', 'http = "GET /first"\nas = "guest"')

    def reply(seen):
        return answer(0.7, json={"token": "t"}) if "sign-in" in seen.path else answer(0.2)

    run = play(plan("100ms", steps, before=identity), reply)
    assert response_ms(run, "sign in as guest") == [700, 700]
    assert response_ms(run, "first") == [200, 200]


def test_redirects_are_part_of_the_response_time_of_their_step_and_are_counted_once(play, answer):
    def reply(seen):
        if seen.path == "/first":
            return answer(0.2, status=302, headers={"location": "/moved"})
        return answer(0.3)

    run = play(plan("100ms"), reply)
    assert run.count("http_reqs", step="first") == 2
    assert run.trend("response_time", step="first").count == 1
    assert response_ms(run, "first") == [500, 500]


def test_what_was_never_sent_has_no_response_time(play, answer):
    run = play(plan("1s", more='pace = "5s"'), answer(0.1, outcome="connect"))
    assert run.count("http_reqs") == 2
    assert run.trend("response_time").count == 0


@pytest.mark.parametrize("outcome", ["timeout", "reset", "status"])
def test_a_request_that_was_sent_and_failed_has_one(play, answer, outcome):
    run = play(plan("1s", more='pace = "5s"'), answer(4, outcome=outcome))
    assert run.trend("response_time").count == 2
    assert run.trend("response_time").min_ns == 4 * NS_PER_S


def test_requests_of_a_batch_are_due_together_and_the_next_step_when_the_last_has_ended(
    play, answer
):
    steps = """
[[workflows.visit]]
name = "page"
batch = [ { name = "quick", http = "GET /quick" }, { name = "slow", http = "GET /slow" } ]
[[workflows.visit]]
name = "after"
http = "GET /after"
"""

    def reply(seen):
        return answer({"/quick": 0.1, "/slow": 0.6, "/after": 0.2}[seen.path])

    run = play(plan("1s", steps), reply)
    assert run.count("iterations") == 2
    assert response_ms(run, "quick") == [100, 100]
    assert response_ms(run, "slow") == [600, 600]
    assert response_ms(run, "after") == [200, 200]


def test_of_a_batch_those_that_wait_for_a_connection_are_due_with_the_others(play, answer):
    members = ", ".join(f'{{ name = "r{n}", http = "GET /{n}" }}' for n in range(8))
    steps = f'[[workflows.visit]]\nname = "page"\nbatch = [ {members} ]\n'
    run = play(plan("1s", steps, more='pace = "5s"'), answer(0.5))
    assert run.trend("http_req_duration").max_ns == NS_PER_S // 2
    assert sorted(response_ms(run, f"r{n}")[0] for n in range(8)) == [500] * 6 + [1000] * 2


def test_a_step_that_is_tried_again_has_one_from_its_due_time_to_its_last_answer(play, answer):
    steps = TWO.replace(
        'http = "GET /first"',
        'http = "GET /first"\nretry = { attempts = 3, on = [503], backoff = "constant", '
        'base = "1s" }',
    )

    def reply(seen):
        failing = seen.path == "/first" and seen.started_s < 2
        return answer(0.2, status=503 if failing else 200)

    run = play(plan("100ms", steps), reply)
    assert run.count("http_reqs", step="first") == 3
    assert run.trend("response_time", step="first").count == 1
    assert response_ms(run, "first") == [2600, 2600]
    assert response_ms(run, "second") == [200, 200]


def test_every_step_that_was_sent_has_exactly_one(play, answer):
    run = play(plan("30s"), answer(0.37))
    assert run.trend("response_time").count == run.count("http_reqs")
    assert run.trend("response_time").sum_ns == run.trend("http_req_duration").sum_ns
