"""`python` steps compiled: how the requests are made that their coroutines send."""

from __future__ import annotations

import pytest

from wedload.units import NS_PER_S
from wedload.workload.request import Origin

SHOP = Origin("https", "shop.example", 443)
HEAD = """\
schema = 1
name = "small"
[targets.there]
base_url = "https://shop.example/api"
headers = { X-Target = "secret" }
[http]
timeout = "7s"
headers = { X-Plan = "p" }
"""
IDENTITIES = '[identities.ann]\nheaders = { X-Who = "ann" }\n[identities.bob]\n'


@pytest.fixture
def compile_step(step):
    def compiled(lines: str = ""):
        text = f'name = "own"\npython = "flows:send"\n{lines}'
        return step(text, head=HEAD + IDENTITIES, base_url="https://shop.example/api")

    return compiled


def test_the_time_that_it_may_take_is_its_own_or_that_of_requests(compile_step):
    assert compile_step().task.timeout_ns == 7 * NS_PER_S
    assert compile_step('timeout = "1s"').task.timeout_ns == NS_PER_S


def test_a_path_is_under_the_targets_base_url_with_its_headers(compile_step, scope):
    call = compile_step().task.requests.call("GET", "/a b?c=${d}", headers={"X-Plan": "own"})
    request = call.request.render(scope())

    assert (request.origin, request.target) == (SHOP, b"/api/a%20b?c=$%7Bd%7D")
    assert b"X-Plan: own\r\n" in request.headers
    assert b"X-Target: secret\r\n" in request.headers
    assert b"X-Plan: p\r\n" not in request.headers


def test_what_the_target_is_sent_does_not_go_along_with_an_absolute_url(compile_step, scope):
    call = compile_step().task.requests.call("GET", "https://other.example:8443/x?y=1")
    request = call.request.render(scope())

    assert request.origin == Origin("https", "other.example", 8443)
    assert request.target == b"/x?y=1"
    assert b"X-Target" not in request.headers


def test_it_is_sent_as_the_steps_identity_or_another(compile_step):
    requests = compile_step('as = "ann"').task.requests

    assert requests.call("GET", "/").identity == "ann"
    assert requests.call("GET", "/", identity="bob").identity == "bob"


def test_it_counts_for_the_step_whose_checks_are_of_something_else(compile_step):
    step = compile_step('check = ["json.n == 1"]\ncapture = { n = "json.n" }')
    call = step.task.requests.call("POST", "/", json=[1])

    assert (call.name, call.series) == ("own", step.series)
    assert (call.checks, call.captures) == ((), ())
    assert call.keep_body


def test_each_check_that_it_reports_has_a_series_of_its_own(compile_step):
    step = compile_step('check = ["json.n == 1"]\nreports = ["a", "b"]')
    numbers = [*step.task.reports.values(), step.checks[0].series, step.series]

    assert list(step.task.reports) == ["a", "b"]
    assert len(set(numbers)) == 4


@pytest.mark.parametrize("name", ["X-Forwarded-For", "forwarded", "TRUE-CLIENT-IP"])
def test_an_address_of_a_client_is_only_told_by_a_plan_that_tests_limits(step, compile_step, name):
    with pytest.raises(ValueError, match=r"tells the address of a client.*rate_limits = \"probe\""):
        compile_step().task.requests.call("GET", "/", headers={name: "192.0.2.1"})

    head = HEAD.replace('timeout = "7s"', 'rate_limits = "probe"')
    probing = step(
        'name = "own"\npython = "flows:send"', head=head, base_url="https://shop.example"
    )
    assert probing.task.requests.call("GET", "/", headers={name: "192.0.2.1"})
