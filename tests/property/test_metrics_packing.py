"""Histograms as bytes, and many at once: nothing is lost, whatever they hold."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.histograms import all_of
from wedload.metrics.histogram import HIGHEST_NS, Histogram, bucket_of, histograms_of
from wedload.metrics.packing import pack, squeeze, unpack, unsqueeze
from wedload.metrics.recorder import HTTP_ROW, Recorder, Row
from wedload.metrics.snapshot import CellKey, Health, Snapshot

SETTINGS = settings(deadline=None)
VALUE = st.one_of(
    st.integers(-5, 3_000), st.integers(0, 10**9), st.integers(HIGHEST_NS - 5, HIGHEST_NS * 2)
)
GROUP = st.lists(VALUE, min_size=1, max_size=40)


def counted(values):
    """The same, value by value."""
    inside = np.array(values, np.int64).clip(1, HIGHEST_NS)
    indices, counts = np.unique(bucket_of(inside), return_counts=True)
    return (
        indices.tolist(), counts.tolist(), len(values), sum(values), min(values), max(values)
    )  # fmt: skip


@SETTINGS
@given(st.lists(GROUP, min_size=1, max_size=12))
def test_groups_that_are_counted_at_once_are_what_each_would_be_alone(groups):
    flat = np.array([value for group in groups for value in group], np.int64)

    found = histograms_of(flat, [len(group) for group in groups])

    assert [all_of(one) for one in found] == [counted(group) for group in groups]


@given(st.lists(st.integers(1, HIGHEST_NS), min_size=1, max_size=50))
def test_bucket_is_the_one_that_the_exponent_of_the_value_gives(values):
    shifts = [max(value.bit_length() - 11, 0) for value in values]
    expected = [
        (shift << 10) + (value >> shift) for value, shift in zip(values, shifts, strict=True)
    ]
    assert bucket_of(np.array(values, np.int64)).tolist() == expected


@SETTINGS
@given(st.lists(GROUP, min_size=2, max_size=8))
def test_merged_parts_are_what_all_their_values_would_be(groups):
    merged = Histogram.merge(map(Histogram.of, groups))
    assert all_of(merged) == counted([value for group in groups for value in group])


@SETTINGS
@given(st.lists(st.lists(VALUE, max_size=40), max_size=10), st.integers(0, 40))
def test_packed_histograms_come_out_as_they_went_in(groups, doublings):
    histograms = [Histogram.of(group) for group in groups]
    for _ in range(doublings):  # counts of a byte, of two, four and eight
        histograms = [Histogram.merge([one, one]) for one in histograms]

    found = unpack(pickle.loads(pickle.dumps(pack(histograms))))

    assert list(map(all_of, found)) == list(map(all_of, histograms))
    assert [all_of(unsqueeze(squeeze(one))) for one in histograms] == list(map(all_of, histograms))


@SETTINGS
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["ok", "timeout"]), GROUP), max_size=12),
    st.booleans(),
)
def test_snapshot_that_was_sent_is_the_one_that_was_taken(samples, healthy):
    recorder = Recorder()
    for series, outcome, values in samples:
        recorder.trend("iteration_duration", series, 1).extend(values)
        recorder.count(series, "http_reqs", 1, outcome, by=len(values))
        recorder.note(f"{outcome} {series}")
    health = Health(0.5, 7, Histogram.of([1, 2])) if healthy else None
    sent = recorder.flush(3, 8, {"main": 2}, health)

    got = pickle.loads(pickle.dumps(sent, protocol=pickle.HIGHEST_PROTOCOL))

    assert isinstance(got, Snapshot)
    assert all(isinstance(key, CellKey) for key in (*got.trends, *got.counts))
    assert {key: all_of(one) for key, one in got.trends.items()} == {
        key: all_of(one) for key, one in sent.trends.items()
    }
    assert (got.worker, got.second, got.counts, got.vus, got.notes) == (
        sent.worker, sent.second, sent.counts, sent.vus, sent.notes,
    )  # fmt: skip
    assert (got.health is None) == (health is None)
    assert got.health is None or all_of(got.health.loop_lag) == all_of(Histogram.of([1, 2]))


SIZES = st.sampled_from([1, 2, 50, 1_300, 1_400, 3_000])  # of six numbers each; a batch has 8,192


@SETTINGS
@given(st.lists(st.tuples(st.booleans(), SIZES), min_size=1, max_size=8), st.randoms())
def test_flush_is_the_same_however_many_samples_its_buffers_hold(buffers, rng):
    recorder, expected, amounts = Recorder(), {}, {}
    for series, (is_http, size) in enumerate(buffers):
        durations = [rng.randrange(1, 10**9) for _ in range(size)]
        if is_http:
            buffer = recorder.buffer(HTTP_ROW, series, 1, "ok")
            for one in durations:
                buffer.extend((one, 1, one + 1, 2, 3, one))
            expected[series, "http_req_duration"] = durations
            expected[series, "http_req_waiting"] = [one + 1 for one in durations]
            amounts[series, "data_received"] = sum(durations)
            amounts[series, "data_sent"] = 3 * size
            amounts[series, "http_reqs"] = size
        else:
            recorder.buffer(Row(("group_duration",)), series, 1, "").extend(durations)
            expected[series, "group_duration"] = durations

    snapshot = recorder.flush(0, 0, {})

    found = {(key.series, key.metric): all_of(one) for key, one in snapshot.trends.items()}
    assert {key: found[key] for key in expected} == {
        key: counted(values) for key, values in expected.items()
    }
    assert {(key.series, key.metric): n for key, n in snapshot.counts.items()} == amounts
    assert recorder.flush(0, 0, {}).trends == {}
