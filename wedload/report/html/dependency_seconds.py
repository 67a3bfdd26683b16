"""A result's third parties, ready for charts: by second of load. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.report.html.seconds import StepSeconds, merged_by_second
from wedload.results.dependencies import DURATION, FAILED

if TYPE_CHECKING:
    from wedload.results.model import Result


def dependencies_of(result: Result) -> tuple[StepSeconds, ...]:
    """Decode what a result says of its third parties. O(histograms)."""
    return tuple(_dependency(result, one.name) for one in result.dependencies)


def _dependency(result: Result, name: str) -> StepSeconds:
    places = np.array(result.series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
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
