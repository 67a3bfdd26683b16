"""Traces of a whole run: from the header of a request to whose time it was, in the result."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.helpers.traced_target import QUERY_MS, ROOT_MS, TracedTarget

STEPS = """
[[workflows.visit]]
name = "first"
http = "GET /first?spans=${tracing.endpoint}"
[[workflows.visit]]
name = "second"
http = "GET /second?spans=${tracing.endpoint}"
"""
SCENARIO = 'executor = "shared-iterations"\nvus = 2\niterations = 50'
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")


@pytest.fixture
def traced_target():
    target = TracedTarget()
    yield target
    target.close()


def test_spans_of_traced_requests_come_back_as_time_of_services(
    run, server, plan_for, reply, traced_target
):
    def handle(seen):
        traced_target.asked(seen.target, seen.headers)
        return reply(headers={"Server-Timing": 'db;dur=60.5;desc="query", miss'})

    server.handle = handle
    done = run(plan_for(SCENARIO, STEPS, '[tracing]\nshare = "100%"\n'))
    assert done.code == 0, done.err
    headers = [TRACEPARENT.fullmatch(one.headers["traceparent"]) for one in server.requests]
    assert all(headers)
    assert len({one[1] for one in headers}) == 100  # a trace for each

    traces = done.result["traces"]
    counts = ("requests", "traces", "spans", "foreign", "refused", "late", "broken", "orphans")
    assert [traces[name] for name in counts] == [100, 100, 200, 0, 0, 0, 0, 0]
    assert done.count("traced_requests") == 100
    parts = Counter()
    for one in traces["operations"]:
        parts[one["step"], one["service"], one["operation"]] += one["critical_ms"]
    assert parts == {
        (step, service, operation): pytest.approx(50 * ms)
        for step in ("first", "second")
        for service, operation, ms in (
            ("shop", f"GET /{step}", ROOT_MS - QUERY_MS), ("postgresql", "SELECT", QUERY_MS)
        )
    }  # fmt: skip
    assert sum(one["root_ms"] for one in traces["steps"]) == pytest.approx(100 * ROOT_MS)
    timings = traces["server_timing"]
    assert {one["name"] for one in timings} == {"db"}
    assert sum(one["count"] for one in timings) == 100
    assert sum(one["sum_ms"] for one in timings) == pytest.approx(100 * 60.5)
    assert "no-traces" not in {one["kind"] for one in done.result["validity"]["findings"]}
    assert "spans are received at http://127.0.0.1:" in done.err
