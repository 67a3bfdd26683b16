"""Rows about goodput and recovery, from seconds of loads that never happened."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.benchmark import Requirement
from wedload.plan.fault_times import FaultSpan
from wedload.results.run import StageSpan
from wedload.verdict.collected import Collected
from wedload.verdict.fault_account import FaultAccount
from wedload.verdict.model import Abort, Row

S = 1_000_000_000
OUTAGE = FaultSpan("outage", 20 * S, 30 * S)
DURING = "goodput{fault=outage}: value >= 95%"
AFTER = "goodput{after_fault=outage}: value >= 95%"
RECOVERY = "time_to_recover{fault=outage}: value < 5s"
WORKFLOWS = ("visit", "buy")


def collected(*rows, stages=None, faults=(OUTAGE,)):
    catalogue = Catalogue()
    for workflow in WORKFLOWS:
        catalogue.add_series(Series("main", workflow))
    catalogue.add_series(Series("", dependency="calendar"))
    for others in (
        (("fault", "none"), ("before_fault", "outage")),
        (("fault", "outage"),),
        (("fault", "none"), ("after_fault", "outage")),
    ):
        catalogue.add_phase(Phase("main", None, 20, 0, others))
    stages = stages or [StageSpan("main", None, 0.0, 100.0, 10, 10, None, None)]
    return Collected.of(
        catalogue,
        {row: Requirement.parse(row) for row in rows},
        workers=1, schedule_s=100.0, arrivals=False, faults=FaultAccount(faults, stages),
    )  # fmt: skip


def play(one, *stretches, failed=0, buy=0, attempts=(), vus=10):
    """Seconds of (length, good visits): beside them failed ones, and good purchases."""
    at = one.timeline.newest + 1
    for length, visits in stretches:
        for _ in range(length):
            phase = 0 if at < 20 else 1 if at < 30 else 2
            counts = {
                CellKey(0, "iterations", phase, "ok"): visits,
                CellKey(0, "iterations", phase, "failed"): failed,
                CellKey(1, "iterations", phase, "ok"): buy,
            }
            trends = {}
            if attempts:
                seen = Histogram.of([attempts[phase]] * 2)
                trends[CellKey(2, "operation_attempts", phase, "ok")] = seen
            one.add(Snapshot(0, at, trends, counts, {"main": vus}))
            at += 1
    return one


def rows(one, load_s=60.0):
    _, verdict = one.judged([], load_s=load_s)
    return verdict, {row.name: row for row in verdict.rows}


def test_rows_say_how_a_platform_fared_during_and_after_a_fault():
    one = play(collected(DURING, AFTER, RECOVERY), (20, 20), (10, 5), (3, 0), (27, 20), failed=3)

    verdict, found = rows(one)

    assert [(row.status, row.observed) for row in found.values()] == [
        ("missed", 0.25), ("missed", 0.9), ("met", 3000),
    ]  # fmt: skip
    assert found[DURING].reason == (
        f"{DURING}: goodput{{fault='outage'}} is 25 %, required >= 95%, missed by 70 "
        "percentage points (200 samples)."
    )
    (effect,) = verdict.faults
    assert (effect.name, effect.during.ratio, effect.time_to_recover_s) == ("outage", 0.25, 3)


def test_a_platform_that_stays_down_has_missed_its_row_and_is_said_not_to_recover():
    one = play(collected(RECOVERY), (20, 20), (10, 5), (30, 8), attempts=(1, 4, 3))

    verdict, found = rows(one)

    assert (found[RECOVERY].status, found[RECOVERY].observed) == ("missed", None)
    assert found[RECOVERY].reason == (
        f"{RECOVERY}: the platform did not recover by itself: in the 30 s after 'outage' goodput "
        "was 40 % of what was to be expected, and third parties were still asked 3 times an "
        "operation."
    )
    assert found[RECOVERY].reason in verdict.reasons
    amplification = verdict.faults[0].amplification
    assert (amplification.before, amplification.during, amplification.after) == (1, 4, 3)


def test_a_row_may_be_about_one_workflow():
    row = "goodput{fault=outage, workflow=buy}: value >= 95%"
    one = play(collected(row, DURING), (20, 20), (10, 0), (30, 20), buy=20)

    _, found = rows(one)

    assert (found[row].observed, found[row].status) == (1, "met")
    assert found[DURING].observed == 0.5


def test_what_the_load_did_not_reach_has_no_data_and_is_found():
    one = play(collected(DURING, AFTER, RECOVERY), (12, 20))

    verdict, found = rows(one, 12.0)

    assert [row.status for row in found.values()] == ["no-data"] * 3
    assert "the load ended before it began; run longer" in found[RECOVERY].reason
    (finding,) = [one for one in verdict.findings if one.kind == "fault-cut"]
    assert "before the fault 'outage' began (at 00:20)" in finding.message
    assert not finding.invalidates


def test_whose_run_a_row_has_aborted_is_not_told_to_run_longer():
    one = play(collected(DURING, AFTER, RECOVERY), (12, 20))
    row = Row("slow", Requirement.parse(DURING), "missed", 0.5, 100, 0, None)

    _, verdict = one.judged([], load_s=12.0, abort=Abort(row, 12))

    found = {row.name: row.reason for row in verdict.rows}
    assert found[RECOVERY].endswith(
        "nothing is known of this fault: the load ended before it began."
    )
    (finding,) = [one for one in verdict.findings if one.kind == "fault-cut"]
    assert finding.message.endswith("is not known.")


def test_a_load_that_ends_in_a_fault_says_nothing_of_what_comes_after():
    one = play(collected(DURING, AFTER, RECOVERY), (25, 20))

    verdict, found = rows(one, 25.0)

    assert [(row.status, row.observed) for row in found.values()] == [
        ("met", 1), ("no-data", None), ("no-data", None),
    ]  # fmt: skip
    assert "ended while it was in force" in found[AFTER].reason
    assert any("was over (at 00:30)" in one.message for one in verdict.findings)


def test_too_little_load_is_insufficient():
    one = play(collected(DURING, AFTER, RECOVERY), (19, 0), (1, 8), (10, 8), (30, 8))

    _, found = rows(one)

    assert {row.status for row in found.values()} == {"insufficient"}
    assert "8 good iterations before this fault are too few" in found[DURING].reason
    assert "only 8 iterations fared well before it" in found[RECOVERY].reason


def test_while_the_load_goes_on_rows_have_what_is_known():
    one = collected(DURING, RECOVERY)

    play(one, (15, 20))
    assert [row.status for row in one.rows_aside(15.0).values()] == ["no-data", "no-data"]
    play(one, (5, 20), (20, 10))
    known = one.rows_aside(40.0)
    assert (known[DURING].status, known[DURING].observed) == ("missed", 0.5)
    assert known[RECOVERY].status == "no-data"  # it may recover yet
    play(one, (15, 20))
    assert one.rows_aside(55.0)[RECOVERY].observed == 10_000


def test_what_is_held_back_or_stopped_is_not_expected():
    one = collected(AFTER)
    play(one, (20, 20), (10, 20), (10, 20), (10, 0), (10, 20))
    one.timed.hold(40.0)
    one.timed.go_on(50.0)

    _, found = rows(one)

    assert (found[AFTER].observed, found[AFTER].status) == (1, "met")


def test_arrivals_whose_iterations_take_long_are_expected_when_these_end():
    open_ = [StageSpan("main", None, 0.0, 100.0, None, None, 20.0, 20.0)]
    one = play(collected(DURING, AFTER, RECOVERY, stages=open_), (10, 0), (20, 20), (30, 10))

    verdict, found = rows(one)

    assert [row.observed for row in found.values()] == [1, 0.5, None]
    (effect,) = verdict.faults
    assert (effect.before.per_s, effect.before.seconds, effect.metastable) == (20, 10, True)


def test_users_that_have_done_all_their_iterations_are_not_expected_to_do_more():
    one = collected(AFTER)
    play(one, (20, 20), (10, 20), (10, 20))
    for second in range(40, 60):
        one.add(Snapshot(0, second, {}, {}, {"main": 0}))

    _, found = rows(one)

    assert found[AFTER].observed == pytest.approx(1, abs=0.1)  # of the second in which they end


def test_a_run_without_faults_knows_of_none():
    verdict, _ = rows(play(collected(faults=()), (20, 20)), 20.0)

    assert verdict.faults == ()
    assert not any(one.kind == "fault-cut" for one in verdict.findings)
