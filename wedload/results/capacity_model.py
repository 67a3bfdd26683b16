"""What a search for the capacity came to, in a result file, as types. Made by wedload.capacity."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wedload.results.part import Count, Part

#: "found"; "at least": no row broke, as far as could be probed; "below": rows broke at the lowest
#: rate already; "inconclusive": it cannot be said
CapacityOutcome = Literal["found", "at least", "below", "inconclusive"]


class ProbedRow(Part):
    """A row of the benchmark table in one probe."""

    name: str
    status: Literal["met", "missed", "no-data", "insufficient"]
    observed: float | None = Field(description="in the row's unit")
    samples: Count
    margin: float | None = Field(description="share of the threshold; negative: missed")


class CapacityProbe(Part):
    """A stretch at one rate; its samples are those of the stage of its name."""

    name: str
    rate_per_s: float = Field(description="iterations, of all scenarios")
    requests_per_s: float
    begin_s: float = Field(description="from when it was judged, after its warm-up")
    end_s: float
    fared: Literal["held", "broken", "limited", "unclear"]
    limit: str | None = Field(default=None, description="what else than the target was the limit")
    cut: bool = Field(default=False, description="ended early, as it was beyond doubt")
    rows: list[ProbedRow]


class Capacity(Part):
    """The highest rate at which the benchmark table holds; rates are iterations per second."""

    outcome: CapacityOutcome
    rate_per_s: float | None = Field(
        description="where the first row breaks; `at least`: the highest rate that held"
    )
    interval_95: tuple[float, float] | None = Field(
        default=None, description="of rate_per_s; null: no fit says so"
    )
    between: tuple[float, float] | None = Field(
        default=None, description="the highest rate that held, and the lowest that did not"
    )
    breaks: str | None = Field(default=None, description="the row that breaks first")
    limit: str | None = Field(
        default=None, description="what ended the search where the target did not"
    )
    requests_per_s: float | None = Field(default=None, description="that go with rate_per_s")
    best: str | None = Field(default=None, description="the probe that the table is about")
    sentence: str
    why: str | None = Field(default=None, description="why it is inconclusive, and what to do")
    probes: list[CapacityProbe]
