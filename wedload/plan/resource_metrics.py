"""Metrics of resources that are sampled beside the load: exact levels, one a second.

A quantity is what is sampled of a resource, `cpu`; its metric is `resource_cpu`. The figure of a
Prometheus query has no name of its own and is `resource`. Definitions are in docs/resources.md.
"""

from __future__ import annotations

from typing import Final, Literal

from wedload.plan.metric import Metric

ResourceKind = Literal["machine", "process", "cgroup", "postgres", "prometheus"]

#: the quantity of a Prometheus query
VALUE: Final = "value"
_PROCESSES: Final = ("machine", "process", "cgroup")

#: metric -> the kinds of resources that it can be sampled of, and the quantity
_TABLE: Final[dict[Metric, tuple[ResourceKind, ...]]] = {
    Metric(
        "resource", "gauge", "what a Prometheus query answers", of="number"
    ): ("prometheus",),
    Metric(
        "resource_cpu", "gauge", "CPU time / time: 100% is one core", of="ratio"
    ): _PROCESSES,
    Metric(
        "resource_cpu_share", "gauge", "the same of all cores that it may use", of="ratio"
    ): _PROCESSES,
    Metric("resource_memory", "gauge", "memory in use", of="bytes"): _PROCESSES,
    Metric("resource_load", "gauge", "runnable threads, over a minute", of="number"): ("machine",),
    Metric(
        "resource_read", "gauge", "bytes read from storage", of="bytes_per_s"
    ): _PROCESSES,
    Metric(
        "resource_written", "gauge", "bytes written to storage", of="bytes_per_s"
    ): _PROCESSES,
    Metric("resource_descriptors", "gauge", "open descriptors", of="count"): ("process",),
    Metric("resource_sockets", "gauge", "open sockets", of="count"): ("process",),
    Metric("resource_threads", "gauge", "threads", of="count"): ("process",),
    Metric("resource_processes", "gauge", "processes, children included", of="count"): (
        "process", "cgroup",
    ),
    Metric("resource_switches", "gauge", "context switches", of="per_s"): ("machine", "process"),
    Metric(
        "resource_throttled", "gauge", "time held back by its CPU quota / time", of="ratio"
    ): ("cgroup",),
    Metric("resource_connections", "gauge", "sessions of clients", of="count"): ("postgres",),
    Metric("resource_active", "gauge", "sessions that run a statement", of="count"): ("postgres",),
    Metric(
        "resource_idle_in_transaction", "gauge", "sessions with a transaction open, and idle",
        of="count",
    ): ("postgres",),
    Metric(
        "resource_waiting", "gauge", "active sessions that wait for something", of="count"
    ): ("postgres",),
    Metric("resource_waiting_lock", "gauge", "of these, for a lock", of="count"): ("postgres",),
    Metric("resource_waiting_lwlock", "gauge", "for a lock within PostgreSQL", of="count"): (
        "postgres",
    ),
    Metric("resource_waiting_io", "gauge", "for storage", of="count"): ("postgres",),
    Metric("resource_waiting_other", "gauge", "for something else", of="count"): ("postgres",),
    Metric("resource_longest_transaction", "gauge", "age of the oldest", of="duration"): (
        "postgres",
    ),
    Metric("resource_lock_waits", "gauge", "locks that are not granted", of="count"): ("postgres",),
    Metric(
        "resource_commits", "gauge", "transactions committed", better="higher", of="per_s"
    ): ("postgres",),
    Metric("resource_rollbacks", "gauge", "transactions rolled back", of="per_s"): ("postgres",),
    Metric(
        "resource_cache_hit", "gauge", "blocks found in shared buffers / blocks asked for",
        better="higher", of="ratio",
    ): ("postgres",),
}  # fmt: skip

RESOURCES: Final = tuple(_TABLE)
#: metric -> the kinds that have it
KINDS_OF: Final = {metric.name: kinds for metric, kinds in _TABLE.items()}


def quantity_of(metric: str) -> str:
    """The quantity of a metric: `cpu` of `resource_cpu`."""
    return metric.removeprefix("resource").removeprefix("_") or VALUE


def metric_of(quantity: str) -> str:
    """The metric of a quantity: `resource_cpu` of `cpu`."""
    return "resource" if quantity == VALUE else f"resource_{quantity}"
