"""Arithmetic of the report: percentiles, medians and ratios over rounds. Pure."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.servers.truth import frozen_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and largest of some rounds."""

    median: float
    least: float
    largest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """That of these values; None if there are none."""
        return cls(statistics.median(values), min(values), max(values)) if values else None

    def text(self, show: Callable[[float], str]) -> str:
        """`median (least–largest)`; the median alone if they all read the same."""
        median, least, largest = show(self.median), show(self.least), show(self.largest)
        return median if least == largest else f"{median} ({least}–{largest})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value of rank ⌈n·share⌉ (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * share - 1e-9), 1) - 1]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99; empty if there are no values."""
    return (
        {name: percentile(values, share) for name, share in PERCENTILES.items()} if values else {}
    )


def ratios(ours: dict[int, float], theirs: dict[int, float]) -> Spread | None:
    """How many times theirs ours is: of the medians, and the extremes over rounds that both ran."""
    both = [ours[number] / theirs[number] for number in ours if theirs.get(number)]
    if not both:
        return None
    of_medians = statistics.median(ours.values()) / statistics.median(theirs.values())
    return Spread(of_medians, min(both), max(both))


def freeze_waits_ms(rule: dict[str, Any], rate_per_s: float, seconds: float) -> list[float]:
    """What users that arrive evenly wait for at a server that freezes, computed, in ms."""
    waits = []
    for index in range(round(rate_per_s * seconds)):
        at = index / rate_per_s
        thaw = frozen_until(at, rule["every_s"], rule["frozen_s"])
        waits.append(rule["fixed_ms"] + (1000 * (thaw - at) if thaw is not None else 0.0))
    return waits
