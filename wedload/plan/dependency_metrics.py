"""Metrics of simulated third parties, and of how a platform fares while something is broken.

Those of third parties are recorded with the dependency alone, in the phase in which the operation
began, as far as faults make it up. Definitions are in docs/metrics.md.
"""

from __future__ import annotations

from typing import Final

from wedload.plan.metric import Metric

DEPENDENCY: Final = (
    Metric(
        "dependency_requests", "counter", "attempts seen at a third party, by outcome",
        by_second=True,
    ),
    Metric(
        "dependency_failed", "rate", "attempts that were not answered as they asked / attempts",
        counted="dependency_requests",
    ),
    Metric(
        "dependency_duration", "trend", "request read until its answer was handed to the socket",
        by_second=True,
    ),
    Metric(
        "dependency_operations", "counter",
        "operations seen at a third party, by outcome: ok, failed",
    ),
    Metric(
        "operation_attempts", "trend", "attempts of an operation at a third party", of="number"
    ),
    Metric("retry_amplification", "value", "attempts / operations", of="factor"),
    Metric("operation_duration", "trend", "first attempt until the end of the last"),
    Metric("retry_gap", "trend", "end of an attempt until the next one of its operation"),
    Metric(
        "retry_policy_kept", "rate", "operations retried as their policy says / operations",
        better="higher", counted="retry_policies", yes="ok",
    ),
    Metric(
        "retry_after_kept", "rate",
        "attempts told Retry-After and not followed by an earlier one / attempts told",
        better="higher", counted="retry_afters", yes="ok",
    ),
    Metric(
        "quota_breaches", "counter", "attempts refused as they were over a quota",
        among="dependency_requests",
    ),
    Metric(
        "dependency_duplicates", "counter", "operations carried out more than once",
        among="dependency_requests",
    ),
)  # fmt: skip

FAULTS: Final = (
    Metric(
        "goodput", "value",
        "iterations that fared well, to how many were to be expected from before the fault",
        better="higher", of="ratio",
    ),
    Metric("time_to_recover", "value", "end of a fault until goodput is back", of="duration"),
)  # fmt: skip
OF_FAULTS: Final = frozenset(one.name for one in FAULTS)
