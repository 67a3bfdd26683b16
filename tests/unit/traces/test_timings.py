from collections import Counter

from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.traces.timings import TIMED, TIMED_NS, TimingKey, Timings, TimingTotal
from wedload.traces.totals import StepKey


def seen(second: int, count: int, ns: int, name: str = "db") -> Snapshot:
    counts = {
        CellKey(1, TIMED, 2, name): count, CellKey(1, TIMED_NS, 2, name): ns,
        CellKey(1, "http_reqs", 2, "ok"): 99,
    }  # fmt: skip
    return Snapshot(0, second, counts=Counter(counts))


def test_entries_are_added_up_by_slot_step_phase_and_name():
    timings = Timings()
    for one in (seen(3, 2, 50), seen(3, 1, 10), seen(4, 1, 7), seen(-1, 1, 1, "app")):
        timings.add(one)
    assert timings.totals == {
        TimingKey(StepKey(3, 1, 2), "db"): TimingTotal(3, 60),
        TimingKey(StepKey(4, 1, 2), "db"): TimingTotal(1, 7),
        TimingKey(StepKey(0, 1, 2), "app"): TimingTotal(1, 1),
    }


def test_slots_become_longer_as_those_of_spans_do():
    timings = Timings()
    for second in (2, 3, 200):
        timings.add(seen(second, 1, 10))
    assert timings.slot_s == 2
    assert {key.at.slot: one.sum_ns for key, one in timings.totals.items()} == {1: 20, 100: 10}
