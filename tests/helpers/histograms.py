"""Histograms, comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram


def all_of(histogram: Histogram) -> tuple[Any, ...]:
    """All that a histogram holds."""
    return (
        histogram.indices.tolist(), histogram.counts.tolist(), histogram.count, histogram.sum_ns,
        histogram.min_ns, histogram.max_ns,
    )  # fmt: skip
