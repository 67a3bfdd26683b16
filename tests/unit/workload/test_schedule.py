"""Schedules of iterations, and how segments share them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from wedload.units import NS_PER_S
from wedload.workload.arrivals import RateStage
from wedload.workload.schedule import ArrivalSchedule, IterationSchedule, VuSchedule
from wedload.workload.segment import Segment
from wedload.workload.stages import Stage


def test_a_segment_shares_in_proportion_to_its_virtual_users():
    schedule = IterationSchedule(5, 1_000, shared=True, max_duration_ns=1)
    assert [schedule.share_of(Segment(index, 3)) for index in range(3)] == [400, 400, 200]


def test_the_load_asked_for_is_what_lies_below_the_stages():
    """A ramp from 2 to 6 in 10 s, then 6 for 5 s: 40 and 30; virtual users are whole, so 35."""
    vus = VuSchedule(2, (Stage("up", 10 * NS_PER_S, 6), Stage("hold", 5 * NS_PER_S, 6)))
    rates = (
        RateStage("up", 10 * NS_PER_S, Fraction(6)), RateStage("hold", 5 * NS_PER_S, Fraction(6)),
    )  # fmt: skip
    arrivals = ArrivalSchedule(Fraction(2), rates, max_vus=9, drop=True)

    assert vus.asked == 65
    assert arrivals.asked == 70
    assert replace(arrivals, probes=3).asked == 0  # told while it runs


def test_iterations_are_of_all_virtual_users_or_of_each():
    shared = IterationSchedule(5, 100, shared=True, max_duration_ns=1)

    assert (shared.total, replace(shared, shared=False).total) == (100, 500)
    assert shared.asked == 0  # no duration is
