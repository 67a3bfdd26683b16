"""A receiver of spans: OTLP over HTTP, read with OpenTelemetry's own messages."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message


@dataclass(frozen=True)
class Span:
    """One span that came."""

    trace: str
    id: str
    parent: str
    name: str
    kind: str
    begin_ns: int
    end_ns: int
    attributes: dict[str, Any]
    failed: bool
    links: list[tuple[str, str]]
    service: str

    @property
    def peer(self) -> str | None:
        """Who was asked."""
        return self.attributes.get("peer.service")

    @property
    def lasted_ms(self) -> float:
        """Its duration."""
        return (self.end_ns - self.begin_ns) / 1e6


class SpanReceiver:
    """Keeps every span; `status` is what it answers."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.posts: list[str] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet a response

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.take(self.path, body)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def take(self, path: str, body: bytes) -> None:
        """Keep what was posted."""
        self.posts.append(path)
        if self.status == 200:
            self.spans += read_spans(body)

    def of(self, trace: str, name: str | None = None) -> list[Span]:
        """Those of a trace that have come so far, in the order in which they began."""
        found = [one for one in self.spans if one.trace == trace and name in {None, one.name}]
        return sorted(found, key=lambda one: (one.begin_ns, -one.end_ns))

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def read_spans(body: bytes) -> list[Span]:
    """The spans of one export."""
    export = ExportTraceServiceRequest.FromString(body)
    return [
        _read(message, _values(of_resource.resource.attributes)["service.name"])
        for of_resource in export.resource_spans
        for of_scope in of_resource.scope_spans
        for message in of_scope.spans
    ]


def _read(message: Message, service: str) -> Span:
    return Span(
        trace=message.trace_id.hex(),
        id=message.span_id.hex(),
        parent=message.parent_span_id.hex(),
        name=message.name,
        kind=Message.SpanKind.Name(message.kind).removeprefix("SPAN_KIND_").lower(),
        begin_ns=message.start_time_unix_nano,
        end_ns=message.end_time_unix_nano,
        attributes=_values(message.attributes),
        failed=message.status.code == 2,
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in message.links],
        service=service,
    )


def _values(pairs: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in pairs}
