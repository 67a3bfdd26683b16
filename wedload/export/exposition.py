"""A picture as Prometheus fetches it: its text format 0.0.4, or OpenMetrics. Pure.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from wedload.export.buckets import bounds_of, cumulative, le, per_unit
from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.export.model import Family, Picture, Point


def exposed(picture: Picture | None, accept: str) -> tuple[bytes, str]:
    """A picture, and the content type that it is in, of those that are accepted.

    Without a picture there is nothing in it.
    """
    encode, content_type = choose_encoder(accept)
    return encode(_Collected(picture)), content_type


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
