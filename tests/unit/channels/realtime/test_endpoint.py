"""Where subscribers connect to, and what they show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.realtime import ear_context, realtime_channel
from wedload.channels.realtime.endpoint import EndpointError, Endpoints, endpoint_of
from wedload.plan.auth import Auth
from wedload.plan.expressions.template import Template
from wedload.plan.model import Target
from wedload.workload.request import Origin

BASE = "http://127.0.0.1:8080/api"
ENV = {"WEDLOAD_KEY": "key/with=signs", "WEDLOAD_OTHER": "other-secret"}


def endpoint(realtime: str = "supabase", target: Target | None = None, **said: object):
    context = ear_context(realtime_channel(realtime, **said), BASE, env=ENV, target=target)
    return endpoint_of(context, context.scope.of_subscriber(2))


@pytest.mark.parametrize(
    ("realtime", "said", "whole"),
    [
        ("supabase", {}, "http://127.0.0.1:8080/api/realtime/v1/websocket?vsn=1.0.0"),
        ("phoenix", {"vsn": "2.0.0"}, "http://127.0.0.1:8080/api/socket/websocket?vsn=2.0.0"),
        ("websocket", {}, "http://127.0.0.1:8080/api/"),
        ("sse", {"url": "/events"}, "http://127.0.0.1:8080/api/events"),
        ("websocket", {"url": "ws://localhost:1/x"}, "http://localhost:1/x"),
        ("websocket", {"url": "wss://localhost/x?a=1"}, "https://localhost/x?a=1"),
        ("sse", {"url": "https://localhost/x"}, "https://localhost/x"),
        ("phoenix", {"url": "/s?a=1"}, "http://127.0.0.1:8080/api/s?a=1&vsn=1.0.0"),
        ("phoenix", {"url": "/s?vsn=2.0.0"}, "http://127.0.0.1:8080/api/s?vsn=2.0.0"),
        (
            "supabase",
            {"url": "/rt/${vu}", "params": {"apikey": "${env.WEDLOAD_KEY}", "a b": "c&d"}},
            "http://127.0.0.1:8080/api/rt/3?apikey=key%2Fwith%3Dsigns&a+b=c%26d&vsn=1.0.0",
        ),
    ],
)
def test_the_url_is_the_channels_under_the_targets(realtime, said, whole):
    found = endpoint(realtime, **said)
    assert f"{found.origin}{found.target.decode()}" == whole


def test_without_a_url_the_params_are_in_the_query_too():
    assert endpoint(params={"apikey": "k"}).target == (
        b"/api/realtime/v1/websocket?apikey=k&vsn=1.0.0"
    )


def test_headers_of_the_target_are_shown_to_the_target_alone():
    target = Target(
        base_url=BASE,
        headers=(("X-Of-Target", Template.parse("yes")),),
        auth=Auth("bearer", token=Template.parse("${env.WEDLOAD_KEY}")),
    )
    shown = dict(endpoint(target=target, headers={"X-Own": "${vu}"}).headers)
    assert shown["x-of-target"] == "yes"
    assert shown["authorization"] == "Bearer key/with=signs"
    assert shown["x-own"] == "3"
    elsewhere = endpoint(target=target, url="ws://127.0.0.1:1/", headers={"X-Own": "1"})
    assert {name for name, _ in elsewhere.headers} == {"user-agent", "x-own"}


def test_a_connection_says_of_which_run_it_is_unless_the_channel_says_something_else():
    context = replace(
        ear_context(realtime_channel("sse", url="/events"), BASE),
        run_headers={"X-Wedload-Run": "r"},
    )
    assert dict(endpoint_of(context, context.scope).headers)["x-wedload-run"] == "r"
    said = realtime_channel("sse", url="/events", headers={"X-Wedload-Run": "mine"})
    own = replace(context, channel=said)
    assert dict(endpoint_of(own, own.scope).headers)["x-wedload-run"] == "mine"


def test_a_text_names_the_url_without_its_query():
    assert endpoint(params={"apikey": "k"}).url == (
        "http://127.0.0.1:8080/api/realtime/v1/websocket"
    )


def test_what_the_server_says_of_secrets_is_masked():
    found = endpoint(
        access_token="a-literal-token",
        headers={"Authorization": "Bearer ${env.WEDLOAD_OTHER}"},
        params={"apikey": "${env.WEDLOAD_KEY}"},
    )
    said = "a-literal-token, other-secret; key/with=signs or key%2Fwith%3Dsigns: wrong"
    assert found.redacted(said) == "[redacted], [redacted]; [redacted] or [redacted]: wrong"
    assert "secret" not in repr(found).replace("other-secret", "", 1)


def test_a_secret_in_the_path_of_a_url_is_masked_too():
    """As it is one wherever it stands."""
    found = endpoint(url="/rt/${env.WEDLOAD_OTHER}")
    assert found.url.endswith("/rt/other-secret")
    assert found.redacted(found.url).endswith("/rt/[redacted]")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"url": "ftp://x/"}, "is not a ws or wss URL"),
        ({"url": "${missing}"}, "missing"),
        ({"url": "http://user:word@localhost/"}, "credentials do not belong"),
        ({"headers": {"X-A": "${'a\\r\\nb'}"}}, "line break"),
    ],
)
def test_what_leads_nowhere_says_why(said, problem):
    with pytest.raises(EndpointError, match=problem) as raised:
        endpoint(**said)
    assert str(raised.value).startswith("channel news: ")


def test_each_subscriber_has_its_own_endpoint_and_keeps_it():
    channel = realtime_channel("websocket", url="/${vu}?t=${uuid()}")
    endpoints = Endpoints(ear_context(channel, BASE))
    assert endpoints.of(0).target.startswith(b"/api/1?")
    assert endpoints.of(1).target.startswith(b"/api/2?")
    assert endpoints.of(1) is endpoints.of(1)
    assert endpoints.of(0).origin == Origin("http", "127.0.0.1", 8080)
