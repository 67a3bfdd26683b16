"""Pictures as OTLP has metrics: cumulative sums, gauges and exponential histograms. Pure.

Metrics keep the names that they have in Prometheus: a collector that passes them on to one adds no
unit to a name that has it, so that rules and dashboards hold for both ways.

Sources: https://opentelemetry.io/docs/specs/otel/metrics/data-model/; `metrics/v1/metrics.proto` of
OpenTelemetry's protocol 1.x; units: https://ucum.org/ucum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    ExponentialHistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from wedload.about import __version__
from wedload.export.buckets import per_unit
from wedload.export.exponential import exponential
from wedload.metrics.histogram import Histogram
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wedload.export.model import Family, FamilyUnit, Labels, Picture, Point

_Known = tuple[Histogram, ExponentialHistogramDataPoint]  # what a distribution is encoded as
#: of a request: at most some 400 kB; what else the coordinator has to do comes in between
MOST_POINTS: Final = 250
_CUMULATIVE: Final = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_UNITS: Final[dict[FamilyUnit, str]] = {"seconds": "s", "bytes": "By", "ratio": "1", "": ""}
_RATES: Final = {"_bytes_per_second": "By/s", "_per_second": "1/s"}


def unit_of(family: Family) -> str:
    """The unit of a family, by UCUM; what is only counted has none: `1` would be a ratio."""
    ending = (unit for end, unit in _RATES.items() if family.name.endswith(end))
    return _UNITS[family.unit] or next(ending, "")


def resource_of(common: Mapping[str, str]) -> Resource:
    """Of whom all metrics of a run are: `common` are labels that all of them have."""
    own = {"service.name": "wedload", "service.version": __version__, **common}
    return Resource(attributes=_attributes(tuple(sorted(own.items()))))


class Metrics:
    """Those of one run."""

    def __init__(self, common: Mapping[str, str], most_points: int = MOST_POINTS) -> None:
        """`common`: labels of all series, which are said once."""
        self._common = frozenset(common.items())
        self._resource = resource_of(common)
        self._most_points = most_points
        self._attributes: dict[Labels, list[KeyValue]] = {}
        self._known: dict[tuple[str, Labels], _Known] = {}

    def requests(self, picture: Picture) -> Iterator[bytes]:
        """The export requests of a picture, each made when it is asked for."""
        found: list[Metric] = []
        left = self._most_points
        for family in picture.families:
            for at in range(0, len(family.points), self._most_points):
                points = family.points[at : at + self._most_points]
                if len(points) > left:
                    yield self._request(found)
                    found, left = [], self._most_points
                left -= len(points)
                found.append(self._metric(picture, family, points))
        if found:
            yield self._request(found)

    def _request(self, metrics: list[Metric]) -> bytes:
        scope = ScopeMetrics(
            scope=InstrumentationScope(name="wedload", version=__version__), metrics=metrics
        )
        of_run = ResourceMetrics(resource=self._resource, scope_metrics=[scope])
        encoded: bytes = ExportMetricsServiceRequest(resource_metrics=[of_run]).SerializeToString()
        return encoded

    def _metric(self, picture: Picture, family: Family, points: Sequence[Point]) -> Metric:
        metric = Metric(name=family.name, description=family.meaning, unit=unit_of(family))
        at_ns, began_ns = round(picture.at_s * NS_PER_S), round(picture.began_s * NS_PER_S)
        match family.kind:
            case "gauge":
                numbers = metric.gauge.data_points
                numbers.extend(self._number(one, at_ns) for one in points)
            case "counter":
                metric.sum.is_monotonic = True
                metric.sum.aggregation_temporality = _CUMULATIVE
                numbers = metric.sum.data_points
                numbers.extend(self._number(one, at_ns, began_ns) for one in points)
            case "histogram":
                metric.exponential_histogram.aggregation_temporality = _CUMULATIVE
                metric.exponential_histogram.data_points.extend(
                    self._distribution(family, one, at_ns, began_ns) for one in points
                )
        return metric

    def _number(self, point: Point, at_ns: int, began_ns: int = 0) -> NumberDataPoint:
        assert not isinstance(point.value, Histogram)
        return NumberDataPoint(
            attributes=self._own(point),
            start_time_unix_nano=began_ns,
            time_unix_nano=at_ns,
            as_double=point.value,
        )

    def _distribution(
        self, family: Family, point: Point, at_ns: int, began_ns: int
    ) -> ExponentialHistogramDataPoint:
        histogram = point.value
        assert isinstance(histogram, Histogram)
        key = family.name, point.labels
        known = self._known.get(key)
        if known is None or known[0] is not histogram:  # one of a stage that is over stays as it is
            made = _distribution(histogram, per_unit(family.unit))
            made.attributes.extend(self._own(point))
            known = self._known[key] = histogram, made
        made = known[1]
        made.start_time_unix_nano, made.time_unix_nano = began_ns, at_ns
        return made

    def _own(self, point: Point) -> list[KeyValue]:
        """The attributes of a series, without those of all."""
        if point.labels not in self._attributes:
            own = (one for one in point.labels if one not in self._common)
            self._attributes[point.labels] = _attributes(own)
        return self._attributes[point.labels]


def _distribution(histogram: Histogram, per: int) -> ExponentialHistogramDataPoint:
    made = ExponentialHistogramDataPoint(count=histogram.count, sum=histogram.sum_ns / per)
    if histogram.count:
        found = exponential(histogram, per, gapless=True)
        counts = np.zeros(found.span, np.int64)
        counts[found.indices - found.indices[0]] = found.counts
        made.scale = found.schema
        made.positive.offset = int(found.indices[0]) - 1  # a bucket has its lower bound's number
        made.positive.bucket_counts.extend(counts.tolist())
        made.min, made.max = histogram.min_ns / per, histogram.max_ns / per
    return made


def _attributes(labels: Iterable[tuple[str, str]]) -> list[KeyValue]:
    return [
        KeyValue(key=name, value=AnyValue(string_value=_sound(value))) for name, value in labels
    ]


def _sound(value: str) -> str:
    """What can be sent: half of a character is not."""
    return value.encode("utf-8", "replace").decode()


def refused(body: bytes) -> tuple[int, str]:
    """How many data points an answer says were not taken, and why.

    What cannot be read says nothing: it was answered with a 200.
    """
    answer = ExportMetricsServiceResponse()
    try:
        answer.ParseFromString(body)
    except DecodeError:
        return 0, ""
    partial = answer.partial_success
    return partial.rejected_data_points, partial.error_message
