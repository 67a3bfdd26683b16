"""The schedule of virtual users, as tables: who starts and stops when, and what is asked for."""

from __future__ import annotations

import pytest

from wedload.units import NS_PER_S as S
from wedload.workload.phases import PhaseTimeline
from wedload.workload.segment import Segment
from wedload.workload.stages import Stage, VuChange, asked_vus, total_ns, vu_changes, vu_seconds

WHOLE = Segment()


def stages(*pairs: tuple[int, int]) -> tuple[Stage, ...]:
    """Stages of (duration_ns, target), named by their number."""
    return tuple(Stage(str(n), duration, target) for n, (duration, target) in enumerate(pairs, 1))


def written(start_vus: int, *pairs: tuple[int, int], segment: Segment = WHOLE) -> list[str]:
    """The changes as `+vu@at` and `-vu@at`."""
    return [
        f"{'+' if change.start else '-'}{change.vu}@{change.at_ns}"
        for change in vu_changes(start_vus, stages(*pairs), segment)
    ]


@pytest.mark.parametrize(
    ("at_ns", "expected"),
    [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1), (6, 1), (7, 2), (9, 2), (10, 3), (11, 3), (99, 3)],
)
def test_going_up_the_number_is_rounded_down(at_ns, expected):
    # the line reaches 1 at 3⅓, 2 at 6⅔, 3 at 10
    assert asked_vus(0, stages((10, 3)), at_ns) == expected


@pytest.mark.parametrize(
    ("at_ns", "expected"),
    [(0, 3), (1, 3), (3, 3), (4, 2), (6, 2), (7, 1), (9, 1), (10, 0), (11, 0), (99, 0)],
)
def test_going_down_the_number_is_rounded_up(at_ns, expected):
    assert asked_vus(3, stages((10, 0)), at_ns) == expected


def test_going_up_each_user_starts_when_the_line_reaches_its_number():
    assert written(0, (10 * S, 4)) == [
        f"+0@{2_500_000_000}",
        f"+1@{5 * S}",
        f"+2@{7_500_000_000}",
        f"+3@{10 * S}",
    ]


def test_going_down_the_highest_number_stops_first():
    assert written(3, (9, 0)) == ["+0@0", "+1@0", "+2@0", "-2@3", "-1@6", "-0@9"]


def test_instants_between_two_nanoseconds_are_taken_at_the_later_one():
    assert written(0, (10, 3)) == ["+0@4", "+1@7", "+2@10"]


def test_a_stage_of_no_length_jumps_up_at_its_instant():
    assert written(1, (5, 1), (0, 4)) == ["+0@0", "+1@5", "+2@5", "+3@5"]
    assert asked_vus(1, stages((5, 1), (0, 4)), 4) == 1
    assert asked_vus(1, stages((5, 1), (0, 4)), 5) == 4


def test_a_stage_of_no_length_jumps_down_highest_number_first():
    assert written(3, (5, 3), (0, 1), (5, 1)) == ["+0@0", "+1@0", "+2@0", "-2@5", "-1@5"]


def test_a_first_stage_of_no_length_jumps_at_the_beginning():
    assert asked_vus(0, stages((0, 5), (10, 5)), 0) == 5
    assert {change.at_ns for change in vu_changes(0, stages((0, 5), (10, 5)))} == {0}


def test_two_jumps_in_a_row_leave_the_last_one_in_force():
    assert asked_vus(0, stages((0, 5), (0, 2)), 0) == 2


def test_users_that_are_there_from_the_beginning_start_at_once():
    assert written(2, (10, 2)) == ["+0@0", "+1@0"]


def test_a_level_stage_changes_nothing():
    assert written(0, (10, 2), (100, 2), (10, 0)) == [
        "+0@5", "+1@10", "-1@115", "-0@120",
    ]  # fmt: skip


def test_more_changes_than_nanoseconds_share_instants_and_all_happen():
    changes = written(0, (2, 5))
    assert changes == ["+0@1", "+1@1", "+2@2", "+3@2", "+4@2"]


def test_the_peak_season_schedule_is_as_its_table_says():
    peak = stages((60 * S, 100), (60 * S, 100), (240 * S, 1000), (60 * S, 1000), (120 * S, 0))
    table = [
        (0, 0), (30, 50), (60, 100), (119, 100), (120, 100), (240, 550), (359, 996), (360, 1000),
        (419, 1000), (420, 1000), (480, 500), (539, 9), (540, 0), (600, 0),
    ]  # fmt: skip
    assert [(at, asked_vus(0, peak, at * S)) for at, _ in table] == table
    assert total_ns(peak) == 540 * S


def test_segments_take_turns_over_the_users():
    assert written(5, (0, 5), segment=Segment(1, 3)) == ["+1@0", "+4@0"]
    assert [vu for vu in range(7) if Segment(2, 3).owns(vu)] == [2, 5]


def test_a_segment_of_more_processes_than_users_may_have_nothing_to_do():
    assert written(0, (10, 2), (10, 0), segment=Segment(2, 3)) == []


def test_changes_are_made_lazily_for_any_number_of_users():
    first = next(vu_changes(0, stages((3600 * S, 10**9))))
    assert first == VuChange(3600, 0, start=True)  # one every 3.6 µs


@pytest.mark.parametrize(
    ("start", "table", "expected"),
    [
        (0, [(10 * S, 4)], 2.5 + 5 + 7.5),  # one each at 2.5 s, 5 s, 7.5 s and, too late, 10 s
        (4, [(10 * S, 4)], 40.0),
        (4, [(10 * S, 0)], 10 + 7.5 + 5 + 2.5),
        (0, [(0, 100), (S, 100)], 100.0),
        (0, [(60 * S, 100), (60 * S, 100), (240 * S, 1000), (60 * S, 1000), (120 * S, 0)],
         2_970 + 6_000 + 131_880 + 60_000 + 60_060),
    ],
)  # fmt: skip
def test_vu_seconds_are_the_area_under_the_steps(start, table, expected):
    assert vu_seconds(start, stages(*table)) == pytest.approx(expected)


def test_a_phase_begins_at_its_boundary_and_not_before():
    timeline = PhaseTimeline([(0, 7), (100, 8), (200, 9)])
    assert [timeline.at(instant) for instant in (0, 99, 100, 199, 200, 10**15)] == [
        7, 7, 8, 8, 9, 9,
    ]  # fmt: skip


def test_a_phase_is_found_again_when_an_instant_lies_back():
    timeline = PhaseTimeline([(0, 7), (100, 8), (200, 9)])
    assert [timeline.at(instant) for instant in (250, 0, 199, 99, 200)] == [9, 7, 8, 7, 9]


def test_what_happens_before_the_first_boundary_counts_to_the_first_phase():
    assert PhaseTimeline([(50, 7), (100, 8)]).at(-10) == 7


def test_a_timeline_of_one_phase_has_no_other():
    timeline = PhaseTimeline([(0, 3)])
    assert timeline.at(0) == timeline.at(10**18) == 3
