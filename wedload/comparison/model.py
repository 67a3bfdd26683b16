"""What a comparison says (`wedload.comparison/1`), as types: the source of its JSON Schema.

Durations are ms, shares are ratios from 0 to 1, throughput is per second, as each `unit` says. A
`change` is current / base - 1, but for shares current - base.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - pydantic looks it up for the schema
from typing import Final, Literal

from wedload.plan.measure import Unit
from wedload.plan.metric import Direction  # noqa: TC001 - a dataclass' field

SCHEMA: Final = "wedload.comparison/1"

Outcome = Literal["regression", "no-regression", "inconclusive"]
RowOutcome = Literal["regression", "no-regression", "inconclusive", "not-decided"]
RowUnit = Unit
Method = Literal["blocks", "ranks", "points"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a comparison."""

    margin: float = 0.05  # by what share durations may grow, and throughput may fall
    floor_ms: float = 1.0  # durations may grow by so much, whatever the share
    share_margin: float = 0.005  # by how much failing shares may grow; 0.005: half a point
    seed: int = 1  # of the resampling


@dataclass(frozen=True, slots=True)
class RunOf:
    """A run that takes part."""

    id: str
    file: str
    started_at: datetime | None
    duration_s: float | None
    version: str | None
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class SideOf:
    """One of the two sides."""

    label: str
    plan: str | None
    target: str | None
    runs: list[RunOf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was compared."""

    name: str  # "submit form p95"
    benchmark: str | None = None  # the row of the benchmark table, if it is one
    metric: str
    where: dict[str, str]
    aggregation: str
    unit: RowUnit
    worse: Direction  # which way is worse
    outcome: RowOutcome = "not-decided"
    improved: bool = False  # better by more than the margin, as surely as a regression is one
    base: float | None = None
    current: float | None = None
    change: float | None = None
    interval: tuple[float, float] | None = None  # of the change
    at_least: float | None = None  # the change is more than this, where no more can be said
    margin: float | None = None  # change for the worse that is let pass, > 0
    level: float | None = None  # confidence of the interval's better end; of the other: 0.95
    p: float | None = None  # of so large a change if it were the margin
    base_samples: int | None = None
    current_samples: int | None = None
    blocks: int | None = None  # of seconds, of the side with fewer
    block_s: int | None = None
    needed_s: float | None = None  # how long runs would have to be to decide; None: no use
    holds: bool = True  # undecided, it makes the comparison inconclusive
    reason: str | None = None  # why it is not decided
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides compared."""

    schema: Literal["wedload.comparison/1"] = SCHEMA
    outcome: Outcome
    comparable: bool
    method: Method
    headline: str
    base: SideOf
    current: SideOf
    settings: Settings
    reasons: list[str] = field(default_factory=list)  # why it is inconclusive
    notes: list[str] = field(default_factory=list)  # what differs besides, what to bear in mind
    rows: list[Row] = field(default_factory=list)
    details: list[Row] = field(default_factory=list)  # for information; nothing is decided by them
