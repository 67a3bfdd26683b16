import pytest

from tests.helpers.played import request_of
from wedload.plan.expressions.expression import Expression
from wedload.simulators.operation import Operations, trace_id
from wedload.simulators.service import Call

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def key_of(headers=None, body=b"", *, own="", operation=None) -> str:
    expression = None if operation is None else Expression.parse(operation)
    request = request_of("POST /", body, headers)
    return Operations(expression, {}).key_of(Call(request, "endpoint", key=own))


@pytest.mark.parametrize(
    ("headers", "own", "expected"),
    [
        ({"traceparent": PARENT, "idempotency-key": "k"}, "own", TRACE),
        ({"traceparent": "nonsense", "idempotency-key": "k"}, "own", "k"),
        ({"idempotency-key": "k"}, "own", "k"),
        ({}, "own", "own"),
        ({}, "", ""),
    ],
)
def test_a_trace_goes_before_a_key_and_a_key_before_what_the_service_has(headers, own, expected):
    assert key_of(headers, own=own) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PARENT, TRACE),
        (f" {PARENT} ", TRACE),
        (PARENT[:-2] + "00", TRACE),  # not sampled is as good
        ("cc" + PARENT[2:] + "-what-is-to-come", TRACE),
        (PARENT + "-more", ""),  # version 00 has no more
        ("ff" + PARENT[2:], ""),
        (PARENT.upper(), ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE}-{'0' * 16}-01", ""),
        (f"00-{TRACE[:-1]}-00f067aa0ba902b7-01", ""),
        ("", ""),
    ],
)
def test_only_a_valid_traceparent_names_a_trace(text, expected):
    assert trace_id(text) == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("headers['x-request-id']", "r-1"),
        ("json.order.id", "17"),
        ("regex('kind.: .([a-z]+)', text)", "big"),
        ("json.none", ""),  # it does not say
        ("json.nothing", ""),
        ("headers['x-request-id'] + '/' + json.order.kind", "r-1/big"),
    ],
)
def test_an_expression_of_the_plan_replaces_all_of_them(operation, expected):
    headers = {"traceparent": PARENT, "x-request-id": "r-1"}
    body = b'{"order": {"id": 17, "kind": "big"}, "none": null}'
    assert key_of(headers, body, own="own", operation=operation) == expected


def test_an_expression_over_what_is_no_json_says_nothing():
    assert key_of({}, b"<xml/>", operation="json.id") == ""


def test_a_long_key_is_kept_short_and_stays_itself():
    one, same, other = (key_of({"idempotency-key": text * 10_000}) for text in "aab")
    assert one == same != other
    assert len(one) <= 256
