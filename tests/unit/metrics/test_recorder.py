"""The recorder: what a flush hands over, what stays, and that nothing piles up."""

from __future__ import annotations

import tracemalloc

import pytest

from wedload.metrics.histogram import EMPTY, Histogram
from wedload.metrics.recorder import (
    HTTP_ROW,
    ITERATION_ROW,
    ITERATION_SAMPLE,
    STEP_ROW,
    STEP_SAMPLE,
    Recorder,
    Row,
)
from wedload.metrics.snapshot import CellKey, Health
from wedload.units import NS_PER_MS as MS

PLAIN = Row(("iteration_duration",))


def http_sample(duration_ms, sent=100, received=2_000):
    """The six numbers of a request that waited for all but 2 ms."""
    return (duration_ms * MS, MS, (duration_ms - 2) * MS, MS, sent, received)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_a_row_is_taken_apart_into_trends_sums_and_a_count(recorder):
    buffer = recorder.buffer(HTTP_ROW, 4, 2, "ok")
    buffer.extend(http_sample(10))
    buffer.extend(http_sample(30, sent=50, received=1))
    snapshot = recorder.flush(1, 7, {"main": 3})

    def cell(metric):
        return CellKey(4, metric, 2, "ok")

    assert {key.metric: (h.count, h.sum_ns) for key, h in snapshot.trends.items()} == {
        "http_req_duration": (2, 40 * MS),
        "http_req_sending": (2, 2 * MS),
        "http_req_waiting": (2, 36 * MS),
        "http_req_receiving": (2, 2 * MS),
    }
    assert snapshot.trends.keys() == {cell(metric) for metric in HTTP_ROW.trends}
    assert snapshot.counts == {
        cell("data_sent"): 150,
        cell("data_received"): 2_001,
        cell("http_reqs"): 2,
    }
    assert (snapshot.worker, snapshot.second, snapshot.vus) == (1, 7, {"main": 3})


def test_series_phases_and_outcomes_are_kept_apart(recorder):
    keys = [(1, 1, "ok"), (2, 1, "ok"), (1, 2, "ok"), (1, 1, "timeout")]
    for number, key in enumerate(keys, start=3):
        recorder.buffer(HTTP_ROW, *key).extend(http_sample(number))
    trends = recorder.flush(0, 0, {}).trends
    for number, (series, phase, outcome) in enumerate(keys, start=3):
        assert trends[CellKey(series, "http_req_duration", phase, outcome)].sum_ns == number * MS


def test_rows_of_two_shapes_that_share_a_metric_both_count(recorder):
    recorder.buffer(HTTP_ROW, 1, 1, "ok").extend(http_sample(10))
    recorder.buffer(Row(("http_req_duration",)), 1, 1, "ok").append(30 * MS)
    histogram = recorder.flush(0, 0, {}).trends[CellKey(1, "http_req_duration", 1, "ok")]
    assert (histogram.count, histogram.sum_ns) == (2, 40 * MS)


def test_packed_samples_count_as_those_of_a_list_do_and_beside_them(recorder):
    step, iteration = (10 * MS, MS, 8 * MS, MS, 12 * MS, 100, 2_000), (40 * MS, 30 * MS)
    other = Recorder()
    for number in range(3):
        for outcome in ("ok", "timeout"):
            packed = recorder.step(1, number, outcome)
            packed += STEP_SAMPLE(*step)
            other.buffer(STEP_ROW, 1, number, outcome).extend(step)
        packed = recorder.iteration(0, 1, "ok")
        packed += ITERATION_SAMPLE(*iteration)
        other.buffer(ITERATION_ROW, 0, 1, "ok").extend(iteration)
    for one in (recorder, other):
        one.buffer(STEP_ROW, 1, 2, "ok").extend(step)
    found, expected = recorder.flush(0, 0, {}), other.flush(0, 0, {})
    assert found.counts == expected.counts
    assert found.counts[CellKey(1, "data_received", 2, "ok")] == 4_000
    assert {key: (one.count, one.sum_ns) for key, one in found.trends.items()} == {
        key: (one.count, one.sum_ns) for key, one in expected.trends.items()
    }
    assert recorder.flush(0, 0, {}).trends == {}


def test_what_takes_packed_samples_stays_the_same_over_flushes(recorder):
    packed = recorder.step(1, 1, "ok")
    for round_number in range(3):
        packed += STEP_SAMPLE(MS, 0, MS, 0, MS, 1, 1)
        assert recorder.step(1, 1, "ok") is packed
        snapshot = recorder.flush(0, round_number, {})
        assert snapshot.trends[CellKey(1, "response_time", 1, "ok")].count == 1
        assert not packed


def test_a_buffer_stays_the_same_list_over_flushes(recorder):
    buffer = recorder.buffer(PLAIN, 1, 1, "")
    for round_number in range(3):
        buffer.append(5 * MS)
        assert recorder.buffer(PLAIN, 1, 1, "") is buffer
        snapshot = recorder.flush(0, round_number, {})
        assert snapshot.trends[CellKey(1, "iteration_duration", 1, "")].count == 1
        assert buffer == []


def test_a_flush_hands_over_only_what_came_since_the_last_one(recorder):
    recorder.buffer(PLAIN, 1, 1, "").append(MS)
    recorder.count(1, "iterations", 1)
    recorder.note("oops")
    recorder.flush(0, 0, {})
    again = recorder.flush(0, 0, {})
    assert (again.trends, again.counts, again.notes) == ({}, {}, {})


def test_a_snapshot_does_not_change_after_it_was_handed_over(recorder):
    recorder.count(1, "iterations", 1)
    recorder.note("oops")
    snapshot = recorder.flush(0, 0, {})
    recorder.count(1, "iterations", 1)
    recorder.note("oops")
    recorder.flush(0, 0, {})
    assert snapshot.counts == {CellKey(1, "iterations", 1, ""): 1}
    assert snapshot.notes == {"oops": 1}


def test_counters_add_up_by_cell(recorder):
    recorder.count(1, "checks", 1, "pass")
    recorder.count(1, "checks", 1, "pass", by=4)
    recorder.count(1, "checks", 1, "fail")
    assert recorder.flush(0, 0, {}).counts == {
        CellKey(1, "checks", 1, "pass"): 5,
        CellKey(1, "checks", 1, "fail"): 1,
    }


def test_only_so_many_different_notes_are_kept_and_the_others_counted(recorder):
    for number in range(80):
        recorder.note(f"problem {number}")
    recorder.note("problem 0")
    notes = recorder.flush(0, 0, {}).notes
    assert len(notes) == 51
    assert notes["problem 0"] == 2
    assert notes["… and others"] == 30


def test_health_travels_with_the_snapshot(recorder):
    health = Health(0.5, 10_000_000, EMPTY)
    assert recorder.flush(0, 0, {}, health).health is health
    assert recorder.flush(0, 0, {}).health is None


def test_outliers_and_zeros_are_recorded_as_they_are(recorder):
    recorder.buffer(PLAIN, 1, 1, "").extend([0, 7_200_000_000_000])
    histogram = recorder.flush(0, 0, {}).trends[CellKey(1, "iteration_duration", 1, "")]
    assert isinstance(histogram, Histogram)
    assert (histogram.min_ns, histogram.max_ns) == (0, 7_200_000_000_000)


def test_memory_does_not_grow_with_the_number_of_flushes(recorder):
    def one_flush(number):
        for outcome in ("ok", "timeout"):
            recorder.buffer(HTTP_ROW, 1, 1, outcome).extend(http_sample(5 + number % 90))
        recorder.count(1, "checks", 1, "pass")
        recorder.note(f"problem {number}")
        recorder.flush(0, number, {"main": 1})

    for number in range(20):
        one_flush(number)
    tracemalloc.start()
    try:
        one_flush(0)
        before, _ = tracemalloc.get_traced_memory()
        for number in range(1_000):
            one_flush(number)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # one snapshot kept a flush would be several MB
    assert after - before < 100_000
