"""Histograms of results, merged: what any selection of steps, workflows and phases took. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.fault_times import NO_FAULT
from wedload.plan.scenarios import OUTSIDE_LOAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.results.series_model import EncodedHistogram

#: what a histogram of a result can be selected by
DIMENSIONS: Final = frozenset(
    {"scenario", "workflow", "step", "stage", "channel", "dependency", "fault"}
)


def merged(
    histograms: Iterable[EncodedHistogram], metric: str, where: Mapping[str, str | None]
) -> Histogram:
    """All samples of a trend that have what `where` says; None: that have no such thing.

    As in a benchmark row, set-up, tear-down and clean-up are left out unless a scenario or a step
    is named.

    Raises:
        ValueError: a histogram that cannot be decoded.
    """
    named = not where.keys().isdisjoint(("scenario", "step"))
    return Histogram.merge(
        codec.decode(one.encoded)
        for one in histograms
        if one.metric == metric
        and (named or one.scenario not in OUTSIDE_LOAD)
        and all(_has(one, dimension, value) for dimension, value in where.items())
    )


def _has(one: EncodedHistogram, dimension: str, value: str | None) -> bool:
    if dimension != "fault":
        return bool(getattr(one, dimension) == value)
    return not one.faults if value in {None, NO_FAULT} else value in one.faults
