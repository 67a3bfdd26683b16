from __future__ import annotations

import numpy as np

from tests.helpers.analysed_results import Platform, analysed_result, healthy
from wedload.analysis.stretches import slots_of, stretches_of


def stretches(*stages, traced=True, slot_s=2, **changes):
    """(name, seconds, from, to) each."""
    share = 0.2 if traced else 0.0
    result = analysed_result(
        Platform(healthy, stages=stages, share=share), slot_s=slot_s, **changes
    )
    slots = slots_of(result, len(result.series.second))
    return stretches_of(result, slots, len(result.series.second)), slots


def test_a_stage_that_holds_is_one_stretch_and_a_ramp_is_cut_in_parts():
    found, _ = stretches(("up", 24, 0, 40), ("hold", 10, 40, 40))
    assert [(one.name, len(one.slots), one.holds) for one in found] == [
        ("up, 0–10 VUs", 3, False), ("up, 10–20 VUs", 3, False), ("up, 20–30 VUs", 3, False),
        ("up, 30–40 VUs", 3, False), ("hold", 5, True),
    ]  # fmt: skip


def test_a_slot_that_a_border_cuts_belongs_to_nobody():
    found, _ = stretches(("one", 7, 5, 5), ("two", 7, 9, 9))
    assert [one.slots for one in found] == [(0, 1, 2), (4, 5, 6)]


def test_a_stage_of_too_few_slots_is_no_stretch():
    found, _ = stretches(("short", 4, 5, 5), ("long", 10, 9, 9))
    assert [one.name for one in found] == ["long"]


def test_without_traces_slots_are_seconds_and_of_long_runs_longer():
    _, slots = stretches(("hold", 20, 5, 5), traced=False)
    assert (slots.length_s, slots.begin_s.size) == (1.0, 20)
    _, slots = stretches(("hold", 500, 1, 1), traced=False)
    assert (slots.length_s, slots.begin_s.size) == (3.0, 166)


def test_where_scenarios_overlap_one_holds_only_while_all_do():
    stage = {
        "scenario": "main", "begin_s": 0.0, "end_s": 40.0, "start_vus": 10, "target_vus": 10,
        "target_rate": None, "metrics": {}, "stage": "steady",
    }  # fmt: skip
    rush = stage | {
        "scenario": "rush", "stage": "rush", "begin_s": 20.0, "start_vus": None,
        "target_vus": None, "start_rate": 0.0, "target_rate": 9.0,
    }  # fmt: skip
    found, _ = stretches(("x", 40, 10, 10), stages=[stage, rush])
    assert [one.name for one in found] == [
        "steady", "rush, 0–3.6/s", "rush, 3.6–6.3/s", "rush, 6.3–9/s",
    ]  # fmt: skip
    assert [one.holds for one in found] == [True, False, False, False]


def test_sums_by_slot_leave_out_what_lies_in_none():
    _, slots = stretches(("hold", 12, 5, 5), slot_s=5)
    assert slots.of_seconds(np.arange(17.0)).tolist() == [10.0, 35.0, 60.0]
    assert slots.seconds_of([1], 17) == [5, 6, 7, 8, 9]


def test_a_run_without_a_schedule_is_one_stretch():
    found, _ = stretches(("hold", 20, 5, 5), stages=[])
    assert [(one.name, one.holds) for one in found] == [("00:00 – 00:20", True)]
