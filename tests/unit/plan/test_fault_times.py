"""When faults are in force, by the clock of the load."""

from __future__ import annotations

from wedload.plan.fault_times import FaultSpan, calm_after, fault_spans, free_of_faults, stretches
from wedload.plan.faults import Fault

SECOND = 1_000_000_000


def test_a_fault_lasts_from_its_instant_on_in_the_time_scale_of_the_run():
    outage = Fault(name="outage", on=("calendar",), at=20 * SECOND, for_=10 * SECOND, down=True)

    (plain,), (short,) = fault_spans([outage]), fault_spans([outage], 0.05)
    assert plain == FaultSpan("outage", 20 * SECOND, 30 * SECOND)
    assert (short.begin_s, short.end_s) == (1.0, 1.5)


def test_between_faults_that_overlap_there_is_no_time_without_one():
    spans = [FaultSpan("b", 30, 60), FaultSpan("a", 10, 40), FaultSpan("c", 70, 80)]

    assert free_of_faults(spans) == ((0, 10), (60, 70), (80, None))


def test_a_fault_within_another_does_not_end_it():
    assert free_of_faults([FaultSpan("a", 0, 50), FaultSpan("b", 10, 20)]) == ((50, None),)


def test_after_a_fault_is_from_when_none_that_overlaps_it_is_left_until_the_next_begins():
    a, b, c = FaultSpan("a", 10, 40), FaultSpan("b", 30, 60), FaultSpan("c", 70, 80)

    assert calm_after(a, [c, b, a]) == (60, c)
    assert calm_after(c, [a, b, c]) == (80, None)


def test_before_and_after_a_fault_are_without_the_others():
    a, b = FaultSpan("a", 10, 20), FaultSpan("b", 30, 40)

    assert stretches(a, [a, b]) == {
        "before": (("before_fault", "a"), ("fault", "none")),
        "during": (("fault", "a"),),
        "after": (("after_fault", "a"), ("fault", "none"), ("before_fault", "b")),
    }
    assert stretches(b, [a, b])["after"] == (("after_fault", "b"), ("fault", "none"))
