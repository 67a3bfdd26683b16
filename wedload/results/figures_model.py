"""The figures in a result file, as types (see wedload.results.model)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from wedload.results.part import Count, Part, Share

#: percentile, as rows ask for it -> the figure of a trend that holds it
PERCENTILES: Final = {"p50": "med", "p90": "p90", "p95": "p95", "p99": "p99", "p99.9": "p99_9"}


class TrendFigures(Part):
    """Figures of a trend, of durations or of numbers; null: too few samples to say."""

    unit: Literal["ms", "number"]
    count: Count
    min: float | None = None
    avg: float | None = None
    med: float | None = None
    p90: float | None = None
    p95: float | None = None
    p99: float | None = None
    p99_9: float | None = None
    max: float | None = None

    def of(self, aggregation: str) -> float | None:
        """What a row's aggregation is, if it is kept here: `p99.9`, `med`, `max`, `count`."""
        field = PERCENTILES.get(aggregation, aggregation)
        return getattr(self, field) if field in _AGGREGATIONS else None


_AGGREGATIONS: Final = frozenset({"count", "min", "avg", "max", *PERCENTILES.values()})


class CounterFigures(Part):
    """Figures of a counter."""

    unit: Literal["count", "bytes"]
    count: Count
    rate: float | None = Field(description="per second of load that it is about")


class RateFigures(Part):
    """Figures of a rate."""

    unit: Literal["ratio"]
    count: Count = Field(description="of all")
    yes: Count
    rate: Share


class FactorFigures(Part):
    """Figures of a value that is 1 where nothing is multiplied."""

    unit: Literal["factor"]
    count: Count = Field(description="what it is a mean of")
    value: float


Figures = Annotated[
    TrendFigures | CounterFigures | RateFigures | FactorFigures, Field(discriminator="unit")
]
Metrics = dict[str, Figures]
