"""For any schedule: its changes, its level, its segments and its area say the same thing."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.workload.phases import PhaseTimeline
from wedload.workload.segment import Segment
from wedload.workload.stages import Stage, asked_vus, total_ns, vu_changes, vu_seconds

SETTINGS = settings(deadline=None)
DURATIONS = st.one_of(
    st.just(0), st.integers(0, 30), st.integers(0, 10**4), st.integers(0, 7_200_000_000_000)
)
SCHEDULES = st.tuples(
    st.integers(0, 12),
    st.lists(
        st.builds(Stage, name=st.just("s"), duration_ns=DURATIONS, target=st.integers(0, 40)),
        min_size=1,
        max_size=6,
    ),
)


def exact_level(start_vus, stages, at_ns):
    """The line at an instant, rounded towards the level that its stage began with."""
    level, begin_ns = start_vus, 0
    for stage in stages:
        end_ns = begin_ns + stage.duration_ns
        if begin_ns <= at_ns < end_ns:
            line = level + Fraction(stage.target - level) * Fraction(
                at_ns - begin_ns, stage.duration_ns
            )
            return line.__floor__() if stage.target >= level else line.__ceil__()
        level, begin_ns = stage.target, end_ns
    return level


@SETTINGS
@given(SCHEDULES)
def test_changes_are_ordered_in_time_and_within_the_schedule(schedule):
    start, stages = schedule
    instants = [change.at_ns for change in vu_changes(start, stages)]
    assert instants == sorted(instants)
    assert all(0 <= at <= total_ns(stages) for at in instants)


@SETTINGS
@given(SCHEDULES)
def test_users_start_lowest_first_and_stop_highest_first_and_never_twice(schedule):
    start, stages = schedule
    active = 0
    for change in vu_changes(start, stages):
        if change.start:
            assert change.vu == active
            active += 1
        else:
            active -= 1
            assert change.vu == active
    assert active == stages[-1].target


@SETTINGS
@given(SCHEDULES, st.data())
def test_replaying_the_changes_gives_what_is_asked_at_every_instant(schedule, data):
    start, stages = schedule
    changes = list(vu_changes(start, stages))
    end_ns = total_ns(stages)
    instants = {0, end_ns, end_ns + 1, *data.draw(st.lists(st.integers(0, end_ns + 5), max_size=8))}
    for change in changes:
        instants |= {change.at_ns, max(change.at_ns - 1, 0), change.at_ns + 1}
    at, active = 0, 0
    for instant in sorted(instants):
        while at < len(changes) and changes[at].at_ns <= instant:
            active += 1 if changes[at].start else -1
            at += 1
        assert active == asked_vus(start, stages, instant) == exact_level(start, stages, instant)


@SETTINGS
@given(SCHEDULES, st.integers(1, 5))
def test_segments_add_up_exactly_to_the_whole(schedule, count):
    start, stages = schedule
    whole = Counter(vu_changes(start, stages))
    shares = [list(vu_changes(start, stages, Segment(index, count))) for index in range(count)]
    assert sum((Counter(share) for share in shares), Counter()) == whole
    for share in shares:
        assert [change.at_ns for change in share] == sorted(change.at_ns for change in share)
    most = [sum(Segment(index, count).owns(vu) for vu in range(start)) for index in range(count)]
    assert max(most) - min(most) <= 1


@SETTINGS
@given(SCHEDULES)
def test_vu_seconds_are_the_time_that_users_are_active(schedule):
    """But for each change's being rounded to 1 ns."""
    start, stages = schedule
    end_ns = total_ns(stages)
    active_ns = sum(
        (end_ns - change.at_ns) * (1 if change.start else -1)
        for change in vu_changes(start, stages)
    )
    rounding_s = 1e-9 * sum(1 for _ in vu_changes(start, stages))
    assert (
        abs(active_ns / 1e9 - vu_seconds(start, stages))
        <= rounding_s + 1e-9 * active_ns / 1e9 + 1e-9
    )


@SETTINGS
@given(
    st.lists(st.integers(1, 1000), min_size=0, max_size=8, unique=True),
    st.lists(st.integers(-20, 1100), min_size=1, max_size=30),
)
def test_the_phase_is_that_of_the_last_boundary_whatever_the_order_of_instants(begins, instants):
    boundaries = [(begin, number) for number, begin in enumerate([0, *sorted(begins)], start=40)]
    timeline = PhaseTimeline(boundaries)
    for instant in instants:
        expected = max(
            (phase for begin, phase in boundaries if begin <= instant), default=boundaries[0][1]
        )
        assert timeline.at(instant) == timeline.phase == expected
