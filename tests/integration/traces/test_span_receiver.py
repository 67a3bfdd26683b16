"""The receiver of spans on a real socket: OpenTelemetry's own exporter, and worse senders."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import socket

import pytest
from aiohttp import ClientSession
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace import set_span_in_context as within

from tests.helpers.spans import span
from wedload.clock import MonotonicClock
from wedload.fleet import span_receiver
from wedload.fleet.span_receiver import PATH, SpanReceiver
from wedload.traces.held import HeldTraces
from wedload.traces.span import Received
from wedload.workload.trace_ids import TraceMark, run_tag, sender_of, trace_id

TAG = run_tag("a run")
PROTOBUF, JSON = ({"Content-Type": f"application/{kind}"} for kind in ("x-protobuf", "json"))
ZIPPED = {"Content-Encoding": "gzip"}
#: the head of a request whose body does not come
UNFINISHED = (
    f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Content-Length: 99\r\n\r\n{"
).encode()


def an_id(number: int = 1) -> bytes:
    return trace_id(TAG, TraceMark(1, 2, 3, 0, number))


class Receiving:
    def __init__(self, most: int) -> None:
        self.held = HeldTraces(TAG, most)
        self.receiver = SpanReceiver(self.held, MonotonicClock().now_ns)
        self.url = ""

    async def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        await self.receiver.listen(listener)

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict, bytes]:
        async with (
            ClientSession() as session,
            session.post(self.url, data=io.BytesIO(body), headers=headers) as answer,
        ):
            return answer.status, dict(answer.headers), await answer.read()


@pytest.fixture
async def receiving():
    opened: list[Receiving] = []

    async def receive(most: int = 1_000) -> Receiving:
        opened.append(Receiving(most))
        await opened[-1].open()
        return opened[-1]

    yield receive
    for one in opened:
        await one.receiver.close()


def export(url: str, number: int, compression: Compression) -> None:
    """A request's span with a query in it, by the SDK; as no service does it, but in one thread."""
    provider = TracerProvider(resource=Resource({"service.name": "shop"}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=url, compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    given = an_id(number)
    sender = SpanContext(
        int.from_bytes(given, "big"), int.from_bytes(sender_of(given), "big"), True,
        TraceFlags(TraceFlags.SAMPLED),
    )  # fmt: skip
    tracer = provider.get_tracer("test")
    root = tracer.start_span(
        "GET /", within(NonRecordingSpan(sender)), SpanKind.SERVER, start_time=0
    )
    asks = {"db.system.name": "postgresql"}
    query = tracer.start_span("SELECT", within(root), SpanKind.CLIENT, asks, start_time=10)
    query.end(70)
    root.end(100)
    provider.shutdown()


@pytest.mark.parametrize(
    "compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate]
)
async def test_what_the_sdk_exports_is_taken(receiving, compression):
    one = await receiving()
    await asyncio.to_thread(export, one.url, 1, compression)
    one.held.finish()
    assert (one.held.account.traces, one.held.account.spans) == (1, 2)
    found = {
        (key.service, key.operation): total.self_ns
        for key, total in one.held.totals.operations.items()
    }
    assert found == {("shop", "GET /"): 40, ("postgresql", "SELECT"): 60}
    assert one.receiver.exports == 2  # each span as it ends


def json_request(number: int, spans: int = 1) -> bytes:
    given = an_id(number)
    made = [
        {
            "traceId": given.hex(), "spanId": f"{own + 1:016x}",
            "parentSpanId": sender_of(given).hex() if own == 0 else f"{1:016x}",
            "name": "GET /", "kind": 2, "startTimeUnixNano": "5", "endTimeUnixNano": "25",
        }
        for own in range(spans)
    ]  # fmt: skip
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": made}]}]}).encode()


@pytest.mark.parametrize("zipped", [False, True])
async def test_json_is_taken_too_plain_and_zipped(receiving, zipped):
    one = await receiving()
    body = json_request(1)
    more = ZIPPED if zipped else {}
    status, headers, answer = await one.post(gzip.compress(body) if zipped else body, JSON | more)
    assert (status, headers["Content-Type"], answer) == (200, "application/json", b"{}")
    assert one.held.held == 1


async def test_spans_without_room_are_a_partial_success_and_then_senders_are_to_come_back(
    receiving,
):
    one = await receiving(most=3)
    status, _, answer = await one.post(json_request(1, spans=5), JSON)
    assert status == 200
    assert json.loads(answer)["partialSuccess"]["rejectedSpans"] == "2"
    status, headers, answer = await one.post(b"\n\x05whatever", PROTOBUF)
    assert (status, headers["Retry-After"]) == (503, "1")
    assert "no room" in Status.FromString(answer).message
    assert (one.held.account.refused, one.receiver.turned_away) == (2, 1)
    one.held.finish()  # and there is room again
    assert (await one.post(json_request(2), JSON))[0] == 200


async def test_the_sdk_comes_back_when_it_is_told_to(receiving):
    one = await receiving(most=3)
    one.held.add([Received(an_id(9), span(own, None, 0, 1)) for own in range(1, 4)], 0)
    exporting = asyncio.create_task(
        asyncio.to_thread(export, one.url, 1, Compression.NoCompression)
    )
    while not one.receiver.turned_away:
        await asyncio.sleep(0.005)
    one.held.finish()
    await exporting
    assert one.held.held == 2


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"nonsense", JSON, 400),
        (b"[]", JSON, 400),
        (b"\x0a\x05", PROTOBUF, 400),
        (b"not gzip", PROTOBUF | ZIPPED, 400),
        (b"", PROTOBUF, 200),
        (b"x", PROTOBUF | {"Content-Encoding": "rot13"}, 400),
        (b"<xml/>", {"Content-Type": "text/xml"}, 415),
        (bytes(span_receiver.MOST_BODY + 1), PROTOBUF, 413),
        (gzip.compress(bytes(span_receiver.MOST_DECODED + 1)), PROTOBUF | ZIPPED, 413),
    ],
    ids=["text", "list", "cut off", "no gzip", "empty", "coding", "type", "large", "bomb"],
)  # fmt: skip
async def test_what_is_no_export_is_refused_and_the_next_one_is_taken(
    receiving, body, headers, status
):
    one = await receiving()
    assert (await one.post(body, headers))[0] == status
    assert one.receiver.not_understood == (status != 200)
    assert (await one.post(json_request(1), JSON))[0] == 200


async def test_a_sender_that_does_not_finish_keeps_no_other_out_for_long(receiving, monkeypatch):
    monkeypatch.setattr(span_receiver, "READ_S", 0.05)
    one = await receiving()
    host, port = one.url.split("/")[2].split(":")
    slow = [
        await asyncio.open_connection(host, int(port)) for _ in range(span_receiver.MOST_AT_ONCE)
    ]
    for reader, writer in slow:
        writer.write(UNFINISHED)
        assert b" 408 " in await reader.readline()
        writer.close()
    assert (await one.post(json_request(1), JSON))[0] == 200


async def test_malformed_spans_are_told_to_their_sender(receiving):
    one = await receiving()
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"short", span_id=b"x")
    status, _, answer = await one.post(request.SerializeToString(), PROTOBUF)
    said = ExportTraceServiceResponse.FromString(answer).partial_success
    assert (status, said.rejected_spans, one.held.account.malformed) == (200, 1, 1)
    assert "id or times" in said.error_message
