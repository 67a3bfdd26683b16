"""The run second by second, from snapshots of several load processes."""

from __future__ import annotations

import math
import random
import tracemalloc

import pytest

from wedload.metrics.histogram import EMPTY, Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.timeline import Timeline
from wedload.units import NS_PER_MS as MS


def requests(worker, second, durations_ms, *, series=1, failed=0, vus=None):
    """A snapshot with so many requests, `failed` of them timed out."""
    ok = CellKey(series, "http_req_duration", 1, "ok")
    bad = CellKey(series, "http_req_duration", 2, "timeout")
    trends = {ok: Histogram.of([round(value * MS) for value in durations_ms])}
    counts = {CellKey(series, "http_reqs", 1, "ok"): len(durations_ms)}
    if failed:
        trends[bad] = Histogram.of([1_000 * MS] * failed)
        counts[CellKey(series, "http_reqs", 2, "timeout")] = failed
    return Snapshot(worker, second, trends, counts, vus or {})


def durations(timeline, second, series=1):
    return timeline.trend("http_req_duration", second, second + 1, [series])


def test_snapshots_of_one_second_are_added_up_over_flushes_and_workers():
    timeline = Timeline()
    timeline.add(requests(0, 3, [10, 20]))
    timeline.add(requests(0, 3, [30], failed=2))
    timeline.add(requests(1, 3, [40], series=5))
    assert durations(timeline, 3).count == 5
    assert durations(timeline, 3, series=5).count == 1
    assert durations(timeline, 3).sum_ns == 2_060 * MS
    assert timeline.counts["http_reqs", 1].total.tolist() == [0, 0, 0, 5]
    assert timeline.counts["http_reqs", 1].yes.tolist() == [0, 0, 0, 2]
    assert timeline.counts["http_reqs", 5].total.tolist() == [0, 0, 0, 1]


def test_seconds_are_kept_apart_in_any_order_of_arrival():
    timeline = Timeline()
    for second in (2, 0, 1, 2):
        timeline.add(requests(0, second, [10]))
    assert timeline.counts["http_reqs", 1].total.tolist() == [1, 1, 2]


def test_iterations_are_counted_over_all_series():
    timeline = Timeline()
    cells = {CellKey(1, "iterations", 1, ""): 3, CellKey(2, "iterations", 1, ""): 4}
    timeline.add(Snapshot(0, 0, {}, cells))
    timeline.add(Snapshot(1, 0, {}, cells))
    assert timeline.count("iterations", 0, 1) == 14
    assert timeline.count("iterations", 0, 1, {2}) == 8


def test_other_metrics_are_no_requests():
    timeline = Timeline()
    timeline.add(
        Snapshot(
            0,
            0,
            {CellKey(1, "http_req_waiting", 1, "ok"): Histogram.of([MS])},
            {CellKey(1, "checks", 1, "fail"): 3, CellKey(1, "data_sent", 1, "ok"): 9},
        )
    )
    assert not timeline.trends  # nobody asked for it
    assert timeline.count("http_reqs", 0, 1) == timeline.count("iterations", 0, 1) == 0
    assert timeline.count("data_sent", 0, 1) == 9


def test_trends_that_are_asked_for_are_kept_too():
    timeline = Timeline({"http_req_waiting"})
    waiting = CellKey(1, "http_req_waiting", 1, "ok")
    timeline.add(Snapshot(0, 0, {waiting: Histogram.of([MS, 2 * MS])}))
    timeline.close()
    assert timeline.trend("http_req_waiting", 0, 1, [1]).count == 2


def test_yes_of_a_rate_is_a_failed_request_a_failed_workflow_and_a_passed_check():
    timeline = Timeline()
    counts = {
        CellKey(1, "http_reqs", 1, "ok"): 5, CellKey(1, "http_reqs", 1, "timeout"): 2,
        CellKey(2, "iterations", 1, "ok"): 4, CellKey(2, "iterations", 1, "failed"): 1,
        CellKey(3, "checks", 1, "pass"): 6, CellKey(3, "checks", 1, "fail"): 3,
    }  # fmt: skip
    timeline.add(Snapshot(0, 1, {}, counts))
    found = {
        key: (column.yes.tolist(), column.total.tolist()) for key, column in timeline.counts.items()
    }
    assert found == {
        ("http_reqs", 1): ([0, 2], [0, 7]),
        ("iterations", 2): ([0, 1], [0, 5]),
        ("checks", 3): ([0, 6], [0, 9]),
    }


def test_virtual_users_are_the_last_level_of_each_worker_added_up():
    timeline = Timeline()
    timeline.add(requests(0, 0, [1], vus={"main": 3, "side": 1}))
    timeline.add(requests(1, 0, [1], vus={"main": 4}))
    assert timeline.vus_at(0) == {"main": 7, "side": 1}
    timeline.add(requests(0, 1, [1], vus={"main": 5, "side": 0}))
    assert timeline.vus_at(1) == {"main": 9, "side": 0}
    assert timeline.vus_at(0) == {"main": 7, "side": 1}
    assert timeline.active_vus() == 9


def test_seconds_in_which_nothing_happened_count_as_nothing():
    timeline = Timeline()
    for second in (0, 1, 2, 4, 5):
        timeline.add(requests(0, second, [1] * (second + 1)))
    assert timeline.newest == 5
    assert timeline.count("http_reqs", 2, 5) == 3 + 0 + 5
    timeline.close()
    column = timeline.trends["http_req_duration", 1]
    assert [math.isnan(one) for one in column.p95_ns] == [False] * 3 + [True] + [False] * 2


def test_what_happened_outside_of_the_load_is_not_part_of_it():
    timeline = Timeline()
    timeline.add(requests(0, -1, [1] * 50))
    assert timeline.newest == -1
    for second in (0, 1):
        timeline.add(requests(0, second, [1]))
    assert timeline.count("http_reqs", -9, 60) == timeline.count("http_reqs", 0, 60) == 2
    assert timeline.trend("http_req_duration", 0, 60, [1]).count == 2


def test_a_second_that_is_over_is_what_it_was_and_takes_what_comes_late():
    timeline = Timeline()
    timeline.add(requests(0, 0, [10, 20, 30]))
    before = durations(timeline, 0).coarse()
    for second in (1, 2, 3):
        timeline.add(requests(0, second, [1]))
    after = durations(timeline, 0)
    assert after.indices.tolist() == before.indices.tolist()
    assert after.counts.tolist() == before.counts.tolist()
    assert (after.sum_ns, after.min_ns, after.max_ns) == (60 * MS, 10 * MS, 30 * MS)
    column = timeline.trends["http_req_duration", 1]
    exact = Histogram.of([10 * MS, 20 * MS, 30 * MS])
    assert column.p50_ns[0] == exact.quantile_ns(0.5)  # read before it is made coarse
    assert column.p95_ns[0] == exact.quantile_ns(0.95)

    timeline.add(requests(1, 0, [5]))
    timeline.add(requests(1, 0, [7], series=4))
    assert durations(timeline, 0).count == 4
    timeline.add(requests(0, 4, [1]))  # closes it once more
    assert durations(timeline, 0).min_ns == 5 * MS
    assert durations(timeline, 0, series=4).count == 1
    assert durations(timeline, 0, series=9).count == 0
    assert column.p50_ns[0] == pytest.approx(10 * MS, rel=0.005)


def test_a_second_that_is_over_takes_a_fraction_of_its_histograms():
    """10,000 requests a second: their histogram alone is above 16 kB."""
    rng = random.Random(1)
    snapshots = [
        requests(0, second, [rng.lognormvariate(0, 0.6) for _ in range(10_000)])
        for second in range(12)
    ]
    size = min(one.trends[next(iter(one.trends))].indices.nbytes for one in snapshots) * 2
    assert size > 16_000

    timeline = Timeline()
    for snapshot in snapshots[:6]:
        timeline.add(snapshot)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for snapshot in snapshots[6:]:
            timeline.add(snapshot)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 6 * size / 20


def test_an_empty_timeline_has_nothing_to_show():
    timeline = Timeline()
    timeline.close()
    assert (timeline.newest, timeline.active_vus()) == (-1, 0)
    assert timeline.count("http_reqs", 0, 60) == 0
    assert timeline.trend("http_req_duration", 0, 60, [1]).count == 0


def test_a_worker_whose_second_comes_late_does_not_change_the_level_of_the_next():
    timeline = Timeline()
    timeline.add(requests(0, 0, [1], vus={"main": 3}))
    timeline.add(requests(1, 0, [1], vus={"main": 4}))
    timeline.add(requests(0, 1, [1], vus={"main": 0}))  # its load is over
    timeline.add(requests(1, 0, [1], vus={"main": 5}))  # still of the second before
    timeline.add(requests(1, 1, [1], vus={"main": 6}))
    timeline.add(requests(1, 2, [1], vus={"main": 2}))
    assert [timeline.vus_at(at)["main"] for at in (0, 1, 2)] == [8, 6, 2]
    assert timeline.active_vus() == 2


def test_levels_told_outside_of_the_load_are_not_of_it():
    timeline = Timeline()
    timeline.add(requests(0, 0, [1], vus={"main": 3}))
    timeline.add(requests(0, -1, [1], vus={"main": 0}))
    assert timeline.vus_at(0) == {"main": 3}


def test_health_is_kept_by_load_process_and_second():
    timeline = Timeline()
    lag = Histogram.of([1 * MS, 3 * MS])
    for second, cpu in enumerate((0.1, 0.2)):
        timeline.add(Snapshot(0, second, health=Health(cpu, 7, lag)))
        timeline.add(Snapshot(1, second, health=Health(cpu * 2, 9, EMPTY)))
    timeline.add(Snapshot(0, 2))
    rows = [(r.worker, r.second, r.cpu_ratio, r.memory_bytes) for r in timeline.health.rows]
    assert rows == [(0, 0, 0.1, 7), (1, 0, 0.2, 9), (0, 1, 0.2, 7), (1, 1, 0.4, 9)]
    assert [(r.worker, r.cpu_ratio) for r in timeline.health.latest()] == [(0, 0.2), (1, 0.4)]
    assert timeline.health.latest()[0].lag_p99_ns == 3 * MS
    assert timeline.health.loop_lag(0).count == 4
    assert timeline.health.loop_lag(1).count == 0


def test_loop_lag_of_a_long_run_is_all_there():
    timeline = Timeline()
    for second in range(200):
        timeline.add(Snapshot(0, second, health=Health(0.1, 7, Histogram.of([second + 1]))))
    assert timeline.health.loop_lag(0).counts.tolist() == [1] * 200


def test_a_snapshot_is_not_changed_by_being_added():
    timeline = Timeline()
    snapshot = requests(0, 0, [10], vus={"main": 1})
    timeline.add(snapshot)
    timeline.add(requests(0, 0, [20]))
    assert snapshot.trends[CellKey(1, "http_req_duration", 1, "ok")].count == 1
    assert snapshot.counts == {CellKey(1, "http_reqs", 1, "ok"): 1}


def test_virtual_users_are_known_for_every_second_of_a_scenario():
    timeline = Timeline()
    for worker, second, level in ((0, 1, 3), (0, 3, 5), (1, 2, 10), (0, 4, 0)):
        timeline.add(Snapshot(worker, second, {}, {}, {"main": level}))

    assert timeline.vus_by_second("main", 6).tolist() == [0, 3, 13, 15, 10, 10]
    assert timeline.vus_by_second("main", 3).tolist() == [
        timeline.vus_at(second)["main"] for second in range(3)
    ]
    assert timeline.vus_by_second("nobody", 6) is None
