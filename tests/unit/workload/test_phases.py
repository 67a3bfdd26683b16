"""Phases: what is in force at an instant, of one dimension or of several."""

from __future__ import annotations

from wedload.metrics.catalogue import Phase
from wedload.units import NS_PER_S
from wedload.workload.phases import Dimension, phases_of

STAGES = Dimension("stage", ((0, "ramp"), (10 * NS_PER_S, "peak"), (70 * NS_PER_S, None)))


def test_a_dimension_alone_has_a_phase_for_each_of_its_changes():
    assert phases_of("main", [STAGES]) == [
        (0, Phase("main", "ramp", 10.0)),
        (10 * NS_PER_S, Phase("main", "peak", 60.0)),
        (70 * NS_PER_S, Phase("main", None, 0.0)),
    ]


def test_a_second_dimension_cuts_the_phases_of_the_first_where_it_changes():
    fault = Dimension("fault", ((0, None), (40 * NS_PER_S, "outage"), (80 * NS_PER_S, None)))
    outage = (("fault", "outage"),)

    assert phases_of("main", [STAGES, fault]) == [
        (0, Phase("main", "ramp", 10.0)),
        (10 * NS_PER_S, Phase("main", "peak", 30.0)),
        (40 * NS_PER_S, Phase("main", "peak", 30.0, outage)),
        (70 * NS_PER_S, Phase("main", None, 10.0, outage)),
        (80 * NS_PER_S, Phase("main", None, 0.0)),
    ]


def test_changes_at_the_same_instant_are_one_phase():
    fault = Dimension("fault", ((0, None), (10 * NS_PER_S, "outage"), (70 * NS_PER_S, None)))

    assert [begin for begin, _ in phases_of("main", [STAGES, fault])] == [
        0, 10 * NS_PER_S, 70 * NS_PER_S,
    ]  # fmt: skip


def test_a_phase_answers_for_each_dimension_and_says_none_where_nothing_is_in_force():
    phase = Phase("main", "peak", 30.0, (("fault", "outage"),))

    assert [phase.value(one) for one in ("stage", "fault", "weather")] == ["peak", "outage", None]
