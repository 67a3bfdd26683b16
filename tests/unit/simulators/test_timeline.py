"""The fault timeline: when each fault is in force, and who is told."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.faults import a_fault
from wedload.clock import FakeClock
from wedload.simulators.timeline import Timeline, changes_of, spans_of
from wedload.units import NS_PER_S

OUTAGE = a_fault("outage", on=("calendar",), at="3s", for_="2s", down=True)
SLOW = a_fault("slow", on=("calendar", "front"), at="4s", for_="3s", latency="1s")
THEIRS = a_fault("theirs", on=("sandbox.database",), at="1s", for_="1s", down=True)
FAULTS = (OUTAGE, SLOW, THEIRS)
BEGAN_NS = 1_000 * NS_PER_S


def seconds(at_ns):
    return at_ns / NS_PER_S


def test_changes_are_in_order_with_the_names_in_the_order_of_the_plan():
    assert [(seconds(at), names) for at, names in changes_of(spans_of(FAULTS, 1.0))] == [
        (1, ("theirs",)),
        (2, ()),
        (3, ("outage",)),
        (4, ("outage", "slow")),
        (5, ("slow",)),
        (7, ()),
    ]


def test_a_timeline_is_scaled_with_the_load():
    spans = spans_of(FAULTS, 0.1)
    assert [(seconds(one.begin_ns), seconds(one.end_ns)) for one in spans] == [
        (0.3, 0.5),
        (0.4, 0.7),
        (0.1, 0.2),
    ]


@pytest.mark.parametrize("scale", [0.001, 1 / 3, 0.12, 7.7])
def test_faults_that_follow_upon_each_other_do_so_at_any_scale(scale):
    first = a_fault("first", at="333ms", for_="1ms", down=True)
    second = a_fault("second", at="334ms", for_="1ms", down=True)
    one, other = spans_of((first, second), scale)
    assert one.end_ns == other.begin_ns


def test_a_fault_is_in_force_from_its_begin_on_and_no_more_at_its_end():
    timeline = Timeline(FAULTS)
    assert timeline.active(3 * NS_PER_S - 1) == ()
    assert timeline.active(3 * NS_PER_S) == (OUTAGE,)
    assert timeline.active(4 * NS_PER_S) == (OUTAGE, SLOW)
    assert timeline.active(5 * NS_PER_S) == (SLOW,)


def followed(began_ns=0, end_s=60, faults=FAULTS, scale=1.0, start_ns=0):
    """What `calendar` and `front` are told, and when, on a clock that runs to `end_s`."""
    clock = FakeClock()
    clock.advance(start_ns)
    told = []

    async def main():
        timeline = Timeline(faults, scale, clock)
        for name in ("calendar", "front"):
            target = timeline.injections(name)

            def changed(name=name, target=target):
                names = [fault.name for fault in target.active]
                told.append((seconds(clock.now_ns()), name, names))

            target.subscribe(changed)
        timeline.begin(began_ns)
        await clock.sleep_until(start_ns + end_s * NS_PER_S)
        timeline.end()
        return timeline

    return told, clock.run(main())


def test_each_target_is_told_of_its_own_faults_at_their_instants():
    told, _ = followed()
    assert told == [
        (3, "calendar", ["outage"]),
        (4, "calendar", ["outage", "slow"]),
        (4, "front", ["slow"]),
        (5, "calendar", ["slow"]),
        (7, "calendar", []),
        (7, "front", []),
    ]


def test_instants_count_from_the_begin_of_the_load_and_not_from_when_it_is_told():
    told, _ = followed(began_ns=BEGAN_NS - NS_PER_S, start_ns=BEGAN_NS, faults=(OUTAGE,))
    assert told == [(1_002, "calendar", ["outage"]), (1_004, "calendar", [])]


def test_who_is_told_late_catches_up():
    told, _ = followed(began_ns=BEGAN_NS - 4 * NS_PER_S, start_ns=BEGAN_NS, faults=(OUTAGE,))
    assert told == [(1_000, "calendar", ["outage"]), (1_001, "calendar", [])]


def test_the_end_of_the_load_ends_every_fault():
    told, timeline = followed(end_s=3.5)
    assert told == [(3, "calendar", ["outage"]), (3.5, "calendar", [])]
    assert timeline.injections("calendar").active == ()


def test_a_target_that_is_asked_for_late_is_broken_already():
    clock = FakeClock()

    async def main():
        timeline = Timeline(FAULTS, 1.0, clock)
        timeline.begin(0)
        await clock.sleep_until(3 * NS_PER_S)
        await asyncio.sleep(0)
        active = timeline.injections("calendar").active
        timeline.end()
        return active

    assert clock.run(main()) == (OUTAGE,)


def test_who_has_unsubscribed_is_told_nothing_even_by_one_that_is_told_before():
    clock = FakeClock()
    told = []

    async def main():
        timeline = Timeline((OUTAGE,), 1.0, clock)
        target = timeline.injections("calendar")
        ends = []
        target.subscribe(lambda: [end() for end in ends])
        ends.append(target.subscribe(lambda: told.append("second")))
        timeline.begin(0)
        await clock.sleep_until(10 * NS_PER_S)
        timeline.end()

    clock.run(main())
    assert told == []


def test_a_plan_without_faults_has_a_timeline_without_changes():
    told, timeline = followed(faults=())
    assert (told, timeline.changes) == ([], [])
