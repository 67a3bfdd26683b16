"""What one virtual user does: steps, captures, checks, groups, think time, redirects, cookies."""

from __future__ import annotations

from collections import Counter

import pytest

from wedload.engine.http_samples import record_response
from wedload.metrics.recorder import Recorder
from wedload.metrics.snapshot import CellKey
from wedload.protocols.http.response import Connecting, Response
from wedload.units import NS_PER_MS
from wedload.workload.segment import Segment


def step(name: str, *lines: str, http: str | None = None) -> str:
    written = "\n".join([f'name = "{name}"', f'http = "{http or f"GET /{name}"}"', *lines])
    return f"[[workflows.visit]]\n{written}\n"


def think(duration: str, *lines: str) -> str:
    written = "\n".join([f'think = "{duration}"', *lines])
    return f"[[workflows.visit]]\n{written}\n"


def by_path(answers, otherwise):
    """Answers by the path of the request."""
    return lambda seen: answers.get(seen.path.partition("?")[0], otherwise)


# --- durations ------------------------------------------------------------------------------


def test_think_time_is_in_the_iteration_but_not_in_the_workflow(play, one_user, answer):
    run = play(one_user(step("a") + think("1s") + step("b")), answer(0.2))
    assert run.network.starts(0) == [0, 1.2]
    assert run.trend("iteration_duration").sum_ns == 1400 * NS_PER_MS
    assert run.trend("workflow_duration").sum_ns == 400 * NS_PER_MS
    assert run.trend("workflow_duration").count == 1


def test_time_that_is_thought_at_random_is_left_out_to_the_nanosecond(play, one_user, answer):
    run = play(one_user(step("a") + think("exponential(mean=100ms)") * 5), answer(0.2))
    assert run.trend("workflow_duration").sum_ns == 200 * NS_PER_MS
    assert run.trend("iteration_duration").sum_ns > 200 * NS_PER_MS


def test_groups_nest_and_leave_their_think_time_out(play, one_user, answer):
    steps = (
        step("a", 'group = "form"')
        + think("1s", 'group = "form"')
        + step("b", 'group = "form/submit"')
        + think("2s", 'group = "form/submit"')
        + step("c", 'group = "form/submit"')
        + step("d", 'group = "form"')
        + step("e")
    )
    run = play(one_user(steps), answer(0.1))
    assert run.network.starts(0) == pytest.approx([0, 1.1, 3.2, 3.3, 3.4])
    inner = run.trend("group_duration", group="form/submit")
    assert (inner.count, inner.sum_ns) == (1, 200 * NS_PER_MS)
    both = run.trend("group_duration", group="form")  # a selector takes what is inside too
    assert (both.count, both.max_ns) == (2, 400 * NS_PER_MS)


def test_a_group_that_is_not_completed_has_no_duration(play, one_user, answer):
    steps = step("a", 'group = "form"', 'on_failure = "end-iteration"') + step(
        "b", 'group = "form"'
    )
    run = play(one_user(steps), answer(0.1, status=500))
    assert run.trend("group_duration").count == 0


# --- connections ----------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "closed"), [("per-vu", 1), ("per-iteration", 4)])
def test_connections_end_with_the_user_or_with_each_iteration(
    play, one_user, answer, policy, closed
):
    plan = one_user(step("a"), before=f'[http]\nconnections = "{policy}"\n').replace(
        'duration = "1s"\npace = "100s"', 'duration = "25s"\npace = "10s"'
    )
    run = play(plan, answer(0.1))
    assert len(run.network.lines) == 3
    assert run.network.clients[0].closed == closed


def test_a_connection_that_is_made_again_is_counted(play, one_user, answer):
    recorder = Recorder()
    response = Response(1)
    response.connecting = Connecting(blocked_ns=5, again=True)
    record_response(recorder, "a", 3, 0, response)
    counts = recorder.flush(0, 0, {}).counts
    assert counts[CellKey(3, "http_reconnects", 0, "")] == 1


# --- let, when, use, repeat ---------------------------------------------------------------------


def test_a_step_runs_only_when_its_condition_holds(play, one_user, answer):
    steps = (
        step("a", 'capture = { n = "json.n" }')
        + step("b", 'when = "n == 2"')
        + step("c", 'when = "n == 3"')
        + think("50s", 'when = "n == 3"')
        + step("d")
    )
    run = play(one_user(steps), answer(0.1, json={"n": 2}))
    assert run.network.lines == ["GET /a", "GET /b", "GET /d"]
    assert run.load_ended_s == 1


def test_names_bound_before_a_step_hold_after_it(play, one_user):
    steps = step("a", 'let = { x = "${vu + 1}", y = "${x}0" }', http="GET /${x}/${y}") + step(
        "b", http="GET /${y}"
    )
    assert play(one_user(steps)).network.lines == ["GET /2/20", "GET /20"]


def test_a_used_workflow_is_repeated_and_counts_towards_the_one_that_uses_it(play, one_user):
    steps = f"""
{step("a")}
[[workflows.visit]]
use = "inner"
repeat = 3
{step("z")}
[[workflows.inner]]
http = "GET /inner"
"""
    run = play(one_user(steps))
    assert run.network.lines == ["GET /a", *["GET /inner"] * 3, "GET /z"]
    assert run.count("http_reqs", workflow="visit") == 5
    assert run.count("iterations") == 1


def test_a_used_workflow_is_skipped_as_a_whole(play, one_user):
    steps = f"""
[[workflows.visit]]
use = "inner"
repeat = 3
when = "vu == 2"
{step("z")}
[[workflows.inner]]
http = "GET /inner"
"""
    assert play(one_user(steps)).network.lines == ["GET /z"]


HANDED_DOWN = """
[[workflows.visit]]
use = "inner"
group = "page"
tags = { kind = "used", own = "no" }
on_failure = "end-iteration"
[[workflows.inner]]
name = "first"
http = "GET /first"
tags = { own = "yes" }
[[workflows.inner]]
name = "last"
http = "GET /last"
group = "deep"
"""


def test_a_used_workflows_steps_have_tags_and_group_of_the_step_that_uses_it(
    play, one_user, answer
):
    run = play(one_user(HANDED_DOWN), answer(0.1))
    assert run.count("http_reqs", kind="used") == 2
    assert run.count("http_reqs", own="yes") == 1
    assert run.count("http_reqs", own="no") == 1
    assert run.count("http_reqs", group="page/deep") == 1
    assert run.trend("group_duration", group="page/deep").sum_ns == 100 * NS_PER_MS
    whole = run.trend("group_duration", group="page")
    assert (whole.count, whole.max_ns) == (2, 200 * NS_PER_MS)


def test_a_failure_in_a_used_workflow_ends_the_iteration_if_the_step_that_uses_it_says_so(
    play, one_user, answer
):
    run = play(one_user(HANDED_DOWN), answer(0.1, status=500))
    assert run.network.lines == ["GET /first"]


def test_plan_variables_and_the_users_own_names_can_be_read(play, one_user):
    before = '[variables]\nday = "2027-06-19"\nwho = "${scenario}-${vu}"\n'
    run = play(one_user(step("a", http="GET /${day}/${who}/${iteration}/${stage}x"), before))
    assert run.network.lines == ["GET /2027-06-19/main-1/0/x"]


def test_captures_are_forgotten_at_the_next_iteration(play, answer):
    plan = f"""
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1900ms"
pace = "1s"
workflow = "visit"
{step("a", 'when = "iteration == 0"', 'capture = { id = "json.id" }')}
{step("b", http="GET /b/${id}")}
"""
    run = play(plan, answer(0.1, json={"id": 7}))
    assert run.network.lines == ["GET /a", "GET /b/7"]
    assert run.outcomes("iterations") == {"ok": 1, "failed": 1}
    assert run.notes == {"b: 'id' has no value": 1}


# --- failures -----------------------------------------------------------------------------------


def test_a_capture_that_finds_nothing_ends_the_iteration_and_fails_the_workflow(
    play, one_user, answer
):
    steps = step("a", 'capture = { id = "json.id" }') + step("b")
    run = play(one_user(steps), answer(0.1, json={"other": 1}))
    assert run.network.lines == ["GET /a"]
    assert run.outcomes("iterations") == {"failed": 1}
    assert run.outcomes("http_reqs") == {"ok": 1}  # the request itself was well
    assert run.count("iterations") == 1
    assert run.trend("workflow_duration").count == 0
    assert run.trend("iteration_duration").count == 1
    assert run.notes == {"a: capture id found nothing": 1}


@pytest.mark.parametrize("value", [0, "", False, []])
def test_a_capture_may_find_something_empty(play, one_user, answer, value):
    steps = step("a", 'capture = { id = "json.id" }') + step("b")
    run = play(one_user(steps), answer(0.1, json={"id": value}))
    assert run.outcomes("iterations") == {"ok": 1}


def test_a_failed_check_fails_neither_request_nor_workflow(play, one_user, answer):
    checks = '"is 201" = "status == 201", "has id" = "json.id == 1", "is fast" = "duration < 1s"'
    check = f"check = {{ {checks} }}"
    run = play(one_user(step("a", check) + step("b")), answer(0.1))
    assert run.network.lines == ["GET /a", "GET /b"]
    assert run.outcomes("checks") == {"fail": 2, "pass": 1}
    assert run.outcomes("checks", check="is fast") == {"pass": 1}
    assert run.outcomes("iterations") == {"ok": 1}
    assert run.outcomes("http_reqs") == {"ok": 2}


@pytest.mark.parametrize(("on_failure", "ends"), [("continue", False), ("end-iteration", True)])
@pytest.mark.parametrize("outcome", ["status", "timeout", "reset", "connect"])
def test_a_failed_request_fails_its_workflow_and_ends_the_iteration_if_it_is_to(
    play, one_user, answer, on_failure, ends, outcome
):
    answers = {"/a": answer(0.1, status=500) if outcome == "status" else answer(outcome=outcome)}
    run = play(
        one_user(step("a", f'on_failure = "{on_failure}"') + step("b")),
        by_path(answers, answer(0.1)),
    )
    assert run.network.lines == (["GET /a"] if ends else ["GET /a", "GET /b"])
    assert run.outcomes("http_reqs", step="a") == {outcome: 1}
    assert run.outcomes("iterations") == {"failed": 1}
    assert run.trend("workflow_duration").count == (0 if ends else 1)
    assert run.summary.rate("workflow_failed").ratio == 1


@pytest.mark.parametrize(
    ("status", "expected", "outcome"),
    [
        (200, None, "ok"), (399, None, "ok"), (400, None, "status"), (500, None, "status"),
        (404, "404", "ok"), (200, "404", "status"),
    ],
)  # fmt: skip
def test_an_unexpected_status_is_a_failure(play, one_user, answer, status, expected, outcome):
    lines = [] if expected is None else [f"expected_status = {expected}"]
    run = play(one_user(step("a", *lines)), answer(0.1, status=status))
    assert run.outcomes("http_reqs") == {outcome: 1}


def test_a_value_that_is_missing_in_a_request_fails_the_workflow_and_sends_nothing(
    play, one_user, answer
):
    steps = step("a", 'capture = { form = "json" }') + step("b", http="GET /${form.id}") + step("c")
    run = play(one_user(steps), answer(0.1, json={"other": 1}))
    assert run.network.lines == ["GET /a"]
    assert run.outcomes("iterations") == {"failed": 1}
    assert any(note.startswith("b: ") for note in run.notes)


def test_a_request_that_was_never_sent_is_counted_but_not_timed(stage, one_user):
    run = stage.set(one_user(step("a")))

    async def refused(request, headers, timeout_ns, max_bytes, keep_body, turn=None):
        response = Response(run.clock.now_ns())
        response.outcome, response.problem = "connect", "refused"
        response.ended_ns = run.clock.now_ns()
        return response

    client = run.network.client()
    client.exchange = refused
    run.network.client = lambda: client
    run.clock.run(run.engine.load({}))
    assert run.outcomes("http_reqs") == {"connect": 1}
    assert run.trend("http_req_duration").count == 0


# --- phases -------------------------------------------------------------------------------------


def test_a_sample_belongs_to_the_stage_in_which_it_began(play, answer):
    """The third request starts 1 ns before the border and ends long after it."""
    plan = f"""
[scenarios.main]
executor = "ramping-vus"
workflow = "visit"
stages = [
  {{ name = "zero", duration = "0s", target = 1 }},
  {{ name = "old", duration = "2000000001ns", target = 1 }},
  {{ name = "new", duration = "3s", target = 1 }},
]
{step("a", 'check = ["status == 200"]')}
"""
    run = play(plan, answer(1))
    assert run.network.starts(0) == [0, 1, 2, 3, 4, 5]
    for metric in ("http_reqs", "iterations", "checks"):
        assert run.count(metric, stage="old") == 3, metric
        assert run.count(metric, stage="new") == 3, metric
    for metric in ("http_req_duration", "workflow_duration", "iteration_duration"):
        assert run.trend(metric, stage="old").count == 3, metric
        assert run.trend(metric, stage="new").count == 3, metric


def test_a_workflow_belongs_to_the_stage_in_which_it_began_and_its_requests_to_theirs(play, answer):
    plan = f"""
[scenarios.main]
executor = "ramping-vus"
workflow = "visit"
start_vus = 1
stages = [
  {{ name = "old", duration = "500ms", target = 1 }},
  {{ name = "new", duration = "1s", target = 1 }},
]
{step("a", 'group = "g"')}{step("b", 'group = "g"')}
"""
    run = play(plan, answer(0.4))
    assert run.network.lines[:4] == ["GET /a", "GET /b"] * 2
    # requests start at 0, 0.4, 0.8, 1.2 s; workflows at 0 and 0.8 s
    assert run.count("http_reqs", stage="old") == 2
    assert run.count("http_reqs", stage="new") == 2
    assert run.trend("workflow_duration", stage="old").sum_ns == 800 * NS_PER_MS
    assert run.trend("group_duration", stage="old").count == 1
    assert run.count("iterations", stage="new") == 1


def test_what_begins_after_the_last_stage_belongs_to_none(play, answer):
    plan = f"""
[scenarios.main]
executor = "ramping-vus"
workflow = "visit"
start_vus = 1
stages = [{{ name = "only", duration = "500ms", target = 1 }}]
{step("a")}{step("b")}
"""
    run = play(plan, answer(0.6))
    assert run.count("http_reqs") == 2
    assert run.count("http_reqs", stage="only") == 1
    assert run.count("iterations", stage="only") == 1


def test_a_request_that_is_cut_off_is_counted_apart_with_its_wait_so_far(play, answer):
    plan = f"""
[scenarios.main]
executor = "ramping-vus"
workflow = "visit"
start_vus = 2
graceful_stop = "1s"
stages = [{{ name = "only", duration = "2s", target = 2 }}]
{step("a")}{step("b", 'check = ["status == 200"]')}
"""
    run = play(plan, by_path({"/a": answer(0.5)}, answer(60)))
    cut_off = run.trend("http_req_interrupted", step="b", stage="only")
    assert (cut_off.count, cut_off.min_ns) == (2, 2500 * NS_PER_MS)
    assert run.trend("http_req_interrupted").count == 2
    assert run.outcomes("http_reqs") == {"ok": 2}  # those that ended
    assert run.trend("http_req_duration").count == run.trend("response_time").count == 2
    assert run.count("checks") == 0
    assert run.count("data_sent", step="b") > 0
    assert run.count("interrupted_iterations") == 2


# --- redirects ----------------------------------------------------------------------------------


def moved(answer, to, status=302, **more):
    return answer(0.1, status=status, headers={} if to is None else {"Location": to}, **more)


def test_every_hop_of_a_redirect_is_counted_and_the_step_reads_the_last(play, one_user, answer):
    answers = {"/a": moved(answer, "/b"), "/b": moved(answer, "c/d?e=f", 301)}
    check = 'check = ["status == 200", "json.id == 1", "duration == 300ms"]'
    run = play(
        one_user(step("a", check, 'capture = { id = "json.id" }')),
        by_path(answers, answer(0.1, json={"id": 1})),
    )
    assert run.network.lines == ["GET /a", "GET /b", "GET /c/d?e=f"]
    assert run.count("http_reqs", step="a") == 3
    assert run.outcomes("http_reqs") == {"ok": 3}
    assert run.outcomes("checks") == {"pass": 3}
    assert run.trend("http_req_duration").max_ns == 100 * NS_PER_MS  # each hop by itself


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirected_post_becomes_a_get_without_its_body(play, one_user, answer, status):
    run = play(
        one_user(step("a", "json = { x = 1 }", http="POST /a")),
        by_path({"/a": moved(answer, "/b", status)}, answer(0.1)),
    )
    first, second = run.network.exchanges
    assert (first.line, first.request.body) == ("POST /a", b'{"x":1}')
    assert (second.line, second.request.body) == ("GET /b", None)
    assert b"content-type" in first.lines.lower()
    assert b"content-type" not in second.lines.lower()


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_method_keeps_the_body(play, one_user, answer, status):
    run = play(
        one_user(step("a", "json = { x = 1 }", http="POST /a")),
        by_path({"/a": moved(answer, "http://127.0.0.1:8000/b", status)}, answer(0.1)),
    )
    second = run.network.exchanges[1]
    assert (second.line, second.request.body) == ("POST /b", b'{"x":1}')
    assert b"content-type: application/json" in second.lines.lower()


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_loop_of_redirects_is_stopped_at_the_limit(play, one_user, answer, limit):
    run = play(one_user(step("a", f"redirects = {limit}")), moved(answer, "/a"))
    assert len(run.network.exchanges) == limit + 1
    assert run.outcomes("http_reqs") == {"ok": limit, "redirect": 1}
    assert run.notes == {f"a: more than {limit} redirects": 1}
    assert run.outcomes("iterations") == {"failed": 1}


def test_redirects_of_a_step_that_follows_none_are_its_response(play, one_user, answer):
    run = play(
        one_user(step("a", "redirects = 0", 'check = ["status == 302"]')), moved(answer, "/b")
    )
    assert run.network.lines == ["GET /a"]
    assert run.outcomes("http_reqs") == {"ok": 1}
    assert run.outcomes("checks") == {"pass": 1}


@pytest.mark.parametrize(
    "location", [None, "ftp://127.0.0.1/", "http://[::1/", "http://127.0.0.1:99999/"]
)
def test_a_redirect_that_leads_nowhere_is_a_failure_and_no_more(play, one_user, answer, location):
    run = play(one_user(step("a") + step("b")), by_path({"/a": moved(answer, location)}, answer()))
    assert run.network.lines == ["GET /a", "GET /b"]
    assert run.outcomes("http_reqs", step="a") == {"redirect": 1}


def test_credentials_do_not_follow_to_another_origin(play, one_user, answer):
    before = (
        '[identities.couple]\nheaders = { Authorization = "Bearer of identity", X-Key = "k" }\n'
    )
    steps = step("a", 'as = "couple"') + step("b", 'headers = { Authorization = "Basic of step" }')
    elsewhere = {
        "/a": moved(answer, "http://127.0.0.1:9000/c"),
        "/b": moved(answer, "http://127.0.0.1:9000/c"),
        "/c": moved(answer, "http://127.0.0.1:8000/d"),
    }
    run = play(one_user(steps, before), by_path(elsewhere, answer()))
    sent = [(seen.path, b"uthorization" in seen.lines) for seen in run.network.exchanges]
    assert sent == [
        ("/a", True), ("/c", False), ("/d", False), ("/b", True), ("/c", False), ("/d", False),
    ]  # fmt: skip
    assert all(b"X-Key" not in e.lines for e in run.network.exchanges if e.path == "/c")


def test_credentials_follow_within_an_origin(play, one_user, answer):
    before = '[identities.couple]\nheaders = { Authorization = "Bearer of identity" }\n'
    run = play(
        one_user(step("a", 'as = "couple"'), before),
        by_path({"/a": moved(answer, "/b")}, answer()),
    )
    assert [b"Bearer of identity" in seen.lines for seen in run.network.exchanges] == [True, True]


# --- cookies ------------------------------------------------------------------------------------


def cookie_of(seen) -> bytes:
    lines = [line for line in seen.lines.split(b"\r\n") if line.lower().startswith(b"cookie:")]
    assert len(lines) <= 1
    return lines[0].partition(b": ")[2] if lines else b""


def test_cookies_are_given_back_and_can_be_read(play, one_user, answer):
    answers = {
        "/a": answer(headers=(("Set-Cookie", "s=1; Path=/"), ("set-cookie", "t=2; Path=/b")))
    }
    steps = step("a", "check = [\"cookies.s == '1'\"]") + step("b") + step("c")
    run = play(one_user(steps), by_path(answers, answer()))
    assert [cookie_of(seen) for seen in run.network.exchanges] == [b"", b"t=2; s=1", b"s=1"]
    assert run.outcomes("checks") == {"pass": 1}


def test_a_cookie_set_by_a_redirect_goes_with_the_next_hop(play, one_user, answer):
    answers = {"/a": answer(status=302, headers={"Location": "/b", "Set-Cookie": "s=1"})}
    run = play(one_user(step("a")), by_path(answers, answer()))
    assert [cookie_of(seen) for seen in run.network.exchanges] == [b"", b"s=1"]


def test_cookies_do_not_follow_to_another_host(play, one_user, answer):
    answers = {
        "/a": answer(
            status=302, headers={"Location": "http://localhost:8000/b", "Set-Cookie": "s=1"}
        )
    }
    run = play(one_user(step("a")), by_path(answers, answer()))
    assert [cookie_of(seen) for seen in run.network.exchanges] == [b"", b""]


def test_each_virtual_user_and_each_identity_has_cookies_of_its_own(play, answer):
    plan = f"""
[identities.couple]
headers = {{ X-Who = "couple" }}
[identities.supplier]
headers = {{ X-Who = "supplier" }}
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "5s"
pace = "3s"
workflow = "visit"
{step("a", 'as = "couple"')}{step("b", 'as = "supplier"')}{step("c")}
"""
    numbers = iter(range(100))

    def answers(seen):
        return answer(
            headers={} if cookie_of(seen) else {"Set-Cookie": f"s={next(numbers)}; Path=/"}
        )

    run = play(plan, answers)
    cookies = Counter((seen.vu, seen.path, cookie_of(seen)) for seen in run.network.exchanges)
    given = [cookie for _, _, cookie in cookies if cookie]
    assert len(cookies) == 12  # each of 2 × 3 first without one, then with its own
    assert len(given) == len(set(given)) == 6


# --- identities ---------------------------------------------------------------------------------

SIGN_IN = """
[identities.couple]
http = "POST /sign-in"
json = { who = "couple-${vu}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
"""


def tokens(answer, refuse=()):
    """Signing in gives a new token each time; requests whose number is in `refuse` get a 401."""
    numbers, requests = iter(range(1, 100)), iter(range(100))

    def answers(seen):
        if seen.path == "/sign-in":
            return answer(json={"token": f"t{next(numbers)}"})
        return answer(status=401 if next(requests) in refuse else 200)

    return answers


def bearers(run) -> list[str]:
    """What was sent, and as whom."""
    return [
        f"{seen.path} {seen.lines.partition(b'Bearer ')[2].split(bytes([13]))[0].decode()}".strip()
        for seen in run.network.exchanges
    ]


def test_a_virtual_user_signs_in_before_its_first_step_and_once(play, one_user, answer):
    steps = step("a") + step("b", 'as = "couple"') + step("c", 'as = "couple"')
    run = play(one_user(steps, SIGN_IN), tokens(answer))
    assert bearers(run) == ["/a", "/sign-in", "/b t1", "/c t1"]
    assert run.network.exchanges[1].request.body == b'{"who":"couple-1"}'
    assert run.count("http_reqs", step="sign in as couple") == 1


def test_each_virtual_user_signs_in_for_itself(play, answer):
    plan = f"""{SIGN_IN}
[scenarios.main]
executor = "constant-vus"
vus = 3
duration = "900ms"
workflow = "visit"
{step("a", 'as = "couple"')}
"""
    run = play(plan, tokens(answer))
    signed_in = [e.request.body for e in run.network.exchanges if e.path == "/sign-in"]
    assert sorted(signed_in) == [b'{"who":"couple-%d"}' % vu for vu in (1, 2, 3)]


def test_after_a_401_the_next_step_signs_in_again_and_nothing_is_sent_twice(play, one_user, answer):
    steps = "".join(step(name, 'as = "couple"') for name in "abc")
    run = play(one_user(steps, SIGN_IN), tokens(answer, refuse={0}))
    assert bearers(run) == ["/sign-in", "/a t1", "/sign-in", "/b t2", "/c t2"]
    assert run.outcomes("http_reqs", step="a") == {"status": 1}


def test_an_identity_signs_in_again_when_it_has_expired(play, one_user, answer):
    before = SIGN_IN + 'expires = "10s"\n'
    steps = step("a", 'as = "couple"') + think("9s") + step("b", 'as = "couple"') + think("5s")
    run = play(one_user(steps + step("c", 'as = "couple"'), before), tokens(answer))
    assert bearers(run) == ["/sign-in", "/a t1", "/b t1", "/sign-in", "/c t2"]


def test_signing_in_that_fails_ends_the_iteration_and_is_tried_again_in_the_next(play, answer):
    plan = f"""{SIGN_IN}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1900ms"
pace = "1s"
workflow = "visit"
{step("a", 'as = "couple"')}
"""
    run = play(plan, by_path({"/sign-in": answer(status=503)}, answer()))
    assert run.network.lines == ["POST /sign-in"] * 2
    assert run.outcomes("iterations") == {"failed": 2}


def test_signing_in_without_a_token_in_the_answer_ends_the_iteration(play, one_user, answer):
    run = play(one_user(step("a", 'as = "couple"'), SIGN_IN), answer(json={}))
    assert run.network.lines == ["POST /sign-in"]
    assert run.outcomes("iterations") == {"failed": 1}
    assert run.notes == {"sign in as couple: capture token found nothing": 1}


def test_a_header_of_the_step_wins_over_the_identitys(play, one_user, answer):
    steps = step("a", 'as = "couple"', 'headers = { authorization = "mine" }')
    run = play(one_user(steps, SIGN_IN), tokens(answer))
    lines = run.network.exchanges[-1].lines.lower()
    assert b"authorization: mine\r\n" in lines
    assert b"bearer" not in lines


def test_what_signing_in_captures_stays_its_own(play, one_user, answer):
    steps = step("a", 'as = "couple"', 'let = { token = "mine" }') + step("b", http="GET /${token}")
    run = play(one_user(steps, SIGN_IN), tokens(answer))
    assert run.network.lines[-1] == "GET /mine"


def test_a_defect_while_signing_in_is_not_taken_for_a_missing_value(play, one_user, answer):
    with pytest.raises(KeyError, match="a bug"):
        play(one_user(step("a", 'as = "couple"'), SIGN_IN), answer(raises=KeyError("a bug")))


# --- repeatable ---------------------------------------------------------------------------------

RANDOM = """
[scenarios.main]
executor = "constant-vus"
vus = 3
duration = "2900ms"
mix = { visit = 1, other = 1 }
[[workflows.visit]]
http = "POST /visit"
json = { mail = "${synthetic.email()}", n = "${random(1, 1000000)}" }
[[workflows.visit]]
think = "uniform(1ms, 500ms)"
[[workflows.other]]
http = "GET /other/${random(1, 1000000)}"
"""


def sent(run) -> list:
    return [(e.vu, e.started_s, e.line, e.request.body) for e in run.network.exchanges]


def test_a_run_with_the_same_seed_sends_the_same(play):
    assert sent(play(RANDOM, seed=7)) == sent(play(RANDOM, seed=7))


def test_a_run_with_another_seed_sends_something_else(play):
    assert sent(play(RANDOM, seed=7)) != sent(play(RANDOM, seed=8))


def test_virtual_users_do_not_share_their_random_numbers(play):
    bodies = [e.request.body for e in play(RANDOM).network.exchanges if e.request.body]
    assert len(bodies) == len(set(bodies)) > 5


def test_a_virtual_users_data_do_not_depend_on_the_segment_it_runs_in(play):
    whole = {body for *_, body in sent(play(RANDOM)) if body}
    parts = [
        {body for *_, body in sent(play(RANDOM, segment=Segment(i, 3))) if body} for i in range(3)
    ]
    assert set.union(*parts) == whole


def test_the_addresses_of_third_parties_and_proxies_are_what_the_settings_say(
    play, one_user, answer
):
    places = '[dependencies.mail]\nsimulate = "email"\n[proxies.db]\nupstream = "127.0.0.1:5432"\n'
    steps = step("a", http="GET /${dependencies.mail.address}/${proxies.db.address}")

    run = play(
        one_user(steps) + places,
        answer(0.1),
        dependencies={"mail": {"address": "one"}},
        proxies={"db": {"address": "two"}},
    )

    assert {exchange.path for exchange in run.network.exchanges} == {"/one/two"}


def test_the_address_of_a_receiver_is_what_the_settings_say(play, one_user, answer):
    hooks = '[channels.hooks]\nwebhook = "/h"\nsignature = { scheme = "none" }\nkey = "text"\n'
    hooks += '[variables]\nthere = "${channels.hooks.url}"\n'
    steps = step("a", http="GET /to?${channels.hooks.url}") + step("b", http="GET /to?${there}")
    url = "http://127.0.0.1:4711/h"

    run = play(one_user(steps) + hooks, answer(0.1), channels={"hooks": {"url": url}})

    assert {exchange.path for exchange in run.network.exchanges} == {
        "/to?http%3A%2F%2F127.0.0.1%3A4711%2Fh"
    }


def test_what_somebody_was_given_by_signing_in_is_told_as_a_token(play, one_user, answer):
    remembered = []

    def remember(variables, *, signing_in=False):
        remembered.append((variables, signing_in))

    answers = {"/sign-in": answer(json={"token": "t-1"}, headers={"Set-Cookie": "session=s-1"})}
    plan = one_user(step("a", 'as = "couple"'), SIGN_IN)

    play(plan, by_path(answers, answer()), remember=remember)

    assert remembered == [({"token": "t-1", "session": "s-1"}, True)]


# --- secrets ------------------------------------------------------------------------------------


def test_expressions_have_the_plain_values_of_secrets(play, one_user, answer):
    before = '[secrets]\nsecret_file = { key = "key.txt" }\n'
    headers = 'headers = { A = "${secrets.key}", B = "${env.WEDLOAD_KEY}" }'

    run = play(
        one_user(step("a", headers), before),
        answer(),
        env={"WEDLOAD_KEY": "of-environment"},
        secrets={"key": "of-a-file"},
    )

    (seen,) = run.network.exchanges
    assert b"A: of-a-file\r\nB: of-environment\r\n" in seen.lines
    assert run.engine._shared.settings.secrets.plain["key"] == "of-a-file"
    assert "of-" not in repr(run.engine._shared.settings)
