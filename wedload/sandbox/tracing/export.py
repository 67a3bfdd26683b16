"""Spans as OpenTelemetry's own SDK makes and sends them: OTLP over HTTP, from a thread of its own.

An optional dependency, so this module is imported only where spans are asked for. A request is
traced if its caller wants it to be: by `traceparent` with the flag for sampled. What cannot be sent
in time is dropped and counted; no request ever waits for it.

Sources: https://www.w3.org/TR/trace-context/, https://opentelemetry.io/docs/specs/otlp/ and
https://opentelemetry.io/docs/specs/semconv/ (names of attributes).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

import requests
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .scope import now_ns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan

    from .scope import Happened, Kind, Scope

SERVICE: Final = "sandbox"
MOST_WAITING: Final = 20_000  # spans; some 30 MB
MOST_AT_ONCE: Final = 512
EVERY_MS: Final = 200.0  # whoever asked for the trace is to have it soon
_TIMEOUT_S: Final = 5.0
_CLOSE_S: Final = 1.0
_KINDS: Final[Mapping[Kind, SpanKind]] = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT}
_DATABASES: Final = frozenset({"postgresql", "sqlite"})
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class Tracing:
    """Makes spans of what it is told, and sends them."""

    def __init__(self, url: str) -> None:
        """`url` is where spans are posted to."""
        # It would say of each batch that it could not be sent; that is counted.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        session = requests.Session()
        session.trust_env = False  # the environment's proxy is not for this machine
        session.max_redirects = 0  # nor does the sandbox go anywhere else
        self._sender = _Counting(
            OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT_S, session=session)
        )
        self._provider = TracerProvider(
            sampler=ParentBased(ALWAYS_OFF),
            resource=Resource.create({"service.name": SERVICE}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._sender,
                max_queue_size=MOST_WAITING,
                schedule_delay_millis=EVERY_MS,
                max_export_batch_size=MOST_AT_ONCE,
            )
        )
        self._tracer = self._provider.get_tracer("wedload.sandbox")

    def of_request(self, headers: Mapping[str, str], method: str, route: str) -> Request | None:
        """The span of a request that begins now; None: its caller wants none."""
        traceparent = headers.get("traceparent")
        if traceparent is None:
            return None
        sent = {"traceparent": traceparent, "tracestate": headers.get("tracestate", "")}
        context = _PROPAGATOR.extract(sent)
        if not trace.get_current_span(context).get_span_context().trace_flags.sampled:
            return None
        span = self._tracer.start_span(
            f"{method} {route}",
            context,
            SpanKind.SERVER,
            {"http.request.method": method, "http.route": route},
            start_time=now_ns(),
        )
        return Request(self._tracer, span, self._sender)

    def counts(self) -> dict[str, int]:
        """Spans that ended, those that were taken, and those that were refused, since the start.

        What is in none of the two waits, or was dropped as too many waited.
        """
        return {"ended": self._sender.ended, "sent": self._sender.sent, "lost": self._sender.lost}

    async def close(self) -> None:
        """Send what waits, if it can be sent soon."""
        loop, closed = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # the loop has closed meanwhile
                loop.call_soon_threadsafe(closed.set)

        # A daemon, which holds up no end: a receiver may hang.
        Thread(target=shut_down, name="spans", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await closed.wait()


class _Part:
    """A span with its children."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span, sender: _Counting) -> None:
        self.over = False
        self._tracer = tracer
        self._span = span
        self._sender = sender
        self._within: Context = trace.set_span_in_context(span)

    @property
    def traceparent(self) -> str:
        """See the port."""
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def add(self, happened: Happened) -> None:
        """See the port."""
        span = self._tracer.start_span(
            happened.name,
            self._within,
            _KINDS[happened.kind],
            _attributes(happened.name, happened.peer),
            start_time=happened.begin_ns,
        )
        if happened.error is not None:
            _fail(span, happened.error)
        span.end(happened.end_ns)
        self._sender.ended += 1

    def ask(self, name: str, peer: str) -> _Part:
        """See the port."""
        return self._begin(name, SpanKind.CLIENT, _attributes(name, peer), ())

    def follow(self, name: str, others: Sequence[Scope] = ()) -> _Part:
        """See the port."""
        links = [Link(one.span_context) for one in others if isinstance(one, _Part)]
        return self._begin(name, SpanKind.CONSUMER, {}, links)

    @property
    def span_context(self) -> trace.SpanContext:
        """What a link to it is made of."""
        return self._span.get_span_context()

    def end(self, error: str | None = None) -> None:
        """See the port."""
        if error is not None:
            _fail(self._span, error)
        self.over = True
        self._span.end(now_ns())
        self._sender.ended += 1

    def _begin(
        self, name: str, kind: SpanKind, attributes: Mapping[str, str], links: Sequence[Link]
    ) -> _Part:
        span = self._tracer.start_span(
            name, self._within, kind, attributes, links=links, start_time=now_ns()
        )
        return _Part(self._tracer, span, self._sender)


class Request(_Part):
    """A request that is traced."""

    def answered(self, status: int) -> None:
        """It is over, with this answer; an error of the server's is one of the span's."""
        self._span.set_attribute("http.response.status_code", status)
        self.end(str(status) if status >= 500 else None)


def _attributes(name: str, peer: str | None) -> dict[str, str]:
    if peer is None:
        return {}
    if peer in _DATABASES:
        return {"peer.service": peer, "db.system.name": peer, "db.query.summary": name}
    return {"peer.service": peer}


def _fail(span: trace.Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR, error))


class _Counting(SpanExporter):
    """Sends by another one, and counts."""

    def __init__(self, by: SpanExporter) -> None:
        self._by = by
        self.ended = 0
        self.sent = 0
        self.lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """On the SDK's thread."""
        result = self._by.export(spans)
        if result is SpanExportResult.SUCCESS:
            self.sent += len(spans)
        else:
            self.lost += len(spans)
        return result

    def shutdown(self) -> None:
        """Send nothing more."""
        self._by.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return self._by.force_flush(timeout_millis)
