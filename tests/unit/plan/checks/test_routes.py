"""Every kind of mistake in a route: the line that is named, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

PLAN = """schema = 1
name = "routes"
[targets.local]
base_url = "http://127.0.0.1:8000"
[routes.gate]
via = "http://127.0.0.1:10000"
envoy = "http://127.0.0.1:9901"
[channels.hooks]
webhook = "/hooks"
key = "json.id"
signature = { scheme = "none" }
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
name = "other"
http = "POST /b"
[benchmarks]
"added" = "route_overhead{route=gate}: avg < 2ms"
"""
ROUTES = 'routes = "gate"'
ROW = "route_overhead{route=gate}: avg < 2ms"
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("via_missing", 'via = "http://127.0.0.1:10000"\n', "", 5, 'routes.gate: `via` is missing | write via = "http://127.0.0.1:10000", where the gateway is'),
    ("key_misspelt", 'envoy = "', 'envoi = "', 7, "routes.gate.envoi: there is no key `envoi` here | did you mean envoy?"),
    ("no_url", '"http://127.0.0.1:10000"', '"127.0.0.1:10000"', 6, 'routes.gate.via: "127.0.0.1:10000" does not start with http:// or https://'),
    ("template", '"http://127.0.0.1:10000"', '"${env.WEDLOAD_VIA}"', 6, "is a template, and `via` cannot be one; use --set for it"),
    ("admin_by_https", '"http://127.0.0.1:9901"', '"https://127.0.0.1:9901"', 7, "is not an http URL"),
    ("both_the_same", "envoy = ", 'direct = "http://127.0.0.1:10000/"\nenvoy = ', 6, "routes.gate.via: \"http://127.0.0.1:10000\" is where `direct` leads: both ways are the same"),
    ("called_as_a_way", "[routes.gate]", '[routes.via]\nvia = "http://127.0.0.1:1"\n[routes.gate]', 5, 'routes.via: "via" is one of the two ways'),
    ("taken_by_nobody", "[routes.gate]", '[routes.gone]\nvia = "http://127.0.0.1:1"\n[routes.gate]', 5, 'routes.gone: no step has routes = "gone"'),
    ("misspelt", ROUTES, 'routes = "gaet"\n[[workflows.visit]]\nname = "c"\nhttp = "GET /c"\nroutes = "gate"', 20, 'there is no route "gaet" | did you mean gate?'),
    ("in_a_batch", 'http = "POST /b"', 'batch = [{ name = "b", http = "GET /b", routes = "gate" }]', 23, "requests of a batch are sent at once"),
    ("elsewhere", 'http = "POST /b"', 'http = "GET http://127.0.0.1:1/b"\nroutes = "gate"', 24, "says where it goes, and a route would, too"),
    ("creates", 'http = "POST /b"', 'http = "POST /b"\ncleanup = "DELETE /b"\nroutes = "gate"', 25, "a step that creates something would create it twice"),
    ("in_set_up", '[benchmarks]', '[[setup]]\nhttp = "GET /c"\nroutes = "gate"\n[benchmarks]', 26, "steps of [[setup]] are no load, and have no routes"),
    ("awaited", '[benchmarks]', '[[workflows.visit]]\nname = "heard"\nawait = { channel = "hooks", key = "\'a\'", since = "read" }\n[benchmarks]', 26, '"read" has routes: it is sent twice, and causes this twice'),
    ("cold_connections", "[routes.gate]", '[http]\nconnections = "per-iteration"\n[routes.gate]', 6, "pairs are of connections that are warm"),
    ("row_of_no_route", ROW, "route_overhead{route=gaet}: avg < 2ms", 25, '`route_overhead` never has route "gaet" in this plan | did you mean gate?'),
    ("row_of_a_way", ROW, "route_overhead{route=via}: avg < 2ms", 25, '`route_overhead` never has route "via"'),
    ("row_by_name", ROW, "http_req_duration{route=gate}: p95 < 2s", 25, '`http_req_duration` never has route "gate" in this plan | known: direct, via'),
    ("row_of_another_step", ROW, "route_overhead{step=other}: avg < 2ms", 25, '`route_overhead` never has step "other"'),
    ("row_with_a_window", f'"{ROW}"', f'{{ require = "{ROW}", window = "5s" }}', 25, "`route_overhead` is judged when all of the load is over | take out abort, after and window"),
    ("row_that_aborts", f'"{ROW}"', '{ require = "route_overhead{route=gate}: p95 < 2ms", abort = true }', 25, "is judged when all of the load is over"),
    ("tag_called_so", 'http = "POST /b"', 'http = "POST /b"\ntags = { route = "a" }', 24, "`route` cannot be a tag"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert PLAN.count(old) == 1

    (problem,) = problems(PLAN.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem


@pytest.mark.parametrize(
    "row",
    [
        ROW, "route_overhead{step=read}: p95 < 10ms", "route_overhead: min > 0ms",
        "http_req_duration{step=read, route=via}: p95 < 200ms", "route_pairs{route=gate}: count > 1",
        "http_req_failed{route=direct}: rate < 1%",
    ],
)  # fmt: skip
def test_rows_select_pairs_by_their_route_and_requests_by_their_way(load, row):
    assert load(PLAN.replace(ROW, row)).plan.benchmarks["added"].source == row
