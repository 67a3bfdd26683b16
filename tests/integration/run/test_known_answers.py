"""Runs whose answers are known: what wedload reports is what the server saw, exactly."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

STEP = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'


# --- counts ---------------------------------------------------------------------------------------


def test_requests_checks_and_bytes_are_the_servers_own(run, server, plan_for, reply):
    def handle(seen):
        if seen.target == "/made":
            return reply(201, json.dumps({"id": seen.number}).encode())
        if seen.target.startswith("/items/") and seen.method == "GET":
            even = int(seen.target.rsplit("/", 1)[1]) % 2 == 0
            return reply(200 if even else 404, b'{"even": true}' if even else b"x" * 70_000)
        return reply(204, b"", headers={}) if seen.method == "DELETE" else reply()

    server.handle = handle
    plan = plan_for(
        'executor = "constant-vus"\nvus = 5\nduration = "1s"\npace = "10ms"',
        """
[[workflows.visit]]
name = "make"
http = "POST /made"
json = { who = "${synthetic.name()}", long = "${synthetic.sentence(200)}" }
capture = { id = "json.id" }
check = ["status == 201", "json.id % 3 == 0"]
cleanup = "DELETE /items/${id}"
[[workflows.visit]]
name = "read"
http = "GET /items/${id}"
check = { "even" = "json.even == true" }
[[teardown]]
name = "bye"
http = "GET /bye"
[[setup]]
name = "hello"
http = "GET /hello"
""",
    )

    done = run(plan)

    made = [one for one in server.requests if one.target == "/made"]
    reads = [one for one in server.requests if one.method == "GET" and "/items/" in one.target]
    deleted = [one for one in server.requests if one.method == "DELETE"]
    assert len(made) > 50
    assert done.count("http_reqs") == len(made) + len(reads)  # not set-up, tear-down, clean-up
    assert done.count("iterations") == len(made) == len(reads)
    assert done.step("make")["outcomes"] == {"ok": len(made)}
    statuses = Counter(one.reply.status for one in reads)
    assert done.step("read")["outcomes"] == {"ok": statuses[200], "status": statuses[404]}
    assert done.result["metrics"]["http_req_failed"]["yes"] == statuses[404]
    checks = {one["check"]: (one["passed"], one["failed"]) for one in done.result["checks"]}
    thirds = sum(one.number % 3 == 0 for one in made)
    assert checks == {
        "status == 201": (len(made), 0),
        "json.id % 3 == 0": (thirds, len(made) - thirds),
        "even": (statuses[200], statuses[404]),
    }
    assert done.step("hello")["outcomes"] == done.step("bye")["outcomes"] == {"ok": 1}
    assert [server.requests[0].target, server.requests[len(made) * 2 + 1].target] == [
        "/hello", "/bye",
    ]  # fmt: skip
    assert done.step("clean up")["outcomes"] == {"ok": len(deleted)}
    cleanup = done.result["cleanup"]
    assert (cleanup["created"], cleanup["deleted"], cleanup["leaked"]) == (len(made),) * 2 + (0,)
    assert {one.target for one in deleted} == {f"/items/{one.number}" for one in made}
    # every byte on the sockets, set-up and clean-up included
    for metric, of_server in (
        ("data_sent", server.received_bytes), ("data_received", server.sent_bytes),
    ):  # fmt: skip
        assert sum(done.count(metric, step) for step in done.result["steps"]) == of_server
    assert len(server.connections) >= 5


def test_every_redirect_hop_counts_as_a_request(run, server, plan_for, reply):
    hops = {"/look": "/a", "/a": "/b"}
    server.handle = lambda seen: (
        reply(302, headers={"Location": hops[seen.target]}) if seen.target in hops else reply()
    )

    done = run(plan_for('executor = "constant-vus"\nvus = 2\nduration = "400ms"', STEP))

    seen = server.targets()
    assert seen["GET /look"] == seen["GET /a"] == seen["GET /b"] == done.count("iterations")
    assert done.count("http_reqs") == seen.total()
    assert done.result["metrics"]["http_req_failed"]["yes"] == 0


def test_mix_and_use_send_what_their_weights_and_repeats_say(run, server, plan_for):
    plan = plan_for(
        'executor = "constant-vus"\nvus = 4\nduration = "1s"\npace = "5ms"',
        STEP + '[[workflows.other]]\nname = "inner"\nhttp = "GET /inner"\n'
        '[[workflows.double]]\nuse = "other"\nrepeat = 2\n',
    ).replace('workflow = "visit"', "mix = { visit = 3, double = 1 }")

    done = run(plan, "--seed", "1")

    seen = server.targets()
    assert seen["GET /inner"] % 2 == 0
    assert done.count("iterations") == seen["GET /look"] + seen["GET /inner"] // 2
    share = seen["GET /look"] / done.count("iterations")
    assert 0.6 < share < 0.9, share
    assert done.step("inner")["workflow"] == "double"


def test_each_virtual_user_signs_in_once_and_again_after_a_401(run, server, plan_for, reply):
    tokens: set[str] = set()

    def handle(seen):
        if seen.target == "/auth":
            tokens.add(f"t{seen.number}")
            return reply(200, json.dumps({"token": f"t{seen.number}"}).encode())
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in tokens:
            return reply(401)
        if seen.number % 40 == 0:
            tokens.discard(token)  # from the next request on
        return reply()

    server.handle = handle
    plan = plan_for(
        'executor = "constant-vus"\nvus = 3\nduration = "1s"\npace = "10ms"',
        STEP.replace("GET /look", "GET /private") + 'as = "me"\n',
        '[identities.me]\nhttp = "POST /auth"\njson = { m = "${synthetic.email()}" }\n'
        'capture = { token = "json.token" }\nheaders = { Authorization = "Bearer ${token}" }\n',
    )

    done = run(plan)

    refused = sum(one.reply.status == 401 for one in server.requests)
    seen = server.targets()
    assert refused > 0
    assert done.step("sign in as me")["outcomes"] == {"ok": seen["POST /auth"]}
    # each refusal leads to one more, unless the load ended right then
    assert 3 + refused - 3 <= seen["POST /auth"] <= 3 + refused
    assert done.step("look")["outcomes"] == {
        "ok": seen["GET /private"] - refused, "status": refused,
    }  # fmt: skip


def test_feeders_give_rows_as_they_are_asked_to(run, server, plan_for, tmp_path):
    (tmp_path / "venues.csv").write_text("name\n" + "\n".join(f"v{n}" for n in range(30)) + "\n")
    plan = plan_for(
        'executor = "constant-vus"\nvus = 3\nduration = "5s"\npace = "1ms"',
        STEP.replace("/look", "/look/${data.venues.name}"),
        '[data.venues]\nfile = "venues.csv"\npick = "unique"\n',
    )

    done = run(plan)

    assert sorted(server.targets().values()) == [1] * 30  # each once, then it ends
    assert done.count("http_reqs") == 30
    assert done.result["run"]["duration_s"] < 5
    (finding,) = done.result["validity"]["findings"]
    assert finding["kind"] == "ended-early"
    assert "venues" in finding["message"]


# --- durations ------------------------------------------------------------------------------------


def test_reported_durations_are_the_servers_delays_and_little_more(
    run, server, plan_for, reply, quantile
):
    rng = random.Random(4)
    server.handle = lambda _: reply(delay_s=rng.uniform(0.002, 0.04))

    done = run(plan_for('executor = "constant-vus"\nvus = 8\nduration = "2s"', STEP))

    delays_ms = [one.delayed_s * 1000 for one in server.requests]
    found = done.step("look")["metrics"]["http_req_duration"]
    assert found["count"] == len(delays_ms) > 200
    names = {"min": 0.0, "med": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "max": 1.0}
    own = {name: quantile(delays_ms, q) for name, q in names.items()}
    excess = {name: round(found[name] - own[name], 3) for name in names}
    figures = f"excess over the server's own delays, ms: {excess} (n = {len(delays_ms)})"
    print(figures)  # noqa: T201 - shown with -s, and when the test fails
    assert all(found[name] >= own[name] * 0.998 for name in names), figures  # 3 digits
    assert excess["med"] < 15, figures
    assert excess["p95"] < 40, figures
    assert found["avg"] - sum(delays_ms) / len(delays_ms) < 15, figures


def test_parts_of_a_request_add_up_to_the_whole(run, server, plan_for, reply):
    server.handle = lambda _: reply(delay_s=0.01, body=b"x" * 200_000)

    done = run(plan_for('executor = "constant-vus"\nvus = 2\nduration = "600ms"', STEP))

    metrics = done.result["metrics"]
    parts = sum(metrics[f"http_req_{part}"]["avg"] for part in ("sending", "waiting", "receiving"))
    assert parts == pytest.approx(metrics["http_req_duration"]["avg"], rel=0.001)
    assert metrics["http_req_duration"]["min"] >= 9.9
    # who is descheduled right after sending waits less: only few are, so the median is safe
    assert metrics["http_req_waiting"]["med"] >= 9.5
    assert metrics["http_req_connecting"]["count"] == 2  # one a user, kept alive
    assert len(server.connections) == 3  # and one to see that it is there


@pytest.mark.parametrize("slow_share", [0.1, 0.02])
def test_quantiles_lie_in_the_mode_that_they_belong_to(run, server, plan_for, reply, slow_share):
    every = round(1 / slow_share)
    server.handle = lambda seen: reply(delay_s=0.1 if seen.number % every == 0 else 0.005)

    done = run(plan_for('executor = "constant-vus"\nvus = 6\nduration = "1500ms"', STEP))

    found = done.step("look")["metrics"]["http_req_duration"]
    assert found["count"] > 100
    assert 5 <= found["med"] < 60
    if slow_share == 0.1:
        assert found["p95"] >= 100
    else:
        assert 5 <= found["p90"] < 60
    assert found["p99"] >= 100


def test_stall_of_a_second_is_seen_in_full(run, server, plan_for, reply):
    server.handle = lambda seen: reply(delay_s=1.0 if seen.number == 50 else 0.002)

    done = run(plan_for('executor = "constant-vus"\nvus = 2\nduration = "1500ms"', STEP))

    found = done.step("look")["metrics"]["http_req_duration"]
    assert 1000 <= found["max"] < 1500
    assert found["p95"] < 500


def test_think_time_is_in_the_iteration_and_not_in_the_workflow(run, server, plan_for, reply):
    server.handle = lambda _: reply(delay_s=0.02)
    steps = STEP + '[[workflows.visit]]\nthink = "150ms"\n'

    done = run(plan_for('executor = "constant-vus"\nvus = 3\nduration = "1s"', steps))

    metrics = done.result["metrics"]
    assert metrics["iteration_duration"]["min"] >= 169
    assert metrics["workflow_duration"]["min"] >= 19.9
    assert metrics["workflow_duration"]["med"] < 120
    assert metrics["iteration_duration"]["count"] == metrics["iterations"]["count"]


# --- failures -------------------------------------------------------------------------------------


def test_a_run_at_whose_end_requests_hang_is_not_passed(run, server, plan_for, reply):
    server.handle = lambda seen: reply(action="hang" if seen.number % 50 == 0 else "answer")
    rows = """
[benchmarks]
"Few fail" = "http_req_failed: rate < 1%"
"Few workflows fail" = "workflow_failed: rate < 1%"
"""
    scenario = 'executor = "constant-vus"\nvus = 5\nduration = "1s"'
    plan = plan_for(scenario, STEP, rows).replace('graceful_stop = "10s"', 'graceful_stop = "1s"')

    done = run(plan)

    hung = sum(one.reply.action == "hang" for one in server.requests)
    assert hung == 5
    cut_off = done.result["metrics"]["http_req_interrupted"]
    assert (cut_off["count"], done.count("http_reqs")) == (hung, len(server.requests) - hung)
    assert cut_off["min"] >= 1000
    assert (done.code, done.result["verdict"]) == (3, "invalid")
    (found,) = [one for one in done.result["validity"]["findings"] if one["invalidates"]]
    assert found["kind"] == "unanswered"
    assert "Few fail and Few workflows fail may not be met" in found["message"]


def test_a_run_in_which_everything_hangs_is_not_passed(run, server, plan_for, reply):
    server.handle = lambda _: reply(action="hang")
    scenario = 'executor = "constant-vus"\nvus = 5\nduration = "1s"'
    plan = plan_for(scenario, STEP).replace('graceful_stop = "10s"', 'graceful_stop = "0s"')

    done = run(plan)

    assert len(server.requests) == 5
    assert done.code == 3
    kinds = [one["kind"] for one in done.result["validity"]["findings"]]
    assert "none-answered" in kinds
    assert "nothing-sent" not in kinds


def test_an_ordinary_ramp_down_without_grace_stays_as_healthy_as_it_is(
    run, server, plan_for, reply
):
    server.handle = lambda _: reply(delay_s=0.2)
    rows = """
[benchmarks]
"Nothing fails" = "http_req_failed: count == 0"
"No workflow fails" = "workflow_failed: count == 0"
"All is checked" = "checks: rate == 100%"
"""
    scenario = """
executor = "ramping-vus"
start_vus = 20
graceful_ramp_down = "0s"
stages = [{ duration = "1s", target = 20 }, { duration = "1s", target = 0 }]
"""
    plan = plan_for(scenario, STEP + 'check = ["status == 200"]\n', rows)

    done = run(plan.replace('graceful_stop = "10s"', 'graceful_stop = "0s"'))

    assert done.count("http_req_interrupted") >= 10
    assert done.count("http_reqs") + done.count("http_req_interrupted") == len(server.requests)
    assert "unanswered" not in [one["kind"] for one in done.result["validity"]["findings"]]
    assert [row["status"] for row in done.result["benchmarks"]] == ["met"] * 3
    assert done.result["reasons"] == []


def test_failures_are_counted_exactly_and_by_kind(run, server, plan_for, reply):
    def handle(seen):
        if seen.number % 29 == 0:
            return reply(action="hang")
        if seen.number % 11 == 0:
            return reply(action="close")
        return reply(500 if seen.number % 7 == 0 else 200, delay_s=0.002)

    server.handle = handle
    plan = plan_for(
        'executor = "constant-vus"\nvus = 6\nduration = "1500ms"', STEP + 'timeout = "250ms"\n'
    )

    done = run(plan)

    actions = Counter(one.reply.action for one in server.requests)
    errors = sum(one.reply.status == 500 for one in server.requests)
    assert min(actions["hang"], actions["close"], errors) >= 5
    assert done.step("look")["outcomes"] == {
        "ok": len(server.requests) - errors - actions["close"] - actions["hang"],
        "status": errors,
        "reset": actions["close"],
        "timeout": actions["hang"],
    }
    failed = errors + actions["close"] + actions["hang"]
    rate = done.result["metrics"]["http_req_failed"]
    assert (rate["yes"], rate["count"]) == (failed, len(server.requests))
    assert rate["rate"] == pytest.approx(failed / len(server.requests), abs=1e-6)
    assert done.result["metrics"]["workflow_failed"]["yes"] == failed
    told = {one["message"]: one["count"] for one in done.result["failures"]}
    assert told["look: status 500"] == errors
    assert sum(told.values()) == failed
    # a time-out is recorded with its full wait
    assert done.step("look")["metrics"]["http_req_duration"]["max"] >= 250
    assert sum(done.result["series"]["rates"][0]["yes"]) == failed
    # each broken connection is made anew
    assert len(server.connections) == 1 + 6 + actions["close"] + actions["hang"] - _idle(server)


def _idle(server) -> int:
    """Users whose last request broke their connection: they made no new one."""
    last = {}
    for one in server.requests:
        last[one.connection] = one
    alive = [one for one in last.values() if one.reply.action == "answer"]
    return 6 - len(alive)


# --- when -----------------------------------------------------------------------------------------


def test_requests_of_each_stage_are_those_that_the_server_saw_in_it(run, server, plan_for):
    lengths = [0.7, 1.1, 0.5]
    stages = ", ".join(
        f'{{ name = "s{n}", duration = "{length}s", target = 3 }}'
        for n, length in enumerate(lengths)
    )
    plan = plan_for(
        f'executor = "ramping-vus"\nstart_vus = 3\nstages = [{stages}]\npace = "20ms"', STEP
    )

    done = run(plan)

    origin = server.requests[0].received_s
    at = [one.received_s - origin for one in server.requests]
    off_s = 0.06  # what the first request took to come, and users who were late
    begin = 0.0
    total = 0
    for stage, length in zip(done.result["stages"], lengths, strict=True):
        end = begin + length
        assert (stage["begin_s"], stage["end_s"]) == pytest.approx((begin, end))
        low = sum(begin + off_s <= x < end - off_s for x in at)
        high = sum(begin - off_s <= x < end + off_s for x in at)
        count = done.count("http_reqs", stage)
        assert low <= count <= high, (stage["stage"], low, count, high)
        assert high - low <= 6 * 3 * 2 + 6  # so that the bounds mean something
        total += count
        begin = end
    assert total == len(at) == done.count("http_reqs")
    histograms = Counter()
    for one in done.result["histograms"]:
        if one["metric"] == "http_req_duration":
            histograms[one["stage"]] += one["count"]
    assert histograms == {s["stage"]: done.count("http_reqs", s) for s in done.result["stages"]}


def test_connections_follow_the_ramp(run, server, plan_for, reply):
    server.handle = lambda _: reply(delay_s=0.01)
    plan = plan_for(
        'executor = "ramping-vus"\nstages = [{ duration = "1s", target = 10 }, '
        '{ duration = "800ms", target = 10 }, { duration = "1s", target = 0 }]',
        STEP,
    )

    done = run(plan)

    del server.connections[0]  # that of the look whether the target is there
    assert len(server.connections) == 10
    origin = min(one.opened_s for one in server.connections) - 0.1  # the first of ten is due then

    def asked(at: float) -> int:
        at = min(max(at, 0.0), 2.8)
        # rounded towards the stage's beginning
        return int(at * 10 + 1e-9) if at < 1 else 10 if at < 1.8 else 10 - int((at - 1.8) * 10)

    off_s = 0.15  # a user that is to stop finishes its iteration; a machine may be late
    for step in range(28):
        at = 0.05 + step * 0.1
        around = [asked(at + off_s * k / 10) for k in range(-10, 11)]
        seen = server.open_at(origin + at)
        assert min(around) <= seen <= max(around), f"{seen} connections at {at:.2f} s: {around}"
    assert done.result["series"]["vus"][0] == pytest.approx(10, abs=1)


def test_scenario_that_starts_later_sends_nothing_before(run, server, plan_for):
    more = (
        '[scenarios.late]\nexecutor = "constant-vus"\nvus = 1\nduration = "300ms"\n'
        'start_time = "700ms"\nworkflow = "late"\npace = "50ms"\n'
        '[[workflows.late]]\nname = "late"\nhttp = "GET /late"\n'
    )

    done = run(plan_for('executor = "constant-vus"\nvus = 1\nduration = "300ms"', STEP, more))

    first = server.requests[0].received_s
    late = [one.received_s - first for one in server.requests if one.target == "/late"]
    assert late[0] == pytest.approx(0.7, abs=0.1)
    assert done.step("late")["outcomes"] == {"ok": len(late)}


def test_pace_is_the_least_distance_between_iterations(run, server, plan_for):
    done = run(plan_for('executor = "constant-vus"\nvus = 1\nduration = "1s"\npace = "50ms"', STEP))

    at = [one.received_s for one in server.requests]
    assert len(at) == pytest.approx(20, abs=3)
    assert at[-1] - at[0] >= (len(at) - 1) * 0.05 - 0.02  # it never catches up
    assert done.result["metrics"]["iteration_lateness"]["count"] == len(at)
