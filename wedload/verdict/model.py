"""Verdicts, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.goodput import FaultEffect

RowStatus = Literal["met", "missed", "no-data", "insufficient"]
Outcome = Literal["pass", "fail", "invalid"]


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark, judged."""

    name: str
    requirement: Requirement
    status: RowStatus
    observed: float | None  # in the requirement's unit; None without data
    samples: int
    needed: int  # samples that the aggregation needs to mean anything
    margin: float | None  # how far on the good side, as a share of the threshold; negative: missed
    bound: float | None = None  # rates: the 95 % Clopper-Pearson bound on the bad side
    reason: str | None = None  # one sentence with its remedy, for a row that is not met
    at_s: int | None = None  # rows with a window: when the worst one ended, s of the load


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that makes a run's numbers untrustworthy, fails it, or is worth a warning."""

    kind: str  # generator-cpu, generator-lag, load-not-reached, ended-early, worker-lost …
    message: str  # one sentence with its remedy
    invalidates: bool = True
    fails: bool = False  # whatever the rows say: the numbers are right, but something else is not


@dataclass(frozen=True, slots=True)
class Abort:
    """A row with `abort` ended the load: the row as it stood, and when that was."""

    row: Row
    after_s: int  # seconds of load that were over


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run decides."""

    outcome: Outcome
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = field(default=())  # a sentence for each row and finding that matters
    faults: tuple[FaultEffect, ...] = ()  # what came of each fault
