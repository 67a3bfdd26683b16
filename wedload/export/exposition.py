"""A picture as Prometheus fetches it: its text format 0.0.4, or OpenMetrics. Pure.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import exposition
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from wedload.export.buckets import bounds_of, cumulative, le, per_unit
from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.export.model import Family, Picture, Point

_OPEN: Final = "application/openmetrics-text"
_OPEN_TYPE: Final = f"{_OPEN}; version=1.0.0; charset=utf-8"


def wants_open_metrics(accept: str) -> bool:
    """Whether somebody who accepts this is to get OpenMetrics."""
    return any(one.partition(";")[0].strip() == _OPEN for one in accept.split(","))


def exposed(picture: Picture | None, *, open_metrics: bool = False) -> tuple[bytes, str]:
    """A picture in one of both formats, and its content type. Without one there is nothing in it.

    Takes about a millisecond for each series of a histogram.
    """
    collected = _Collected(picture)
    if open_metrics:
        body: bytes = openmetrics.generate_latest(collected, version="1.0.0")  # type: ignore[no-untyped-call]
        return body, _OPEN_TYPE
    return exposition.generate_latest(collected), exposition.CONTENT_TYPE_PLAIN_0_0_4


class _Collected(Collector):
    def __init__(self, picture: Picture | None) -> None:
        self._picture = picture

    def collect(self) -> Iterator[Metric]:
        for family in () if self._picture is None else self._picture.families:
            metric = Metric(family.name.removesuffix("_total"), family.meaning, family.kind)
            for point in family.points:
                _add(metric, family, point)
            yield metric


def _add(metric: Metric, family: Family, point: Point) -> None:
    own, value = dict(point.labels), point.value
    if not isinstance(value, Histogram):
        metric.add_sample(family.name, own, value)
        return
    bounds, per = bounds_of(family.unit), per_unit(family.unit)
    for bound, count in zip(bounds, cumulative(value, bounds, per), strict=True):
        metric.add_sample(f"{family.name}_bucket", {**own, "le": le(bound)}, count)
    metric.add_sample(f"{family.name}_bucket", {**own, "le": "+Inf"}, value.count)
    metric.add_sample(f"{family.name}_count", own, value.count)
    metric.add_sample(f"{family.name}_sum", own, value.sum_ns / per)
