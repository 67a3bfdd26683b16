"""Virtual users that are told to wait, in virtual time: what is sent when, and what is recorded."""

from __future__ import annotations

import pytest

from wedload.units import NS_PER_S

TWO = """
[[workflows.visit]]
name = "first"
http = "GET /first"
[[workflows.visit]]
name = "second"
http = "GET /second"
"""
LIMITED = {"Retry-After": "3"}


def limits(answer, *limited, status=429, headers=None):
    """A network that answers 429 to the requests with these numbers, from 0."""
    seen = []

    def answers(exchange):
        seen.append(exchange)
        if len(seen) - 1 in limited:
            return answer(0.1, status, headers=LIMITED if headers is None else headers)
        return answer(0.1)

    return answers


def sent(run, path=None):
    return [one.started_s for one in run.network.exchanges if path in (None, one.path)]


@pytest.mark.parametrize("status", [429, 503])
def test_the_next_step_is_not_sent_before_it_may_be(play, one_user, answer, status):
    run = play(one_user(TWO), limits(answer, 0, status=status))
    assert sent(run) == pytest.approx([0, 3.1])
    assert run.summary.rate("http_req_limited").yes == 1
    assert run.summary.rate("http_req_limited").total == 2
    assert run.count("rate_limit_waits") == 1
    assert run.trend("rate_limit_wait").sum_ns == 3 * NS_PER_S


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (503, {}), (503, {"Retry-After": "soon"}), (503, {"Retry-After": "0"}),
        (503, {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}), (500, LIMITED), (200, LIMITED),
    ],
)  # fmt: skip
def test_what_is_no_limit_holds_nobody_back(play, one_user, answer, status, headers):
    run = play(one_user(TWO), limits(answer, 0, status=status, headers=headers))
    assert sent(run) == pytest.approx([0, 0.1])
    assert run.count("http_limited") == run.count("rate_limit_waits") == 0


def test_an_expected_429_is_obeyed_too(play, one_user, answer):
    steps = TWO.replace('"GET /first"', '"GET /first"\nexpected_status = [429]')
    run = play(one_user(steps), limits(answer, 0))
    assert sent(run) == pytest.approx([0, 3.1])
    assert run.outcomes("http_reqs") == {"ok": 2}
    assert run.count("http_limited") == 1


def test_a_date_says_when_as_well(play, one_user, answer, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 784_111_772.0)  # 5 s before
    date = {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}
    run = play(one_user(TWO), limits(answer, 0, headers=date))
    assert sent(run) == pytest.approx([0, 5.1])


@pytest.mark.parametrize("now_s", [784_111_777.0, 784_111_900.0], ids=["now", "over"])
@pytest.mark.parametrize("asked", ["0", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_429_that_asks_for_no_time_at_all_is_waited_for_as_one_that_does_not_say(
    play, one_user, answer, monkeypatch, now_s, asked
):
    monkeypatch.setattr("time.time", lambda: now_s)
    steps = TWO + '[[workflows.visit]]\nname = "third"\nhttp = "GET /third"\n'
    run = play(one_user(steps), limits(answer, 0, 1, headers={"Retry-After": asked}))
    assert sent(run) == pytest.approx([0, 1.1, 3.2])  # 1 s, and then twice as long
    assert run.trend("rate_limit_wait").sum_ns == 3 * NS_PER_S


def test_think_time_is_part_of_the_wait(play, one_user, answer):
    steps = TWO.replace("[[workflows.visit]]\nname = \"second\"", """\
[[workflows.visit]]
think = "2s"
[[workflows.visit]]
name = "second"
""")  # fmt: skip
    run = play(one_user(steps), limits(answer, 0))
    assert sent(run) == pytest.approx([0, 3.1])
    assert run.trend("rate_limit_wait").sum_ns == NS_PER_S  # the rest
    longer = play(one_user(steps.replace("2s", "4s")), limits(answer, 0))
    assert sent(longer) == pytest.approx([0, 4.1])
    assert longer.trend("rate_limit_wait").count == 0
    assert longer.count("rate_limit_waits") == 1  # obeyed all the same


def test_a_wait_is_part_of_the_workflow_and_of_no_request_or_step(play, one_user, answer):
    run = play(one_user(TWO), limits(answer, 0))
    assert run.trend("http_req_duration").max_ns == NS_PER_S // 10
    assert run.trend("response_time").max_ns == NS_PER_S // 10
    assert run.trend("workflow_duration").sum_ns == 32 * NS_PER_S // 10
    assert run.trend("iteration_duration").sum_ns == 32 * NS_PER_S // 10


def test_what_one_virtual_user_was_told_holds_no_other_back(play, answer):
    plan = f"""
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "1s"
pace = "100s"
workflow = "visit"
{TWO}"""
    run = play(
        plan, lambda seen: answer(0.1, 429, headers=LIMITED) if seen.vu == 0 else answer(0.1)
    )
    assert run.network.starts(0) == pytest.approx([0, 3.1])
    assert run.network.starts(1) == pytest.approx([0, 0.1])


def test_another_origin_may_be_asked_at_once(play, one_user, answer):
    steps = TWO.replace('"GET /second"', '"GET http://127.0.0.1:9/second"')
    run = play(one_user(steps), limits(answer, 0))
    assert sent(run) == pytest.approx([0, 0.1])


def test_another_identity_of_the_same_user_waits_too_and_so_does_signing_in(play, one_user, answer):
    identity = """
[identities.guest]
http = "POST /sign-in"
json = { name = "guest" }
capture = { token = "json.token" }
headers = { Authorization = "${token}" }
"""
    steps = TWO.replace('"GET /second"', '"GET /second"\nas = "guest"')

    def answers(seen):
        if seen.path == "/first":
            return answer(0.1, 429, headers=LIMITED)
        return answer(0.1, json={"token": "t"})

    run = play(one_user(steps, identity), answers)
    assert run.network.lines == ["GET /first", "POST /sign-in", "GET /second"]
    assert sent(run) == pytest.approx([0, 3.1, 3.2])


def test_who_waits_for_longer_than_its_token_lives_signs_in_again_after_it(play, one_user, answer):
    identity = """
[identities.guest]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "${token}" }
expires = "2s"
"""
    steps = TWO.replace('http = "GET', 'as = "guest"\nhttp = "GET')

    def answers(seen):
        if seen.path == "/first":
            return answer(0.1, 429, headers=LIMITED)
        return answer(0.1, json={"token": "t"})

    run = play(one_user(steps, identity), answers)
    assert run.network.lines == ["POST /sign-in", "GET /first", "POST /sign-in", "GET /second"]


def test_a_redirect_is_not_followed_before_it_may_be(play, one_user, answer):
    def answers(seen):
        if seen.path == "/first":
            return answer(0.1, 429, headers=LIMITED)
        if seen.path == "/second":
            return answer(0.1, 302, headers={"Location": "http://127.0.0.1:8000/first"})
        return answer(0.1)

    steps = TWO.replace('"GET /second"', '"GET http://127.0.0.1:9/second"')
    run = play(one_user(steps), answers)
    assert run.network.lines == ["GET /first", "GET /second", "GET /first"]
    assert sent(run) == pytest.approx([0, 0.1, 3.1])


def test_the_other_requests_of_a_batch_wait_the_same_time(play, one_user, answer):
    steps = """
[[workflows.visit]]
batch = [
  { name = "a", http = "GET /a" }, { name = "b", http = "GET /b" }, { name = "c", http = "GET /c" },
]
[[workflows.visit]]
batch = [
  { name = "d", http = "GET /d" }, { name = "e", http = "GET /e" }, { name = "f", http = "GET /f" },
]
"""
    run = play(one_user(steps), limits(answer, 1))
    assert sent(run) == pytest.approx([0, 0, 0, 3.1, 3.1, 3.1])
    assert run.trend("rate_limit_wait").sum_ns == 3 * NS_PER_S  # it is one who waits
    assert run.trend("response_time").max_ns == NS_PER_S // 10


def test_a_retry_waits_longer_than_its_policy_says(play, one_user, answer):
    steps = TWO.replace('"GET /first"', '"GET /first"\nretry = { on = [429], base = "1s" }')
    run = play(one_user(steps), limits(answer, 0))
    assert sent(run) == pytest.approx([0, 3.1, 3.2])
    assert run.trend("rate_limit_wait").sum_ns == 2 * NS_PER_S  # beyond the policy's own
    bare = play(one_user(steps.replace("1s", "100ms")), limits(answer, 0, headers={}))
    assert sent(bare) == pytest.approx([0, 1.1, 1.2])


def test_a_wait_that_is_longer_than_the_policys_longest_ends_the_attempts(play, one_user, answer):
    policy = 'retry = { attempts = 9, on = [429], base = "1ms", max = "3s" }'
    steps = TWO.replace('"GET /first"', f'"GET /first"\n{policy}')
    run = play(one_user(steps), limits(answer, *range(8), headers={}))
    assert run.network.lines == ["GET /first"] * 3 + ["GET /second"]
    assert sent(run) == pytest.approx([0, 1.1, 3.2, 7.3])  # 1 s, 2 s, and 4 s are too long


def test_waits_without_a_length_double(play, one_user, answer):
    steps = "".join(TWO.replace("first", f"{n}a").replace("second", f"{n}b") for n in "12")
    run = play(one_user(steps), limits(answer, 0, 1, 3, headers={}))
    # 1 s, then 2 s; after an answer 1 s again
    assert sent(run) == pytest.approx([0, 1.1, 3.2, 3.3])


def test_with_probe_nobody_waits_and_all_is_counted(play, one_user, answer):
    run = play(one_user(TWO, '[http]\nrate_limits = "probe"'), limits(answer, 0, 1))
    assert sent(run) == pytest.approx([0, 0.1])
    assert run.count("http_limited") == 2
    assert run.count("rate_limit_waits") == 0


def test_a_step_may_probe_by_itself_and_one_that_obeys_heeds_what_it_was_told(
    play, one_user, answer
):
    steps = f"""{TWO.replace('"GET /first"', '"GET /first"' + chr(10) + 'rate_limits = "probe"')}
[[workflows.visit]]
name = "third"
http = "GET /third"
rate_limits = "probe"
"""
    run = play(one_user(steps), limits(answer, 0, 1))
    assert sent(run) == pytest.approx([0, 3.1, 3.2])


def test_the_end_of_the_load_ends_a_wait(play, answer):
    plan = f"""
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
graceful_stop = "2s"
workflow = "visit"
{TWO}"""
    run = play(plan, limits(answer, 0, headers={"Retry-After": "86400"}))
    assert sent(run) == pytest.approx([0])
    assert run.load_ended_s == pytest.approx(3)
    assert run.count("interrupted_iterations") == 1
    assert run.count("http_req_interrupted") == 0
    assert run.trend("rate_limit_wait").sum_ns == pytest.approx(2.9 * NS_PER_S)


def test_what_was_told_holds_in_the_next_iteration(play, answer):
    plan = f"""
[http]
connections = "per-iteration"
[scenarios.main]
executor = "per-vu-iterations"
vus = 1
iterations = 2
workflow = "visit"
{TWO}"""
    run = play(plan, limits(answer, 1))
    assert sent(run) == pytest.approx([0, 0.1, 3.2, 3.3])


def test_set_up_does_not_wait_for_an_hour(stage, one_user, answer):
    steps = f"""
[[setup]]
name = "one"
http = "GET /one"
[[setup]]
name = "two"
http = "GET /two"
{TWO}"""
    run = stage.play(one_user(steps), limits(answer, 0, headers={"Retry-After": "3600"}))
    assert any("asks to be left alone for 1h" in problem for problem in run.problems)
    assert run.network.lines[:2] == ["GET /one", "GET /first"]
    short = stage.play(one_user(steps), limits(answer, 0, headers={"Retry-After": "60"}))
    assert sent(short)[:2] == pytest.approx([0, 60.1])


def test_a_run_of_everything_once_does_not_wait_for_an_hour_either(play, one_user, answer):
    hour = limits(answer, 0, headers={"Retry-After": "3600"})
    run = play(one_user(TWO), hour, once=True)

    assert run.network.lines == ["GET /first"]
    assert run.load_ended_s < 60
