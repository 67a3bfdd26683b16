"""What `wedload check` says of routes."""

from __future__ import annotations

import io

from rich.console import Console

from wedload.plan.loader import parse_plan
from wedload.report.explain_routes import route_table

PLAN = """schema = 1
name = "routes"
[targets.local]
base_url = "http://127.0.0.1:8000"
[routes.gate]
via = "http://127.0.0.1:10000"
envoy = "http://127.0.0.1:9901"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
name = "read"
http = "GET /a"
routes = "gate"
[[workflows.visit]]
name = "find"
http = "POST /find"
routes = "gate"
"""


def test_both_ways_their_steps_and_what_is_done_twice_are_told(tmp_path):
    plan = parse_plan(PLAN, file="plan.toml", base=tmp_path).plan
    console = Console(file=io.StringIO(), width=80)
    console.print(route_table(plan, "local"))
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    assert lines == [
        "route", "gate", "via http://127.0.0.1:10000", "directly http://127.0.0.1:8000",
        "2 steps sent both ways, in random order: read, find",
        "retries and overflows are read from Envoy at http://127.0.0.1:9901",
        "find: a POST is sent twice, and may do things twice",
    ]  # fmt: skip
