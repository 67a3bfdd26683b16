"""Phases: what is in force at an instant, of one dimension or of several."""

from __future__ import annotations

from wedload.metrics.catalogue import Phase
from wedload.plan.fault_times import FaultSpan
from wedload.units import NS_PER_S
from wedload.workload.phases import Dimension, fault_dimensions, phases_of

STAGES = Dimension("stage", ((0, "ramp"), (10 * NS_PER_S, "peak"), (70 * NS_PER_S, None)))


def test_a_dimension_alone_has_a_phase_for_each_of_its_changes():
    assert phases_of("main", [STAGES]) == [
        (0, Phase("main", "ramp", 10.0)),
        (10 * NS_PER_S, Phase("main", "peak", 60.0, 10.0)),
        (70 * NS_PER_S, Phase("main", None, 0.0)),
    ]


def test_a_second_dimension_cuts_the_phases_of_the_first_where_it_changes():
    fault = Dimension("fault", ((0, None), (40 * NS_PER_S, "outage"), (80 * NS_PER_S, None)))
    outage = (("fault", "outage"),)

    assert phases_of("main", [STAGES, fault]) == [
        (0, Phase("main", "ramp", 10.0)),
        (10 * NS_PER_S, Phase("main", "peak", 30.0, 10.0)),
        (40 * NS_PER_S, Phase("main", "peak", 30.0, 40.0, outage)),
        (70 * NS_PER_S, Phase("main", None, 10.0, 70.0, outage)),
        (80 * NS_PER_S, Phase("main", None, 0.0)),
    ]


def test_changes_at_the_same_instant_are_one_phase():
    fault = Dimension("fault", ((0, None), (10 * NS_PER_S, "outage"), (70 * NS_PER_S, None)))

    assert [begin for begin, _ in phases_of("main", [STAGES, fault])] == [
        0, 10 * NS_PER_S, 70 * NS_PER_S,
    ]  # fmt: skip


def test_a_phase_knows_all_that_is_in_force_of_a_dimension():
    phase = Phase("main", "peak", 30.0, 0.0, (("fault", "outage"), ("fault", "slow mail")))

    asked = [("stage", "peak"), ("fault", "outage"), ("fault", "slow mail"), ("fault", "none")]
    assert [phase.has(*one) for one in asked] == [True, True, True, False]
    assert not Phase("main").has("stage", "")


def _faults(
    *spans: tuple[str, int, int], start_s: int = 0, length_s: int = 100
) -> list[tuple[int, tuple[str, ...]]]:
    """Begin, s, and what is in force, of each phase; without the name of the dimension `fault`."""
    faults = [FaultSpan(name, begin * NS_PER_S, end * NS_PER_S) for name, begin, end in spans]
    dimensions = fault_dimensions(faults, start_s * NS_PER_S, length_s * NS_PER_S)
    stages = Dimension("stage", ((0, None), (length_s * NS_PER_S, None)))
    return [
        (begin // NS_PER_S, tuple(sorted(f"{key} {value}" for key, value in phase.others)))
        for begin, phase in phases_of("main", [stages, *dimensions], start_s * NS_PER_S)
    ]


def test_a_fault_is_before_in_force_and_after_and_none_is_in_force_beside_it():
    assert _faults(("a", 10, 40)) == [
        (0, ("before_fault a", "fault none")),
        (10, ("fault a",)),
        (40, ("after_fault a", "fault none")),
        (100, ("after_fault a", "fault none")),  # what still runs then
    ]


def test_faults_that_overlap_are_in_force_together():
    found = dict(_faults(("a", 10, 40), ("b", 30, 60)))

    assert found == {
        0: ("before_fault a", "before_fault b", "fault none"),
        10: ("before_fault b", "fault a"),
        30: ("fault a", "fault b"),
        40: ("after_fault a", "fault b"),
        60: ("after_fault a", "after_fault b", "fault none"),
        100: ("after_fault a", "after_fault b", "fault none"),
    }


def test_a_scenario_that_begins_in_a_fault_has_nothing_before_it():
    assert _faults(("a", 10, 40), start_s=25, length_s=50) == [
        (0, ("fault a",)),
        (15, ("after_fault a", "fault none")),
        (50, ("after_fault a", "fault none")),
    ]


def test_a_scenario_is_not_longer_for_a_fault_that_outlasts_it():
    assert _faults(("a", 10, 40), ("b", 200, 300), length_s=20) == [
        (0, ("before_fault a", "before_fault b", "fault none")),
        (10, ("before_fault b", "fault a")),
        (20, ("before_fault b", "fault a")),
    ]


def test_without_faults_nothing_is_said_of_them():
    assert fault_dimensions([], 0, 10) == []


def test_phases_begin_where_their_scenario_does_in_the_load():
    late = phases_of("late", [STAGES], 5 * NS_PER_S)

    assert [(begin, phase.begin_s) for begin, phase in late][:2] == [
        (0, 5.0),
        (10 * NS_PER_S, 15.0),
    ]
