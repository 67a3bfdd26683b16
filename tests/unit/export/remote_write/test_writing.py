"""What is written of pictures, read with Google's protobuf by Prometheus' own messages."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from tests.helpers.pictures import picture_of_shop
from tests.helpers.prompb import buckets, by_labels, read
from wedload.export.buckets import SECONDS, cumulative
from wedload.export.exponential import exponential
from wedload.export.model import Family, Picture, Point
from wedload.export.remote_write.writing import Writing
from wedload.metrics.histogram import EMPTY, Histogram
from wedload.units import NS_PER_MS, NS_PER_S

COMMON = {"job": "load", "instance": "here"}
STALE = 0x7FF0000000000002
SAMPLES = Histogram.of([n * NS_PER_MS for n in (1, 20, 20, 21, 300, 4_000, 70_000)])


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def pictured(at_s=1_700_000_000.0, *, is_last=False, **values):
    """A picture with a series of these names, of which those of a histogram are durations."""
    families = (
        Family(name, "histogram", "seconds", "how long", (Point((("step", "a"),), value),))
        if isinstance(value, Histogram)
        else Family(name, "gauge", "", "how many", (Point((("step", "a"),), value),))
        for name, value in values.items()
    )
    return Picture(at_s, 1_699_999_990.0, tuple(families), is_last)


def named(found, name):
    """What is new of the series of a name, by `le`."""
    return {
        dict(labels).get("le"): new
        for labels, new in found.items()
        if dict(labels)["__name__"] == name
    }


@pytest.mark.parametrize("as_native", [False, True])
def test_labels_are_sorted_and_say_what_job_it_is(as_native):
    writing = Writing(COMMON, as_native=as_native)
    for request in writing.requests(picture_of_shop()):
        for one in read(request).timeseries:
            names = [label.name for label in one.labels]
            assert names == sorted(set(names))
            assert all(label.value for label in one.labels)
            assert COMMON.items() <= {label.name: label.value for label in one.labels}.items()


def test_labels_of_the_plan_are_not_taken_away():
    picture = pictured(up=1.0)
    named_job = replace(picture.families[0].points[0], labels=(("job", "mine"),))
    picture = replace(picture, families=(replace(picture.families[0], points=(named_job,)),))
    (labels,) = by_labels(*Writing(COMMON, as_native=False).requests(picture))
    assert dict(labels) == {"__name__": "up", "job": "mine", "instance": "here"}


def test_classic_buckets_are_cumulative_and_have_sum_and_count():
    found = by_labels(*Writing({}, as_native=False).requests(pictured(took_seconds=SAMPLES)))
    counts = {float(le): new[0].value for le, new in named(found, "took_seconds_bucket").items()}
    expected = dict(zip(SECONDS, cumulative(SAMPLES, SECONDS), strict=True))
    assert counts == {**expected, float("inf"): 7}
    assert named(found, "took_seconds_count")[None][0].value == 7
    assert named(found, "took_seconds_sum")[None][0].value == pytest.approx(74.362)
    assert {one.timestamp for new in found.values() for one in new} == {1_700_000_000_000}


#: runs of hundreds of buckets, gaps of one and of thousands, counts of one and of millions
DENSE = Histogram.merge(
    [
        Histogram.of([1, 900, *range(10**9, 3 * 10**9, 10**6), 10**12]),
        Histogram.of([5_000_000] * 3_000_000),
        Histogram.of(range(6_000_000, 7_000_000, 40_000)),
    ]
)


@pytest.mark.parametrize("samples", [SAMPLES, EMPTY, DENSE, Histogram.of([1, 3_600 * NS_PER_S])])
def test_a_native_histogram_has_every_bucket(samples):
    found = by_labels(*Writing({}, as_native=True).requests(pictured(took_seconds=samples)))
    ((sent,),) = found.values()
    expected = exponential(samples, NS_PER_S)
    pairs = zip(expected.indices.tolist(), expected.counts.tolist(), strict=True)
    assert buckets(sent) == dict(pairs)
    assert (sent.schema, sent.count_int) == (expected.schema, samples.count)
    assert sent.sum == samples.sum_ns / NS_PER_S
    assert all(span.length for span in sent.positive_spans)
    assert all(span.offset for span in sent.positive_spans[1:])


def test_each_family_is_described_once():
    writing = Writing({}, as_native=False)
    first, second = (
        [one for request in writing.requests(pictured(at_s, n=1.0, took_seconds=SAMPLES))
         for one in read(request).metadata]
        for at_s in (1.0, 2.0)
    )  # fmt: skip
    assert [(one.type, one.metric_family_name, one.help, one.unit) for one in first] == [
        (2, "n", "how many", ""), (3, "took_seconds", "how long", "seconds"),
    ]  # fmt: skip
    assert second == []


@pytest.mark.parametrize(("as_native", "series"), [(False, len(SECONDS) + 4), (True, 2)])
def test_with_the_last_picture_every_series_ends_a_moment_later(as_native, series):
    writing = Writing(COMMON, as_native=as_native)
    everything = {"n": 1.0, "took_seconds": SAMPLES}
    before = by_labels(*writing.requests(pictured(1.0, gone=1.0, **everything)))
    found = by_labels(*writing.requests(pictured(2.0, is_last=True, **everything)))
    assert len(found) == series + 1 == len(before)
    for labels, new in found.items():
        *values, marker = new
        value = marker.sum if hasattr(marker, "sum") else marker.value
        assert (bits(value), marker.timestamp) == (STALE, 2001)
        assert [one.timestamp for one in values] == [2000] * (dict(labels)["__name__"] != "gone")


def test_a_series_that_is_there_no_more_ends_and_may_come_back():
    writing = Writing({}, as_native=False)
    pictures = [pictured(1.0, n=1.0), pictured(2.0), pictured(3.0), pictured(4.0, n=2.0)]
    (new,) = by_labels(*(one for each in pictures for one in writing.requests(each))).values()
    assert [(bits(one.value) == STALE, one.timestamp) for one in new] == [
        (False, 1000), (True, 2000), (False, 4000),
    ]  # fmt: skip


def test_series_of_a_picture_that_was_left_midway_end_as_well():
    writing = Writing({}, as_native=False, most_bytes=1)
    next(writing.requests(pictured(1.0, n=1.0, m=1.0)))  # metadata
    left = writing.requests(pictured(2.0, n=1.0))
    next(left)
    (new,) = by_labels(*writing.requests(pictured(3.0, is_last=True))).values()
    assert [bits(one.value) for one in new] == [STALE]


def test_a_clock_that_is_set_back_does_not_make_samples_older():
    writing = Writing({}, as_native=False)
    pictures = [pictured(at_s, n=at_s) for at_s in (100.0, 40.0, 41.0, 200.0)]
    (new,) = by_labels(*(one for each in pictures for one in writing.requests(each))).values()
    assert [one.timestamp for one in new] == [100_000, 100_001, 100_002, 200_000]


def test_requests_are_bounded_and_lose_nothing():
    whole = by_labels(*Writing(COMMON, as_native=False).requests(picture_of_shop(is_last=True)))
    requests = list(
        Writing(COMMON, as_native=False, most_bytes=3_000).requests(picture_of_shop(is_last=True))
    )
    assert max(map(len, requests)) <= 3_000
    assert len(requests) > 2
    split = by_labels(*requests)
    assert {one: list(map(str, new)) for one, new in split.items()} == {
        one: list(map(str, new)) for one, new in whole.items()
    }
