"""What both ways differ by in slots: exact sums, in the order in which they were seen."""

from __future__ import annotations

from wedload.metrics.histogram import Histogram
from wedload.metrics.pair_slots import PairSlots
from wedload.metrics.snapshot import CellKey, Snapshot


def snapshot(second, above=(), below=(), *, worker=0, series=7):
    cells = {"route_overhead+": above, "route_overhead-": below, "http_req_duration": [5]}
    trends = {
        CellKey(series, metric, 1, ""): Histogram.of(values)
        for metric, values in cells.items() if values
    }  # fmt: skip
    return Snapshot(worker, second, trends)


def test_each_snapshot_of_a_second_is_a_slot_and_load_processes_share_them():
    slots = PairSlots()
    for one in (
        snapshot(-1, [99]), snapshot(0, [10, 20], [5]), snapshot(0), snapshot(0, [1]),
        snapshot(1, below=[30]), snapshot(0, [100], worker=1), snapshot(1, [2], series=8),
    ):  # fmt: skip
        slots.add(one)

    found = slots.of([7])
    assert found.seconds.tolist() == [0, 0, 1]
    assert found.sums_ns.tolist() == [10 + 20 - 5 + 100, 1, -30]
    assert found.counts.tolist() == [4, 1, 1]
    assert slots.of([7, 8]).sums_ns.tolist() == [125, 1, -30, 2]
    assert slots.of([]).counts.tolist() == []


def test_many_slots_become_seconds():
    slots = PairSlots()
    for one in (snapshot(0, [10]), snapshot(0, [20], [5]), snapshot(2, below=[30])):
        slots.add(one)

    assert slots.of([7]).at_most(3).seconds.tolist() == [0, 0, 2]
    merged = slots.of([7]).at_most(2)
    assert (merged.seconds.tolist(), merged.sums_ns.tolist()) == ([0, 2], [25, -30])
    assert merged.counts.tolist() == [3, 1]
