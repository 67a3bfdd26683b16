"""Pictures in OTLP, read with OpenTelemetry's own messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.sdk.metrics._internal.exponential_histogram.mapping.logarithm_mapping import (
    LogarithmMapping,
)

from tests.helpers.pictures import COMMON, picture_of_shop
from wedload.about import __version__
from wedload.export.exponential import exponential
from wedload.export.model import Family, Picture, Point
from wedload.export.names import EXPORTED
from wedload.export.otlp.messages import Metrics, refused, unit_of
from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_edges
from wedload.units import NS_PER_MS, NS_PER_S

CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
SAMPLES = Histogram.of([n * NS_PER_MS for n in (1, 20, 20, 21, 300, 4_000, 70_000)])


def metrics(picture, common=COMMON, **more) -> dict[str, Any]:
    """The metrics of a picture by name; each is in one request."""
    found: dict[str, Any] = {}
    for request in Metrics(common, **more).requests(picture):
        (of_run,) = ExportMetricsServiceRequest.FromString(request).resource_metrics
        (scope,) = of_run.scope_metrics
        assert not found.keys() & {one.name for one in scope.metrics}
        found |= {one.name: one for one in scope.metrics}
    return found


def attributes(owner) -> dict[str, str]:
    return {one.key: one.value.string_value for one in owner.attributes}


def of_one(value, kind="histogram", unit="seconds", labels=()):
    family = Family("one_seconds", kind, unit, "how long", (Point(labels, value),))
    return metrics(Picture(10.0, 4.0, (family,)))["one_seconds"]


def test_whose_it_is_is_said_once_and_not_with_each_series():
    (request,) = Metrics(COMMON).requests(picture_of_shop())
    (of_run,) = ExportMetricsServiceRequest.FromString(request).resource_metrics
    assert attributes(of_run.resource) == {
        "service.name": "wedload", "service.version": __version__, **COMMON,
    }  # fmt: skip
    (scope,) = of_run.scope_metrics
    assert (scope.scope.name, scope.scope.version) == ("wedload", __version__)
    for metric in scope.metrics:
        for point in getattr(metric, metric.WhichOneof("data")).data_points:
            assert not attributes(point).keys() & COMMON.keys()


def test_counters_are_monotonic_sums_since_the_load_began():
    found = metrics(picture_of_shop())["wedload_http_reqs_total"]
    assert (found.sum.is_monotonic, found.sum.aggregation_temporality) == (True, CUMULATIVE)
    counts = {
        (attributes(one)["step"], attributes(one)["outcome"]): one.as_double
        for one in found.sum.data_points
    }
    assert counts == {("look", "ok"): 2, ("buy", "ok"): 3, ("buy", "timeout"): 1}
    times = {(one.start_time_unix_nano, one.time_unix_nano) for one in found.sum.data_points}
    assert times == {(1_700_000_000 * NS_PER_S, 1_700_000_007 * NS_PER_S)}


def test_gauges_are_gauges():
    found = metrics(picture_of_shop())["wedload_generator_cpu_ratio"]
    assert [one.as_double for one in found.gauge.data_points] == [0.25]
    assert found.unit == "1"


def test_distributions_are_exponential_histograms_with_every_sample():
    found = of_one(SAMPLES)
    (sent,) = found.exponential_histogram.data_points
    assert found.exponential_histogram.aggregation_temporality == CUMULATIVE
    assert (sent.start_time_unix_nano, sent.time_unix_nano) == (4 * NS_PER_S, 10 * NS_PER_S)
    assert (sent.count, sent.sum, sent.min, sent.max) == (
        7, pytest.approx(74.362), 0.001, 70.0,
    )  # fmt: skip
    expected = exponential(SAMPLES, NS_PER_S, gapless=True)
    assert sent.scale == expected.schema
    assert len(sent.positive.bucket_counts) == expected.span
    counts = {
        sent.positive.offset + at: count
        for at, count in enumerate(sent.positive.bucket_counts)
        if count
    }
    # OTLP's bucket i is above base^i and at most base^(i+1)
    pairs = zip((expected.indices - 1).tolist(), expected.counts.tolist(), strict=True)
    assert counts == dict(pairs)
    base = 2 ** (2.0**-sent.scale)
    lowest, highest = base**sent.positive.offset, base ** (sent.positive.offset + expected.span)
    assert (lowest, highest) == (
        pytest.approx(0.001, rel=base - 1), pytest.approx(70, rel=base - 1)
    )  # fmt: skip


def test_a_distribution_without_samples_has_no_bucket():
    (sent,) = of_one(EMPTY).exponential_histogram.data_points
    assert (sent.count, sent.sum, len(sent.positive.bucket_counts)) == (0, 0, 0)
    assert not sent.HasField("min")


@pytest.mark.parametrize("one", EXPORTED.values(), ids=list(EXPORTED))
def test_a_unit_is_what_the_name_ends_in(one):
    unit = unit_of(Family(one.name, one.kind, one.unit, one.meaning, ()))
    ends = {"s": "_seconds", "By": "_bytes", "1": "_ratio", "By/s": "_bytes_per_second",
            "1/s": "_per_second", "": ""}  # fmt: skip
    assert one.name.removesuffix("_total").endswith(ends[unit])


def test_requests_are_bounded_and_lose_nothing():
    picture = picture_of_shop()
    points = sum(len(one.points) for one in picture.families)
    found = metrics(picture, most_points=3)
    sent = [getattr(one, one.WhichOneof("data")).data_points for one in found.values()]
    assert sum(map(len, sent)) == points
    assert len(list(Metrics(COMMON, most_points=3).requests(picture))) >= points / 3


def test_a_family_of_many_series_is_in_several_requests():
    series = tuple(Point((("step", str(n)),), n) for n in range(10))
    family = Family("n_total", "counter", "", "how many", series)
    requests = list(Metrics({}, most_points=4).requests(Picture(2.0, 1.0, (family,))))
    values = [
        [point.as_double for point in metric.sum.data_points]
        for request in map(ExportMetricsServiceRequest.FromString, requests)
        for metric in request.resource_metrics[0].scope_metrics[0].metrics
    ]
    assert values == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_half_of_a_character_does_not_keep_the_rest():
    (sent,) = of_one(1.0, "gauge", "", (("step", "a\ud800"),)).gauge.data_points
    assert attributes(sent) == {"step": "a?"}


def test_what_was_not_taken_is_read():
    answer = ExportMetricsServiceResponse()
    assert refused(answer.SerializeToString()) == (0, "")
    answer.partial_success.rejected_data_points = 3
    answer.partial_success.error_message = "too old"
    assert refused(answer.SerializeToString()) == (3, "too old")


@pytest.mark.parametrize("body", [b"{}", b"<html>", b""])
def test_an_answer_that_cannot_be_read_says_nothing(body):
    assert refused(body) == (0, "")


@given(st.lists(st.integers(1_000, HIGHEST_NS), min_size=1, max_size=50))
def test_a_sample_is_in_the_bucket_that_opentelemetry_would_put_it_in(durations_ns):
    samples = Histogram.of(durations_ns)
    (sent,) = of_one(samples).exponential_histogram.data_points
    mapping = LogarithmMapping(sent.scale)
    # all that our own bucket can be of: it is 0.1 % wide, and may lie on both sides of a bound
    lowest, highest = (edge / NS_PER_S for edge in bucket_edges(samples.indices))
    possible = [
        range(mapping.map_to_index(low), mapping.map_to_index(high) + 1)
        for low, high in zip(lowest.tolist(), highest.tolist(), strict=True)
    ]
    left = dict(enumerate(sent.positive.bucket_counts, sent.positive.offset))
    for buckets, count in zip(possible, samples.counts.tolist(), strict=True):
        found = next((one for one in buckets if left.get(one, 0) >= count), None)
        assert found is not None
        left[found] -= count
    assert not any(left.values())
