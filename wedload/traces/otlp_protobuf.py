"""Export requests of OTLP in protobuf: spans read, answers written. Pure.

Source: OpenTelemetry protocol 1.x, `collector/trace/v1/trace_service.proto`; OTLP/HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from wedload.traces.span import ERROR, PEERS, Decoded, NotUnderstoodError, Received, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message

CONTENT_TYPE = "application/x-protobuf"


def decode(body: bytes) -> Decoded:
    """The spans of an export request.

    Raises:
        NotUnderstoodError: it is none.
    """
    request = ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise NotUnderstoodError(f"not an ExportTraceServiceRequest in protobuf: {error}") from None
    spans: list[Received] = []
    malformed = 0
    for resource in request.resource_spans:
        service = _texts(resource.resource.attributes, ("service.name",)).get("service.name", "")
        for scope in resource.scope_spans:
            for message in scope.spans:
                span = _span(message, service)
                if span is None:
                    malformed += 1
                else:
                    spans.append(span)
    return Decoded(spans, malformed)


def _span(message: Message, service: str) -> Received | None:
    found = _texts(message.attributes, PEERS)
    return span_of(
        message.trace_id,
        message.span_id,
        message.parent_span_id,
        (service, message.name),
        (message.start_time_unix_nano, message.end_time_unix_nano),
        message.kind,
        message.status.code == ERROR,
        next((found[name] for name in PEERS if name in found), None),
    )


def _texts(attributes: Iterable[KeyValue], wanted: tuple[str, ...]) -> dict[str, str]:
    """Those of the wanted attributes that are texts."""
    return {
        one.key: one.value.string_value
        for one in attributes
        if one.key in wanted and one.value.string_value
    }


def answer(rejected: int, message: str) -> bytes:
    """What is answered to an export request; `rejected` spans of it were not taken."""
    response = ExportTraceServiceResponse()
    if rejected or message:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = message
    encoded: bytes = response.SerializeToString()
    return encoded


def problem(message: str) -> bytes:
    """A `google.rpc.Status` with a message, which a refusal has for a body: its field 2 alone."""
    text = message.encode()[:16_383]
    length = (
        bytes([len(text)]) if len(text) < 128 else bytes([len(text) & 127 | 128, len(text) >> 7])
    )
    return b"\x12" + length + text
