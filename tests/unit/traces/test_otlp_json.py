from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.traces.otlp_json import answer, decode, problem
from wedload.traces.span import NotUnderstoodError

SPAN = {
    "traceId": "5B8EFFF798038103D269B633813FC60C",
    "spanId": "eee19b7ec3c1b174",
    "parentSpanId": "eee19b7ec3c1b173",
    "name": "SELECT",
    "kind": 3,
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": 1544712661000000000,
    "status": {"code": 2},
    "attributes": [
        {"key": "server.address", "value": {"stringValue": "db.internal"}},
        {"key": "peer.service", "value": {"stringValue": "bookings"}},
        {"key": "rows", "value": {"intValue": "3"}},
    ],
    "unknown": [1],
}


def body(*spans, service="api"):
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return orjson.dumps(
        {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}
    )


def test_a_span_is_read_with_ids_in_hex_and_numbers_as_texts():
    (received,) = decode(body(SPAN)).spans
    assert received.trace_id.hex() == "5b8efff798038103d269b633813fc60c"
    span = received.span
    assert (span.span_id.hex(), span.parent_id.hex()) == ("eee19b7ec3c1b174", "eee19b7ec3c1b173")
    assert (span.service, span.operation, span.kind) == ("api", "SELECT", 3)
    assert span.end_ns - span.begin_ns == 1_000_000_000
    assert (span.failed, span.peer) == (True, "bookings")


@pytest.mark.parametrize(
    "change",
    [
        {"traceId": "xyz"}, {"traceId": 3}, {"spanId": None}, {"startTimeUnixNano": "soon"},
        {"endTimeUnixNano": 1e400}, {"endTimeUnixNano": "9" * 5_000}, {"kind": True},
        {"startTimeUnixNano": -1}, {"status": {"code": []}},
    ],
)  # fmt: skip
def test_a_span_that_is_none_is_counted_and_the_others_are_taken(change):
    change = {key: "inf" if value == 1e400 else value for key, value in change.items()}
    found = decode(body({**SPAN, **change}, SPAN))
    assert (len(found.spans), found.malformed) == (1, 1)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"", b"\x0a\x05", b"[]", b"3", b'{"resourceSpans": {}}', b'{"resourceSpans": [3]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [[]]}]}]}',
        b'{"resourceSpans": [{"resource": []}]}',
    ],
)  # fmt: skip
def test_what_is_no_export_request_is_refused_as_a_whole(nonsense):
    with pytest.raises(NotUnderstoodError):
        decode(nonsense)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(
                ["resourceSpans", "scopeSpans", "spans", "attributes", "key", "value", "status"]
            ), inner, max_size=4,
        ),
    )
)  # fmt: skip
def test_anything_is_spans_or_not_understood(value):
    with suppress(NotUnderstoodError):
        decode(orjson.dumps(value))


def test_an_answer_says_what_was_not_taken():
    assert orjson.loads(answer(0, "")) == {}
    assert orjson.loads(answer(3, "full")) == {
        "partialSuccess": {"rejectedSpans": "3", "errorMessage": "full"}
    }
    assert orjson.loads(problem("why"))["message"] == "why"
