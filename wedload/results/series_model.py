"""The samples in a result file, as types: by second, and by stage (see wedload.results.model)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wedload.results.part import Count, Part


class SecondsOf(Part):
    """What the seconds of a series belong to."""

    metric: str
    scenario: str
    workflow: str | None = None
    step: str | None = None
    group: str | None = None
    check: str | None = None
    channel: str | None = Field(
        default=None, description="of a step that expects of it, or its own"
    )
    dependency: str | None = Field(default=None, description="a third party, whose own it is")


class CounterSeconds(SecondsOf):
    """A counter, by second."""

    count: list[Count]


class RateSeconds(SecondsOf):
    """A rate, by second: how many of how many."""

    yes: list[Count]
    total: list[Count]


class TrendSeconds(SecondsOf):
    """A trend, by second; null where nothing was sampled."""

    p50: list[float | None]
    p95: list[float | None]
    histograms: list[str | None] = Field(
        description="HdrHistogram V2 compressed, base64, ns, 2 significant digits"
    )


class Series(Part):
    """The run by second of load: the seconds, and for each of them a place in every list."""

    second: list[int]
    vus: list[int]
    counters: list[CounterSeconds]
    rates: list[RateSeconds]
    trends: list[TrendSeconds]


class EncodedHistogram(Part):
    """All samples of a step, a workflow or a third party in a phase: a stage, and faults."""

    scenario: str
    workflow: str | None
    step: str | None
    channel: str | None = None
    dependency: str | None = None
    stage: str | None
    faults: list[str] = Field(default=[], description="in force as the samples began")
    metric: str
    unit: Literal["ns"]
    count: Count
    encoded: str = Field(description="HdrHistogram V2 compressed, base64, 3 significant digits")
