"""Routes by a real Envoy, before a server that counts: both must say the same."""

from __future__ import annotations

import pytest

from benchmarks.servers.envoy import envoy

STEPS = """
[[workflows.visit]]
name = "read"
http = "GET /read"
routes = "gate"
[[workflows.visit]]
name = "shaky"
http = "GET /shaky"
routes = "gate"
"""
ROWS = """
[benchmarks]
"What it adds" = "route_overhead{route=gate, step=read}: avg < 10s"
"Through it" = "http_req_duration{step=read, route=via}: med < 10s"
"Failures past it" = "http_req_failed{step=shaky, route=direct}: rate > 1%"
"Failures through it" = "http_req_failed{step=shaky, route=via}: rate < 1%"
"""


@pytest.fixture
def gateway(server, tmp_path):
    with envoy(server.url.removeprefix("http://"), tmp_path) as running:
        yield running


def test_overhead_retries_and_both_ways_are_what_the_server_and_envoy_saw(
    run, server, plan_for, reply, gateway
):
    tried: dict[str, int] = {}

    def handle(seen):
        # every fourth request fails, if it is no repetition
        attempt = int(seen.headers.get("x-envoy-attempt-count", 1))
        tried[seen.target] = tried.get(seen.target, 0) + (attempt == 1)
        failing = seen.target == "/shaky" and attempt == 1 and tried["/shaky"] % 4 < 2
        return reply(503 if failing else 200)

    server.handle = handle
    route = f'[routes.gate]\nvia = "{gateway.via}"\nenvoy = "{gateway.admin}"\n'
    scenario = 'executor = "per-vu-iterations"\nvus = 2\niterations = 40'

    done = run(plan_for(scenario, STEPS, route + ROWS))

    via = [one for one in server.requests if "x-envoy-attempt-count" in one.headers]
    repeated = [one for one in via if one.headers["x-envoy-attempt-count"] != "1"]
    direct = len(server.requests) - len(via)
    (found,) = done.result["routes"]
    (cluster,) = found["envoy"]["clusters"]
    assert len(repeated) > 0
    assert cluster["rq_retry"] == len(repeated) == gateway.counter("upstream_rq_retry")
    assert cluster["rq_retry_success"] == len(repeated)
    assert cluster["rq_5xx"] == 0  # that it passed on
    assert cluster["rq_total"] == len(via)
    assert direct == 2 * 2 * 40
    assert len(via) == direct + len(repeated)
    steps = {one["step"]: one for one in found["steps"]}
    read = steps["read"]
    assert (read["cold"], read["failed"], read["overhead"]["count"]) == (2, 0, 78)
    assert steps["shaky"]["failed"] > 0
    assert steps["shaky"]["cold"] + steps["shaky"]["failed"] + (
        steps["shaky"]["overhead"]["count"]
    ) == 80  # fmt: skip
    assert done.result["metrics"]["route_pairs"]["count"] == 160
    rows = {row["name"]: row["status"] for row in done.result["benchmarks"]}
    assert set(rows.values()) <= {"met"}, rows
    assert f"Envoy counted {len(repeated)} repeated requests" in done.err.replace("\n", " ")
    assert "Envoy, cluster platform:" in done.err


def test_what_a_proxy_adds_is_no_less_than_its_own_clock_says(
    run, server, more_servers, plan_for, reply
):
    (slow,) = more_servers(1)
    slow.handle = lambda _: reply(delay_s=0.005)
    route = f'[routes.gate]\nvia = "{slow.url}"\n'
    step = STEPS.partition('[[workflows.visit]]\nname = "shaky"')[0]

    done = run(plan_for('executor = "per-vu-iterations"\nvus = 1\niterations = 30', step, route))

    (found,) = done.result["routes"]
    overhead = found["pairs"]["overhead"]
    told_ms = 1000 * sum(one.delayed_s for one in slow.requests[1:]) / 29
    assert overhead["count"] == 29
    # pair by pair: means of both ways, and their difference, are of the same requests
    measured = [found["pairs"][way] for way in ("direct", "via")]
    assert measured[1]["avg"] >= told_ms >= 5.0
    assert overhead["avg"] >= told_ms - measured[0]["max"]
    assert found["envoy"] is None
