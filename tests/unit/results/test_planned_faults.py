"""Faults of a plan as a run has them: when, in its time scale, and what goes wrong in words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wedload.plan.distribution import Distribution
from wedload.plan.faults import Bandwidth, Fault, Slicer
from wedload.results.planned_faults import fault_words, planned_faults
from wedload.units import NS_PER_MS, NS_PER_S

SECOND = NS_PER_S


def fault(**changes):
    return Fault(name="outage", on=("calendar",), at=60 * SECOND, for_=30 * SECOND, **changes)


def test_faults_last_as_long_as_the_time_scale_has_it():
    plan = SimpleNamespace(faults=(fault(down=True), fault(status=503)))

    first, second = planned_faults(plan, 0.5)

    assert (first.name, first.on, first.what) == ("outage", ["calendar"], "down")
    assert (first.begin_s, first.end_s) == (30.0, 45.0)
    assert second.what == "status 503"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"down": True}, "down"),
        ({"status": 503, "toxicity": 0.3}, "status 503 (30 %)"),
        ({"latency": Distribution.parse("2s")}, "latency 2s"),
        (
            {"latency": Distribution.parse("2s"), "jitter": 50 * NS_PER_MS},
            "latency 2s ± 50ms",
        ),
        ({"latency": Distribution.parse("uniform(1s, 2s)")}, "latency uniform"),
        ({"latency": SimpleNamespace()}, "latency"),
        ({"reset": True}, "reset"),
        ({"reset": SECOND}, "reset after 1s"),
        ({"timeout": 5 * SECOND}, "timeout after 5s"),
        ({"bandwidth": Bandwidth(bytes_per_s=100_000)}, "100,000 bytes/s"),
        ({"slow_close": SECOND}, "closed 1s late"),
        ({"slicer": Slicer(size=64)}, "pieces of 64 bytes"),
        ({"limit_data": 1000}, "cut after 1,000 bytes"),
        ({"empty": True}, "empty answers"),
        ({"malformed": "chunk"}, "malformed answers"),
        ({"latency": Distribution.parse("1s"), "empty": True}, "latency 1s, empty answers"),
    ],
)
def test_what_goes_wrong_is_told_in_words(changes, words):
    assert fault_words(fault(**changes)) == words
