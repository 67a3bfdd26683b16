"""Schedules of iterations, and how segments share them."""

from __future__ import annotations

from wedload.workload.schedule import IterationSchedule
from wedload.workload.segment import Segment


def test_a_segment_shares_in_proportion_to_its_virtual_users():
    schedule = IterationSchedule(5, 1_000, shared=True, max_duration_ns=1)
    assert [schedule.share_of(Segment(index, 3)) for index in range(3)] == [400, 400, 200]
