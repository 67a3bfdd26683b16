"""The built-in metrics: the names that plans, results and dashboards share.

Definitions are in docs/metrics.md. Kinds: a trend is a distribution of durations, a counter counts,
a rate is a share of yes among yes and no, a gauge is a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MetricKind = Literal["trend", "counter", "rate", "gauge"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, its kind, and in one line what it says."""

    name: str
    kind: MetricKind
    meaning: str


_ALL: Final = (
    Metric("http_reqs", "counter", "requests finished, whatever the outcome; each redirect counts"),
    Metric("http_req_duration", "trend", "sending + waiting + receiving, without connecting"),
    Metric(
        "http_req_blocked", "trend", "from wanting a connection until it is there, if one was made"
    ),
    Metric("http_req_looking_up", "trend", "DNS look-up, if one was made"),
    Metric("http_req_connecting", "trend", "TCP connect, if one was made"),
    Metric("http_req_tls_handshaking", "trend", "TLS handshake, if one was made"),
    Metric("http_req_sending", "trend", "handing the request to the socket"),
    Metric("http_req_waiting", "trend", "request sent until the first byte of the response"),
    Metric("http_req_receiving", "trend", "first byte until the last byte of the response"),
    Metric("http_req_failed", "rate", "requests with an unexpected status or without a response"),
    Metric(
        "http_reconnects", "counter", "connections made again: the server had ended an idle one"
    ),
    Metric("http_retries", "counter", "requests sent again, as a step's `retry` says"),
    Metric("iterations", "counter", "workflows run to their end"),
    Metric("interrupted_iterations", "counter", "workflows cut off by a ramp-down or a stop"),
    Metric("iteration_duration", "trend", "one run of a workflow, think time included"),
    Metric("iteration_lateness", "trend", "actual start - due start, with a pace or arrival rate"),
    Metric("dropped_iterations", "counter", "due, but there was nobody free, or no time left"),
    Metric("response_time", "trend", "end - due start of a step: what a user on schedule waits"),
    Metric("workflow_duration", "trend", "one completed workflow, without its think time"),
    Metric(
        "workflow_failed", "rate", "workflows in which a request failed or a capture found nothing"
    ),
    Metric("group_duration", "trend", "one completed group, without its think time"),
    Metric("checks", "rate", "checks passed / checks evaluated"),
    Metric("vus", "gauge", "active virtual users"),
    Metric("data_sent", "counter", "bytes written to sockets"),
    Metric("data_received", "counter", "bytes read from sockets"),
    Metric("generator_cpu", "gauge", "CPU of a load process, share of one core"),
    Metric("generator_loop_lag", "trend", "how late the event loop of a load process runs"),
    Metric("generator_memory", "gauge", "resident memory of a load process, bytes"),
)

METRICS: Final[dict[str, Metric]] = {metric.name: metric for metric in _ALL}

#: metrics of the contract that this version does not measure yet
METRICS_TO_COME: Final = frozenset(
    {
        "webhook_delivery_duration", "webhook_delivered",
        "webhook_attempts", "webhook_duplicates", "webhook_out_of_order",
        "webhook_invalid_signature", "webhook_unexpected", "realtime_propagation",
        "realtime_last_subscriber", "realtime_delivered", "consistency_duration",
        "sql_query_duration", "sql_failed", "dependency_requests", "retry_amplification",
    }
)  # fmt: skip
