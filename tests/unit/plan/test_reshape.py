"""Plans with another load model than their file has: what is left of their faults."""

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.reshape import Shape, reshape

ROWS = """\
[benchmarks]
Outage = "http_req_failed{fault='calendar outage'}: rate < 1%"
Slow = "http_req_failed{after_fault='slow database'}: rate < 1%"
Between = "http_req_failed{fault=none}: rate < 1%"
All = "http_req_failed: rate < 1%"
"""
OVER = """\
Recovered = "time_to_recover{fault='calendar outage'}: value < 1m"
Afterwards = "goodput{after_fault='calendar outage'}: value >= 95%"
During = "goodput{fault='calendar outage'}: value >= 5%"
"""
GONE = "the load ends before its fault begins"


@pytest.mark.parametrize(
    ("duration", "faults", "dropped"),
    [
        ("10m", ["calendar outage", "slow database", "mail trickles"], []),
        ("2m", ["calendar outage"], ["Slow"]),
        ("30s", [], ["Outage", "Slow", "Between"]),
    ],
)
def test_faults_that_the_load_does_not_come_to_are_left_out(load, duration, faults, dropped):
    loaded, found = reshape(load(WITH_THIRD_PARTIES + ROWS), Shape(duration=duration))

    assert [fault.name for fault in loaded.plan.faults] == faults
    assert found == dict.fromkeys(dropped, GONE)


def test_stages_of_the_command_line_leave_faults_out_too(load):
    loaded, _ = reshape(load(WITH_THIRD_PARTIES), Shape(stages=("1m:5", "30s:0")))

    assert [fault.name for fault in loaded.plan.faults] == ["calendar outage"]


def test_what_comes_after_a_fault_needs_a_load_that_outlasts_it(load):
    whole = load(WITH_THIRD_PARTIES + ROWS + OVER)
    outage = next(one for one in whole.plan.faults if one.name == "calendar outage")
    seconds = (outage.at + outage.for_ // 2) // 1_000_000_000

    loaded, dropped = reshape(whole, Shape(duration=f"{seconds}s"))

    for name in ("Recovered", "Afterwards"):
        assert dropped[name] == "the load ends before its fault is over"
    assert "During" in loaded.plan.benchmarks
