"""A result's third parties and goodput, ready for charts: by second of load. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.report.html.seconds import StepSeconds, merged_by_second
from wedload.results.dependencies import DURATION, FAILED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.results.model import Result


@dataclass(frozen=True, slots=True, eq=False)
class GoodputSeconds:
    """Iterations that fared well, and what is known of the faults that they fared under."""

    good: NDArray[np.int64]  # (seconds,)
    #: of each fault with goodput: its name, and (begin, end, expected per second) of its stretches
    expected: tuple[tuple[str, tuple[tuple[float, float, float], ...]], ...]


def dependencies_of(result: Result) -> tuple[StepSeconds, ...]:
    """Decode what a result says of its third parties. O(histograms)."""
    return tuple(_dependency(result, one.name) for one in result.dependencies)


def _dependency(result: Result, name: str) -> StepSeconds:
    places = np.array(result.series.second, np.int64)
    length = _length(places)
    requests, failed = np.zeros(length, np.int64), np.zeros(length, np.int64)
    for one in result.series.rates:
        if one.metric == FAILED and one.dependency == name:
            requests[places] += np.array(one.total, np.int64)
            failed[places] += np.array(one.yes, np.int64)
    durations = merged_by_second(
        (second, codec.decode(encoded))
        for one in result.series.trends
        if one.metric == DURATION and one.dependency == name
        for second, encoded in zip(result.series.second, one.histograms, strict=True)
        if encoded is not None
    )
    whole = Histogram.merge(
        codec.decode(one.encoded)
        for one in result.histograms
        if one.metric == DURATION and one.dependency == name
    )
    return StepSeconds(name, requests, failed, tuple(sorted(durations.items())), whole)


def goodput_of(result: Result) -> GoodputSeconds | None:
    """By second; None without faults, as there is nothing to hold it against."""
    if not result.faults:
        return None
    places = np.array(result.series.second, np.int64)
    good = np.zeros(_length(places), np.int64)
    for one in result.series.rates:
        if one.metric == "workflow_failed" and one.scenario not in OUTSIDE_LOAD:
            good[places] += np.array(one.total, np.int64) - np.array(one.yes, np.int64)
    return GoodputSeconds(good, tuple(_expected(result, good.size)))


def _expected(
    result: Result, length: int
) -> list[tuple[str, tuple[tuple[float, float, float], ...]]]:
    """What was to be expected before, during and after each fault, as far as the run came."""
    found = []
    for one in result.faults:
        goodput = one.goodput
        stretches = (
            (0.0, one.begin_s, goodput.before.per_s),
            (one.begin_s, one.end_s, goodput.during.expected_per_s),
            (one.end_s, float(length), goodput.after.expected_per_s),
        )
        known = tuple(
            (begin, min(end, length), per_s)
            for begin, end, per_s in stretches
            if per_s is not None and begin < min(end, length)
        )
        if known:
            found.append((one.name, known))
    return found


def _length(places: NDArray[np.int64]) -> int:
    return int(places.max()) + 1 if places.size else 0
