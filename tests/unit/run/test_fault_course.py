"""What people are told of faults while a load lasts."""

from __future__ import annotations

from wedload.plan.fault_times import FaultSpan
from wedload.run.fault_course import FaultCourse
from wedload.units import NS_PER_S


def course() -> FaultCourse:
    return FaultCourse(
        [
            FaultSpan("outage", 3 * NS_PER_S, 5 * NS_PER_S),
            FaultSpan("slow mail", 4 * NS_PER_S, 9 * NS_PER_S),
        ]
    )


def test_each_begin_and_end_is_told_once_in_the_order_of_time() -> None:
    faults = course()
    assert list(faults.until(2.9)) == []
    assert list(faults.until(3.0)) == ["outage begins"]
    assert list(faults.until(3.5)) == []
    assert list(faults.until(60.0)) == ["slow mail begins", "outage ends", "slow mail ends"]
    assert list(faults.until(100.0)) == []


def test_a_plan_without_faults_has_nothing_to_tell() -> None:
    assert list(FaultCourse([]).until(100.0)) == []
