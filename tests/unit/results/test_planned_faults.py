"""Faults of a plan as a run has them: when, in its time scale, and what goes wrong in words."""

from __future__ import annotations

from types import SimpleNamespace

from wedload.plan.faults import Fault
from wedload.results.planned_faults import planned_faults
from wedload.units import NS_PER_S

SECOND = NS_PER_S


def fault(**changes):
    return Fault(name="outage", on=("calendar",), at=60 * SECOND, for_=30 * SECOND, **changes)


def test_faults_last_as_long_as_the_time_scale_has_it():
    plan = SimpleNamespace(faults=(fault(down=True), fault(status=503, toxicity=0.3)))

    first, second = planned_faults(plan, 0.5)

    assert (first.name, first.on, first.what) == ("outage", ["calendar"], "down")
    assert (first.begin_s, first.end_s) == (30.0, 45.0)
    assert second.what == "answers 503; 30 % suffer it"
