import pytest

from tests.helpers.played import Client
from wedload.plan.distribution import Distribution
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.fields import RequestLine
from wedload.plan.third_parties import Route
from wedload.simulators.generic_http import GenericHttp


def route(line: str, json=None, headers=(), **more) -> Route:
    return Route(
        http=RequestLine.parse(line),
        json=None if json is None else JsonTemplate.parse(json),
        headers=tuple((name, Template.parse(value)) for name, value in headers),
        **more,
    )


def client_of(*routes: Route, env=None) -> Client:
    return Client(GenericHttp(routes, env or {}))


def test_a_route_answers_with_what_the_request_has():
    client = client_of(
        route(
            "POST /v1/charges",
            {"amount": "${json.amount}", "note": "for ${json.who.name}", "list": ["${json.who}"],
             "trace": "${headers['x-trace']}", "paid": True},
            status=201,
        )
    )  # fmt: skip
    body = {"amount": 1999, "who": {"name": "Jo"}}
    assert client.ask("POST /v1/charges?x=1", body, x_trace="t") == (
        201,
        {"amount": 1999, "note": "for Jo", "list": [{"name": "Jo"}], "trace": "t", "paid": True},
    )


@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("GET /v1/charges/17", "GET /v1/charges/*"),
        ("GET /v1/charges/a%2Fb", "GET /v1/charges/*"),
        ("GET /v1/charges/latest", "GET /v1/charges/*"),  # the first that matches
        ("GET /v1/charges/17/refunds", "GET /v1/charges/*/refunds"),
        ("GET /v1/charges", "other"),
        ("POST /v1/charges/17", "other"),
        ("GET /v1/charges/17/refunds/1", "other"),
    ],
)
def test_a_star_stands_for_one_segment_and_the_first_route_wins(line, endpoint):
    client = client_of(
        route("GET /v1/charges/*"),
        route("GET /v1/charges/latest"),
        route("GET /v1/charges/*/refunds"),
    )
    call = client.call(line)
    assert (call.endpoint, call.known) == (endpoint, endpoint != "other")


@pytest.mark.parametrize(("method", "reads"), [("GET", True), ("POST", False), ("PUT", False)])
def test_the_method_of_a_route_tells_whether_it_only_reads(method, reads):
    assert client_of(route(f"{method} /a")).call(f"{method} /a").reads is reads


def test_what_has_no_route_is_not_found():
    reply = client_of(route("GET /a")).reply("GET /b")
    assert (reply.status, reply.outcome, reply.done) == (404, "wrong", False)
    assert b"no route for GET /b" in reply.body


def test_a_route_has_its_headers_and_may_have_no_body():
    client = client_of(
        route("GET /a", headers=[("X-Of", "${headers['x-a']}")], status=204),
        route("GET /b", {"a": 1}, headers=[("content-type", "application/problem+json")]),
    )
    reply = client.reply("GET /a", x_a="1")
    assert (reply.status, reply.headers, reply.body) == (204, (("X-Of", "1"),), b"")
    assert client.reply("GET /b").headers == (("content-type", "application/problem+json"),)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"a": "x\\r\\nSet-Cookie: y"}'])
def test_a_request_without_what_the_answer_reads_is_a_bad_one(body):
    client = client_of(route("POST /a", {"a": "${json.a}"}, headers=[("X-A", "${json.a}")]))
    reply = client.reply("POST /a", body)
    assert (reply.status, reply.outcome, reply.done) == (400, "wrong", False)


def test_a_route_that_answers_with_an_error_carries_nothing_out():
    reply = client_of(route("GET /a", {"e": 1}, status=422)).reply("GET /a")
    assert (reply.status, reply.outcome, reply.done) == (422, "wrong", False)


def test_a_route_has_a_latency_of_its_own():
    slow = Distribution.parse("2s")
    client = client_of(route("GET /slow", latency=slow), route("GET /fast"))
    assert client.call("GET /slow").latency == slow
    assert client.call("GET /fast").latency is None


def test_a_template_may_read_the_environment_and_draw_seeded_values():
    told = [
        client_of(route("GET /a", {"k": "${env.WEDLOAD_K}", "id": "${uuid()}"}),
                  env={"WEDLOAD_K": "v"}).ask("GET /a")[1]
        for _ in range(2)
    ]  # fmt: skip
    assert told[0]["k"] == "v"
    assert told[0] == told[1]
