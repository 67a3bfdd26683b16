"""Every kind of mistake in a third party: the line that is named, and what is said about it.

What it reads of requests, too (`plan/checks/played_requests.py`).
"""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES

CALENDAR = 'simulate = "google-calendar"'
PAY = 'simulate = "http"'
OPERATION = "operation = \"headers['x-request-id']\""
ROUTE = 'http = "POST /v1/charges/*"'
ERRORS = "errors = { status = 503, ratio = 0.01 }"
POLICY = 'policy = { attempts = 3, gap = "100ms", within = "2s" }'
JSON = 'json = { id = "${uuid()}", amount = "${json.amount}" }'
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("service_missing", f"{CALENDAR}\n", "", 17, 'dependencies.calendar: `simulate` is missing | write simulate = "http", or another: google-calendar, email'),
    ("service_misspelt", CALENDAR, 'simulate = "google-calender"', 18, 'dependencies.calendar.simulate: "google-calender" is not known here; known: "google-calendar", "email", "http" | did you mean google-calendar?'),
    ("key_misspelt", "user_quota = ", "user_qota = ", 21, "dependencies.calendar.user_qota: there is no key `user_qota` here | did you mean user_quota?"),
    ("key_of_errors_misspelt", ERRORS, "errors = { status = 503, rato = 0.01, ratio = 0.01 }", 23, "dependencies.calendar.errors.rato: there is no key `rato` here | did you mean ratio?"),
    ("key_of_a_table_of_errors_misspelt", "retry_after = ", "retry_aftr = ", 33, "dependencies.mail.errors.retry_aftr: there is no key `retry_aftr` here | did you mean retry_after?"),
    ("key_of_a_list_of_errors_misspelt", ERRORS, "errors = [{ ratio = 0.1 }, { ratio = 0.1, staus = 500 }]", 23, "dependencies.calendar.errors[1].staus: there is no key `staus` here | did you mean status?"),
    ("key_of_a_policy_misspelt", POLICY, "policy = { attemps = 3, within = '2s' }", 24, "dependencies.calendar.policy.attemps: there is no key `attemps` here | did you mean attempts?"),
    ("key_of_a_route_misspelt", "status = 201", "staus = 201", 39, "dependencies.pay.routes[0].staus: there is no key `staus` here | did you mean status?"),
    ("no_latency", '"lognormal(p50=120ms, p99=900ms)"', '"lognormal(p50=120ms)"', 19, "dependencies.calendar.latency: 'lognormal(p50=120ms)': write lognormal(p50, p99)"),
    ("no_distribution", '"lognormal(p50=120ms, p99=900ms)"', '"gamma(2s)"', 19, "dependencies.calendar.latency: 'gamma' is not a distribution; known: constant, uniform"),
    ("no_quota", '"600/1m"', '"600"', 20, "dependencies.calendar.quota: '600' is no quota; write \"600/1m\": a whole number, and in how long"),
    ("quota_of_nothing", '"600/1m"', '"0/1m"', 20, "dependencies.calendar.quota: '0/1m' allows nothing; a fault with down = true does that"),
    ("quota_in_halves", '"600/1m"', '"0.5/s"', 20, "'0.5/s' is no quota"),
    ("status_over_quota", "quota_status = 429", "quota_status = 503", 22, "dependencies.calendar.quota_status: the number 503 is not known here; known: 403, 429"),
    ("status_without_quota", 'provider = "postmark"', 'provider = "postmark"\nquota_status = 429', 29, 'dependencies.mail.quota_status: is about what is over a quota, and there is none | write quota = "600/1m", or take this out'),
    ("wait_without_quota", PAY, f"{PAY}\nretry_after = true", 36, "dependencies.pay.retry_after: is about what is over a quota, and there is none"),
    ("wait_that_is_none", CALENDAR, f'{CALENDAR}\nretry_after = "2s"', 19, 'dependencies.calendar.retry_after: expected true or false, found "2s"'),
    ("provider_of_a_calendar", CALENDAR, f'{CALENDAR}\nprovider = "resend"', 19, "`provider` belongs to email, and this dependency is google-calendar | take it out"),
    ("provider_misspelt", '"postmark"', '"postmrk"', 28, '"postmrk" is not known here; known: "resend", "sendgrid", "postmark" | did you mean postmark?'),
    ("quota_of_users_of_mail", 'provider = "postmark"', 'user_quota = "1/s"', 28, "`user_quota` belongs to google-calendar, and this dependency is email"),
    ("routes_of_mail", PAY, 'simulate = "email"', 37, "dependencies.pay.routes: `routes` belongs to http, and this dependency is email"),
    ("no_routes", '[proxies.db]', '[dependencies.bare]\nsimulate = "http"\n[proxies.db]', 42, 'dependencies.bare: a service of http needs routes: it would know no request | write [[dependencies.bare.routes]] with http = "POST /v1/charges"'),
    ("one_bracket", "[[dependencies.pay.routes]]", "[dependencies.pay.routes]", 37, "dependencies.pay.routes: expected a list, found a table | write [[dependencies.pay.routes]], with two brackets"),
    ("ratio_missing", ERRORS, "errors = { status = 503 }", 23, "dependencies.calendar.errors: `ratio` is missing | write ratio = 0.01, the share of requests that get it"),
    ("ratio_missing_in_a_table", "ratio = 0.02\n", "", 30, "dependencies.mail.errors: `ratio` is missing"),
    ("ratio_of_nothing", "ratio = 0.02", "ratio = 0", 32, "dependencies.mail.errors.ratio: is 0; it must be above 0, and 1 at most | what nothing suffers can be taken out"),
    ("ratio_as_a_percentage", "ratio = 0.02", "ratio = 2", 32, "is 2; it must be above 0, and 1 at most"),
    ("ratio_in_quotes", ERRORS, 'errors = [{ ratio = 0.1 }, { ratio = "2%" }]', 23, 'dependencies.calendar.errors[1].ratio: expected a number, found "2%"'),
    ("more_than_all", ERRORS, "errors = [{ ratio = 0.6 }, { ratio = 0.5 }]", 23, "dependencies.calendar.errors: are shares of 1.1 in all; no more than all requests, 1, can fail"),
    ("error_that_is_none", ERRORS, "errors = { status = 200, ratio = 0.01 }", 23, "dependencies.calendar.errors.status: is 200; it must be from 400 to 599"),
    ("half_seconds", 'retry_after = "2s"', 'retry_after = "500ms"', 33, "dependencies.mail.errors.retry_after: must be whole seconds, as the header has them"),
    ("errors_of_another_type", ERRORS, "errors = 0.01", 23, "dependencies.calendar.errors: expected a list, found the number 0.01"),
    ("an_error_of_another_type", ERRORS, "errors = [503]", 23, "dependencies.calendar.errors[0]: expected a table, found the number 503"),
    ("no_attempts", "attempts = 3", "attempts = 0", 24, "dependencies.calendar.policy.attempts: is 0; it must be 1 or more"),
    ("no_gap", 'gap = "100ms"', 'gap = "0s"', 24, "dependencies.calendar.policy.gap: must be longer than 0s"),
    ("policy_of_nothing", POLICY, "policy = {}", 24, 'dependencies.calendar.policy: says nothing | write policy = { attempts = 3, gap = "100ms" }'),
    ("listening_elsewhere", '"127.0.0.1:8810"', '"0.0.0.0:8810"', 36, 'dependencies.pay.listen: "0.0.0.0:8810" can be reached from other machines, and the plan does not expose it'),
    ("port_of_another", '"127.0.0.1:8811"', '"127.0.0.1:8810"', 44, "proxies.db.listen: the dependency pay listens there already | choose another port"),
    ("log_of_another_kind", '"calendar.jsonl"', '".profile"', 25, 'dependencies.calendar.log: ".profile" does not end in .jsonl or .log, as logs do | write log = "calendar.jsonl"'),
    ("log_elsewhere", '"calendar.jsonl"', '"/tmp/calendar.jsonl"', 25, 'dependencies.calendar.log: "/tmp/calendar.jsonl" is not a file below the folder where wedload is started | write log = "calendar.jsonl"'),
    ("log_above", '"calendar.jsonl"', '"../calendar.jsonl"', 25, "is not a file below the folder where wedload is started"),
    ("log_of_another", PAY, f'{PAY}\nlog = "./calendar.jsonl"', 36, 'dependencies.pay.log: the dependency calendar is written there already | write log = "pay.jsonl"'),
    ("called_as_the_sandbox", "[proxies.db]", '[dependencies."sandbox.api"]\nsimulate = "email"\n[proxies.db]', 42, 'dependencies."sandbox.api": "sandbox.api" means the embedded sandbox; nothing else can be called so'),
    ("operation_of_a_variable", OPERATION, 'operation = "jsn.id"', 29, "dependencies.mail.operation: reads `jsn`, and `operation` can read the request alone | did you mean json?"),
    ("operation_of_the_environment", OPERATION, "operation = \"json.id + env.WEDLOAD_A\"", 29, "dependencies.mail.operation: reads `env.WEDLOAD_A`, and `operation` can read the request alone | json is what the request says"),
    ("operation_of_a_status", OPERATION, 'operation = "status"', 29, "dependencies.mail.operation: reads `status`, which is not there of a request | there is: body, headers, json, text"),
    ("operation_of_nothing", OPERATION, "operation = \"'a'\"", 29, "dependencies.mail.operation: reads nothing of the request: all of them would be one operation"),
    ("operation_that_is_a_duration", OPERATION, 'operation = "duration"', 29, "`duration` is a duration, which only expressions know"),
    ("operation_that_is_no_expression", OPERATION, 'operation = "json."', 29, "dependencies.mail.operation: 'json.' is not an expression"),
    ("method_misspelt", ROUTE, 'http = "PST /v1/charges"', 38, "dependencies.pay.routes[0].http: 'PST /v1/charges' does not start with a method; did you mean POST?"),
    ("route_missing", f"{ROUTE}\n", "", 37, 'dependencies.pay.routes[0]: `http` is missing | write http = "POST /v1/charges"'),
    ("route_elsewhere", ROUTE, 'http = "POST http://pay.example/v1"', 38, '"http://pay.example/v1" is not a path | write http = "POST /v1/charges/*"; * stands for one segment'),
    ("route_with_a_query", ROUTE, 'http = "GET /v1?a=1"', 38, '"/v1?a=1" has a query, and a path alone says what it is'),
    ("route_of_a_template", ROUTE, 'http = "GET /v1/${json.id}"', 38, "is a template, and the endpoints of a service do not change"),
    ("star_in_a_segment", ROUTE, 'http = "GET /v1/a*"', 38, '"/v1/a*" has a * within a segment'),
    ("route_given_twice", "[proxies.db]", f"[[dependencies.pay.routes]]\n{ROUTE}\n[proxies.db]", 43, "dependencies.pay.routes[1].http: POST /v1/charges/* is answered by the route of line 37 already"),
    ("route_with_a_status_that_is_none", "status = 201", "status = 100", 39, "dependencies.pay.routes[0].status: is 100; it must be from 200 to 599"),
    ("body_of_nothing", "status = 201", "status = 204", 40, "dependencies.pay.routes[0].json: an answer with 204 has no body"),
    ("answer_of_a_variable", "${json.amount}", "${amount}", 40, "dependencies.pay.routes[0].json.amount: reads `amount`, and an answer can read the request alone"),
    ("answer_of_a_user", "${json.amount}", "${vu}", 40, "reads `vu`, and an answer can read the request alone"),
    ("answer_of_made_up_data", "${json.amount}", "${synthetic.name()}", 40, "reads `synthetic`, and an answer can read the request alone"),
    ("answer_of_a_file", "${json.amount}", "${data.a.b}", 40, "reads `data.a`, and an answer can read the request alone"),
    ("answer_of_an_address", "${json.amount}", "${dependencies.mail.url}", 40, "reads `dependencies.mail`, and an answer can read the request alone"),
    ("answer_of_a_status", "${json.amount}", "${status}", 40, "dependencies.pay.routes[0].json.amount: reads `status`, which is not there of a request"),
    ("header_of_cookies", JSON, "headers = { A = '${cookies.a}' }", 40, "dependencies.pay.routes[0].headers.A: reads `cookies`, which is not there of a request"),
    ("not_a_table", POLICY, "policy = 3", 24, "dependencies.calendar.policy: expected a table, found the number 3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert WITH_THIRD_PARTIES.count(old) == 1

    (problem,) = problems(WITH_THIRD_PARTIES.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem
    assert "pydantic" not in problem


def test_one_mistake_hides_no_other(problems):
    text = WITH_THIRD_PARTIES.replace(f"{CALENDAR}\n", "").replace("ratio = 0.02\n", "")
    text = text.replace("attempts = 3", "attempts = 0").replace("status = 201", "status = 600")

    found = problems(text)

    assert sorted(problem.partition(" | ")[0] for problem in found) == [
        "plan.toml:17: dependencies.calendar: `simulate` is missing",
        "plan.toml:23: dependencies.calendar.policy.attempts: is 0; it must be 1 or more",
        "plan.toml:29: dependencies.mail.errors: `ratio` is missing",
        "plan.toml:37: dependencies.pay.routes[0].status: is 600; it must be from 200 to 599",
    ]


@pytest.mark.parametrize(
    ("written", "ratios"),
    [
        ("errors = { ratio = 0.25 }", [0.25]),
        ("errors = [{ ratio = 0.25 }]", [0.25]),
        ("errors = [{ ratio = 0.5 }, { ratio = 0.5, status = 500 }]", [0.5, 0.5]),
        ("errors = []", []),
    ],
)
def test_errors_are_one_table_or_a_list_of_them(load, written, ratios):
    plan = load(WITH_THIRD_PARTIES.replace(ERRORS, written)).plan

    assert [one.ratio for one in plan.dependencies["calendar"].errors] == ratios


@pytest.mark.parametrize("expression", ["json.id", "text", "headers['idempotency-key']"])
def test_an_operation_is_what_a_request_says(load, expression):
    plan = load(WITH_THIRD_PARTIES.replace(OPERATION, f'operation = "{expression}"')).plan

    assert plan.dependencies["mail"].operation.source == expression


@pytest.mark.parametrize("written", ["${now()}", "${random(9)}", "${len(text)}", "a", "${body}"])
def test_an_answer_may_be_made_of_the_request_and_of_what_is_new(load, written):
    plan = load(WITH_THIRD_PARTIES.replace("${json.amount}", written)).plan

    assert plan.dependencies["pay"].routes[0].json is not None


@pytest.mark.parametrize(
    ("old", "exposed"),
    [('listen = "127.0.0.1:8810"', "0.0.0.0:8810"), ('listen = "127.0.0.1:8811"', "[::]:8811")],
)
def test_what_is_exposed_may_listen_where_others_reach_it(load, old, exposed):
    new = f'listen = "{exposed}"\nexpose = true'

    plan = load(WITH_THIRD_PARTIES.replace(old, new)).plan

    (found,) = (one for one in (*plan.dependencies.values(), *plan.proxies.values()) if one.expose)
    assert found.listen == exposed


def test_a_name_is_no_place_to_listen_though_it_is_exposed(problems):
    new = '"here.test:8810"\nexpose = true'

    (problem,) = problems(WITH_THIRD_PARTIES.replace('"127.0.0.1:8810"', new))

    assert '"here.test:8810" is not an address on this machine' in problem
