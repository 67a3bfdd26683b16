"""A service that tells of its requests by OpenTelemetry's own SDK, with times that are known."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from collections.abc import Mapping

MS = 1_000_000
#: of each request, whatever it took: the whole of it, and the query in it
ROOT_MS, QUERY_MS = 100, 60


class TracedTarget:
    """Makes spans of requests that carry `traceparent`, and sends them where their URL says."""

    def __init__(self) -> None:
        self.traced = 0
        self._provider: TracerProvider | None = None
        self._lock = threading.Lock()

    def asked(self, target: str, headers: Mapping[str, str]) -> None:
        """A request came; `target`: its path, and where spans go to as `spans` of its query."""
        if "traceparent" not in headers:
            return
        within = TraceContextTextMapPropagator().extract(headers)
        tracer = self._of(parse_qs(urlsplit(target).query)["spans"][0]).get_tracer("test")
        self.traced += 1
        begin = 1_700_000_000_000 * MS + self.traced
        path = urlsplit(target).path
        root = tracer.start_span(f"GET {path}", within, SpanKind.SERVER, start_time=begin)
        query = tracer.start_span(
            "SELECT", set_span_in_context(root), SpanKind.CLIENT, {"db.system.name": "postgresql"},
            start_time=begin + 10 * MS,
        )  # fmt: skip
        query.end(begin + (10 + QUERY_MS) * MS)
        root.end(begin + ROOT_MS * MS)

    def close(self) -> None:
        """Send what is left, and end its thread."""
        if self._provider is not None:
            self._provider.shutdown()

    def _of(self, endpoint: str) -> TracerProvider:
        with self._lock:
            if self._provider is None:
                self._provider = TracerProvider(
                    sampler=ParentBased(ALWAYS_OFF),
                    resource=Resource({"service.name": "shop"}),
                    shutdown_on_exit=False,
                )
                exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
                self._provider.add_span_processor(
                    BatchSpanProcessor(exporter, schedule_delay_millis=100)
                )
            return self._provider
