"""Third parties and fault proxies in a result file, as types.

What the process that plays them reports beside the metrics has a default everywhere: a report that
says less is no reason to lose a run.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from wedload.results.figures_model import Metrics  # noqa: TC001 - pydantic looks it up
from wedload.results.part import Count, Part

Simulate = Literal["google-calendar", "email", "http"]


class Answers(Part):
    """Attempts at one endpoint of a third party that were answered alike."""

    endpoint: str
    outcome: str
    status: Count = Field(default=0, description="0: with none")
    count: Count


class Dependency(Part):
    """A third party that wedload played: what the platform asked of it, and how it retried."""

    name: str
    simulate: Simulate
    url: str | None = Field(default=None, description="null: lost with its process")
    told: str | None = Field(
        default=None, description="where the platform was told that it is: a proxy before it, too"
    )
    requests: Count = Field(description="attempts that came, whatever was answered")
    outcomes: dict[str, Count] = Field(default={}, description="of attempts: outcome -> number")
    operations: Count = Field(default=0, description="what the attempts were for")
    failed_operations: Count = Field(default=0, description="none of their attempts was answered")
    amplification: float | None = Field(
        default=None, description="attempts / operations; null: there were none"
    )
    quota_breaches: Count = Field(default=0, description="attempts refused for a quota")
    duplicates: Count = Field(default=0, description="operations carried out more than once")
    policy_broken: dict[str, Count] = Field(
        default={}, description="operations not retried as they are to be: which part -> number"
    )
    endpoints: list[Answers] = Field(default=[], description="attempts, before the load, too")
    metrics: Metrics = Field(default={})
    report: dict[str, Any] | None = Field(
        default=None, description="what its process reports besides; null: lost with it"
    )


class FaultProxy(Part):
    """A proxy that faults were injected by; nulls: lost with its process."""

    name: str
    upstream: str
    listen: str | None = None
    connections: Count | None = None
    bytes_up: Count | None = Field(default=None, description="from clients to the service")
    bytes_down: Count | None = Field(default=None, description="from the service to clients")
    resets: Count | None = Field(
        default=None, description="connections that a fault, or either side, has reset"
    )
    refused: Count | None = Field(
        default=None, description="connections reset as they came: too many, or down for a share"
    )
    upstream_failures: Count | None = Field(
        default=None, description="connections whose service was not there"
    )
    by_fault: dict[str, Count] | None = Field(
        default=None, description="connections that suffered it: fault -> number"
    )
