"""`ws` steps compiled: where they connect to, with which headers, and what they send."""

from __future__ import annotations

from typing import Any

import pytest

from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_S
from wedload.workload.compiled import Driven
from wedload.workload.request import InvalidUrlError, Origin, as_http

SHOP = Origin("https", "shop.example", 443)
HEAD = """\
schema = 1
name = "small"
[variables]
a = "b c"
whole = "wss://there.example/w"
value = { n = 1 }
[targets.there]
base_url = "https://shop.example/api"
"""
KNOWN = {"a": "b c", "whole": "wss://there.example/w", "value": {"n": 1}}


@pytest.fixture
def task(step):
    """What the only step of a plan with some variables is to do."""

    def compile_task(lines: str, more: str = "") -> Any:
        compiled = step(lines, head=HEAD + more, base_url="https://shop.example/api")
        assert type(compiled) is Driven
        assert compiled.verb == "ws"
        return compiled.task

    return compile_task


def test_a_path_is_under_the_targets_base_url_with_its_headers(task, scope):
    more = (
        'headers = { X-Target = "t" }\n'
        '[identities.couple]\nheaders = { Authorization = "Bearer x" }\n'
    )
    made = task('ws = "/chat?a=${a}"\nas = "couple"\nheaders = { X-Own = "${a}" }', more)
    request = made.handshake.render(scope(**KNOWN))
    assert (request.origin, request.target) == (SHOP, b"/api/chat?a=b%20c")
    assert b"X-Own: b c\r\n" in request.headers
    assert b"X-Target: t\r\n" in request.headers
    assert (made.identity, made.own_headers) == ("couple", frozenset({"x-own"}))


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("ws://other.example/x?y=1", Origin("http", "other.example", 80), b"/x?y=1"),
        ("wss://other.example:8443/${a}", Origin("https", "other.example", 8443), b"/b%20c"),
        ("${whole}/z", Origin("https", "there.example", 443), b"/w/z"),
    ],
)
def test_a_whole_url_goes_where_it_says_without_the_targets_headers(
    task, scope, url, origin, target
):
    more = 'headers = { X-Target = "t" }\n'
    request = task(f'ws = "{url}"', more).handshake.render(scope(**KNOWN))
    assert b"X-Target" not in request.headers
    assert (request.origin, request.target) == (origin, target)


def test_a_url_that_turns_out_to_be_none_has_no_value(task, scope):
    made = task('ws = "${whole}"')
    with pytest.raises(EVALUATION_ERRORS):
        made.handshake.render(scope(whole="ftp://a.example"))


def test_what_a_step_does_not_say_is_that_of_http(task):
    made = task('ws = "/chat"')
    assert (made.within_ns, made.max_message_bytes) == (10 * NS_PER_S, 64_000_000)
    assert (made.send, made.expect, made.subprotocols, made.close) == (None, None, b"", False)
    made = task('ws = "/chat"\nclose = true', '[http]\ntimeout = "3s"\nmax_response = "1MB"\n')
    assert (made.within_ns, made.max_message_bytes, made.close) == (3 * NS_PER_S, 1_000_000, True)


@pytest.mark.parametrize(
    ("send", "sent"),
    [
        ('"text"', b"text"),
        ('"no ${a}"', b"no b c"),
        ('"${value}"', b'{"n":1}'),
        ('"$${a}"', b"${a}"),
        ("{ a = 1 }", b'{"a":1}'),
        ('{ a = "${value}", b = [true, "x"] }', b'{"a":{"n":1},"b":[true,"x"]}'),
        ("5", b"5"),
        ('""', b""),
    ],
)
def test_a_text_is_sent_as_it_is_and_anything_else_as_json(task, scope, send, sent):
    rendered = task(f'ws = "/chat"\nsend = {send}').send
    found = rendered if isinstance(rendered, bytes) else rendered(scope(**KNOWN))
    assert found == sent


def test_schemes_of_websockets_are_those_of_http_they_upgrade():
    assert as_http("WS://a.example/x") == "http://a.example/x"
    assert as_http("wss://a.example/x") == as_http("https://a.example/x")
    with pytest.raises(InvalidUrlError, match="not a ws or wss URL"):
        as_http("a.example/x")
