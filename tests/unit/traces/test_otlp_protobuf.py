from contextlib import suppress

import pytest
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from wedload.traces.otlp_protobuf import answer, decode, problem
from wedload.traces.span import CLIENT, ERROR, NotUnderstoodError


def request(*attributes: tuple[str, str]) -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    resource = made.resource_spans.add()
    name = resource.resource.attributes.add(key="service.name")
    name.value.string_value = "api"
    span = resource.scope_spans.add().spans.add(
        trace_id=b"t" * 16, span_id=b"s" * 8, parent_span_id=b"p" * 8, name="SELECT", kind=CLIENT,
        start_time_unix_nano=1_000, end_time_unix_nano=1_500,
    )  # fmt: skip
    span.status.code = ERROR
    for key, value in attributes:
        span.attributes.add(key=key).value.string_value = value
    return made


@pytest.mark.parametrize(
    ("attributes", "peer"),
    [
        ([], None),
        ([("server.address", "10.0.0.1"), ("db.system.name", "postgresql")], "postgresql"),
        ([("db.system", "sqlite"), ("db.system.name", "other")], "sqlite"),
        ([("db.system", "sqlite"), ("peer.service", "bookings")], "bookings"),
    ],
)
def test_a_span_is_read_with_whom_it_asks(attributes, peer):
    ((trace_id, span),) = decode(request(*attributes).SerializeToString()).spans
    assert (trace_id, span.span_id, span.parent_id) == (b"t" * 16, b"s" * 8, b"p" * 8)
    assert (span.service, span.operation, span.failed, span.peer) == ("api", "SELECT", True, peer)
    assert span.end_ns - span.begin_ns == 500


def test_a_span_that_is_none_is_counted():
    made = request()
    made.resource_spans[0].scope_spans[0].spans.add(trace_id=b"short", span_id=b"s" * 8)
    found = decode(made.SerializeToString())
    assert (len(found.spans), found.malformed) == (1, 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_spans_or_not_understood(body):
    with suppress(NotUnderstoodError):
        decode(body)


def test_an_answer_says_what_was_not_taken():
    assert answer(0, "") == b""
    said = ExportTraceServiceResponse.FromString(answer(3, "full")).partial_success
    assert (said.rejected_spans, said.error_message) == (3, "full")


@pytest.mark.parametrize("text", ["why", "x" * 127, "x" * 128, "é" * 900, ""])
def test_a_refusal_is_a_status_with_its_message(text):
    assert Status.FromString(problem(text)).message == text
