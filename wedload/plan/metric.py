"""What a metric is, and those that belong to no verb of a step.

Definitions are in docs/metrics.md. Kinds: a trend is a distribution of durations, or of numbers, a
counter counts, a rate is a share of yes among yes and no, a gauge is a level, a value is one figure
that is made of others. All of them are in `wedload.plan.metric_table`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from wedload.units import NS_PER_MS

MetricKind = Literal["trend", "counter", "rate", "gauge", "value"]
Direction = Literal["higher", "lower"]
#: what the figures of a trend or a gauge, and a value, are told in
FigureUnit = Literal["ms", "number", "ratio", "count", "per_s", "bytes", "bytes_per_s"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, its kind, and in one line what it says."""

    name: str
    kind: MetricKind
    meaning: str
    better: Direction = "lower"
    in_bytes: bool = False  # counts bytes
    by_second: bool = False  # kept by second in every result, as what times and counts steps is
    counted: str = ""  # of a rate: the counter whose outcomes are its yes and no …
    yes: Literal["failed", "passed", "ok", "used"] = "failed"  # … and which of them are a yes
    yes_counter: str = ""  # … or the counter that these have of their own
    #: a rate that is claimed only with samples enough to prove it
    proven: bool = False
    #: a counter of what it may happen to: none of it where that was not seen at all is no figure
    among: str = ""
    #: what a trend, a gauge or a value is of; a factor is 1 where nothing is multiplied, and a
    #: difference, of two durations, may be below 0 (wedload.metrics.signed)
    of: Literal[
        "duration", "number", "factor", "ratio", "count", "per_s", "bytes", "bytes_per_s",
        "difference",
    ] = "duration"  # fmt: skip

    @property
    def worse(self) -> Direction:
        """Which way it gets worse, where nobody says what is demanded of it."""
        return "lower" if self.better == "higher" else "higher"

    @property
    def unit(self) -> FigureUnit:
        """What the figures of a trend or a gauge, and a value, are told in."""
        match self.of:
            case "duration" | "difference":
                return "ms"
            case "factor":
                return "number"
            case other:
                return other

    @property
    def recorded(self) -> int:
        """How much of what a trend records is one of its unit: a ms is so many ns."""
        return NS_PER_MS if self.in_time else 1

    @property
    def in_time(self) -> bool:
        """Whether what it records are ns."""
        return self.of in {"duration", "difference"}


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """What counts, judges and times the samples of a verb's steps, in tables and comparisons."""

    count: str  # a counter, by outcome
    failed: str  # the rate of those whose outcome is not "ok"
    duration: str  # a trend
    interrupted: str = ""  # a trend: the waits of those that were cut off


#: metrics of load and workflows, and those that steps of several verbs have
COMMON: Final = (
    Metric(
        "iterations", "counter", "workflows run to their end", better="higher", by_second=True
    ),
    Metric(
        "interrupted_iterations", "counter", "workflows cut off by a ramp-down or a stop",
        by_second=True,
    ),
    Metric("iteration_duration", "trend", "one run of a workflow, think time included"),
    Metric("iteration_lateness", "trend", "actual start - due start, with a pace or arrival rate"),
    Metric(
        "dropped_iterations", "counter", "due, but there was nobody free, or no time left",
        by_second=True,
    ),
    Metric("response_time", "trend", "end - due start of a step: what a user on schedule waits"),
    Metric(
        "workflow_duration", "trend", "one completed workflow, without its think time",
        by_second=True,
    ),
    Metric(
        "workflow_failed",
        "rate",
        "workflows in which a request failed or a capture found nothing",
        counted="iterations",
    ),
    Metric("group_duration", "trend", "one completed group, without its think time"),
    Metric(
        "checks", "rate", "checks passed / checks evaluated",
        better="higher", counted="checks", yes="passed",
    ),
    Metric(
        "rate_limit_wait", "trend", "how long a virtual user held back, as it was told to",
        by_second=True,
    ),
    Metric(
        "rate_limit_waits", "counter", "times a virtual user was told to wait, and obeyed",
        by_second=True,
    ),
    Metric("max_rate_wait", "trend", "how long a request waited for its turn under `max_rate`"),
    Metric("max_rate_delay", "trend", "the same of all requests of a workflow, one by one"),
    Metric("vus", "gauge", "active virtual users", of="count"),
    Metric("data_sent", "counter", "bytes written to sockets", better="higher", in_bytes=True),
    Metric("data_received", "counter", "bytes read from sockets", better="higher", in_bytes=True),
    Metric("generator_cpu", "gauge", "CPU of a load process, share of one core", of="ratio"),
    Metric("generator_loop_lag", "trend", "how late the event loop of a load process runs"),
    Metric("generator_memory", "gauge", "resident memory of a load process", of="bytes"),
)  # fmt: skip

#: metrics of the contract that this version does not measure yet
TO_COME: Final = frozenset({"consistency_duration"})
