"""What requests that were cut off at the end mean for the verdict, and what they do not mean."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS as MS
from wedload.verdict.collected import Collected
from wedload.verdict.model import Abort, Row

#: rows that ten failed or very long ones of a thousand requests would miss
ROWS = {
    "failed": "http_req_failed: rate < 0.5%",
    "fast": "http_req_duration: p99.5 < 200ms",
    "waited": "response_time: max < 1s",
    "workflows": "workflow_failed: count == 0",
    "checked": "checks: rate > 99.5%",
    "slow is fine": "http_req_duration: p95 < 200ms",
    "not too fast": "http_req_duration: min > 1ms",
    "enough": "http_reqs: count >= 990",
}


def judged(waits_ms, rows=ROWS, *, answered=990, slowest_ms=50, outcome="ok", **more):
    """A run of one step whose last requests were cut off after such waits."""
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main", "peak"))
    flow = catalogue.add_series(Series("main", "visit"))
    step = catalogue.add_series(Series("main", "visit", "look"))
    check = catalogue.add_series(Series("main", "visit", "look", check="is fine"))
    trends, counts = {}, {}
    if answered:
        took = Histogram.of([5 * MS] * (answered - 1) + [slowest_ms * MS])
        for metric in ("http_req_duration", "response_time"):
            trends[CellKey(step, metric, phase, outcome)] = took
        counts = {
            CellKey(step, "http_reqs", phase, outcome): answered,
            CellKey(flow, "iterations", phase, "ok"): answered,
            CellKey(check, "checks", phase, "pass"): answered,
        }
    if waits_ms:
        waits = Histogram.of([round(wait * MS) for wait in waits_ms])
        trends[CellKey(step, "http_req_interrupted", phase, "")] = waits
        interrupted = CellKey(flow, "interrupted_iterations", phase, "")
        counts[interrupted] = more.get("interrupted", len(waits_ms))
    table = {name: Requirement.parse(source) for name, source in rows.items()}
    collected = Collected.of(catalogue, table, workers=1, schedule_s=10, arrivals=False)
    collected.add(Snapshot(0, 0, trends, counts))
    _, verdict = collected.judged([], load_s=10, abort=more.get("aborted"))
    return verdict


def the_finding(verdict):
    (found,) = verdict.findings
    return found


def test_a_run_whose_last_requests_hung_is_not_passed():
    verdict = judged([4_000.0] * 10)
    found = the_finding(verdict)
    assert verdict.outcome == "invalid"
    assert found.kind == "unanswered"
    assert found.message == (
        "10 requests were cut off without an answer, after up to 4.00 s, so that failed and fast "
        "and waited and workflows and checked may not be met; let them end, with a graceful_stop "
        "and a graceful_ramp_down as long as their timeout."
    )


@pytest.mark.parametrize("name", ROWS)
def test_each_row_is_turned_by_what_it_is_about(name):
    verdict = judged([4_000.0] * 10, {name: ROWS[name]})
    turned = name in {"failed", "fast", "waited", "workflows", "checked"}
    assert verdict.outcome == ("invalid" if turned else "pass")
    assert (name in the_finding(verdict).message) == turned


def test_an_ordinary_end_without_grace_turns_nothing():
    """Half of 20 users are cut off while they wait no longer than others did."""
    verdict = judged([0.1, 1, 3, 5, 20, 49.9, 60, 80, 99] * 2)
    assert (verdict.outcome, verdict.findings) == ("pass", ())


def test_a_slow_target_is_not_taken_for_one_that_hangs():
    rows = {"failed": "http_req_failed: count == 0"}
    assert judged([3_000.0] * 10, rows, slowest_ms=2_000).findings == ()
    assert judged([4_100.0] * 10, rows, slowest_ms=2_000).outcome == "invalid"


def test_waits_of_a_time_out_do_not_make_hanging_ordinary():
    rows = {"failed": "http_req_failed: rate <= 100%", "fast": "http_req_duration: p99.5 < 9s"}
    verdict = judged([900.0] * 10, rows, slowest_ms=1_000, outcome="timeout")
    assert the_finding(verdict).kind == "unanswered"


def test_waits_so_far_count_where_they_alone_miss_a_row():
    """The target is slow anyway, so nothing is overdue; but so many are beyond the threshold."""
    verdict = judged([1_500.0] * 60, {"fast": "http_req_duration: p95 < 1s"}, slowest_ms=2_000)
    assert verdict.outcome == "invalid"


def test_what_hung_and_turns_no_row_is_told():
    verdict = judged([4_000.0] * 3, {"failed": "http_req_failed: rate < 1%"})
    assert verdict.outcome == "pass"
    assert the_finding(verdict).message == (
        "3 requests were cut off without an answer, after up to 4.00 s, much longer than any "
        "that was answered took; what would have become of them is in no row."
    )


def test_a_run_that_a_row_has_aborted_fails_all_the_same():
    row = Row("late", Requirement.parse("http_reqs: count > 1"), "missed", 0.0, 0, 0, None)
    verdict = judged([4_000.0] * 10, aborted=Abort(row, 3))
    assert verdict.outcome == "fail"
    assert not the_finding(verdict).invalidates


def test_a_batch_that_hangs_is_one_workflow():
    rows = {"workflows": "workflow_failed: count < 6"}
    assert judged([4_000.0] * 10, rows, interrupted=5).outcome == "pass"
    assert judged([4_000.0] * 10, rows, interrupted=6).outcome == "invalid"


def test_a_run_in_which_nothing_was_answered_says_so_and_is_not_valid():
    verdict = judged([4_000.0] * 20, answered=0)
    found = the_finding(verdict)
    assert (verdict.outcome, found.kind) == ("invalid", "none-answered")
    assert found.message == (
        "20 requests were begun, and none was answered before the end; the longest had waited "
        "4.00 s when it was cut off."
    )


def test_a_run_in_which_nothing_was_begun_says_that():
    assert the_finding(judged([], answered=0)).kind == "nothing-sent"


def test_steps_of_another_verb_alone_are_something_that_was_sent(knocking):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    door = catalogue.add_series(Series("main", "visit", "knock", verb="knock"))
    collected = Collected.of(catalogue, {}, workers=1, schedule_s=10, arrivals=False)
    collected.add(Snapshot(0, 0, {}, {CellKey(door, knocking.count, phase, "ok"): 3}))

    _, verdict = collected.judged([], load_s=10)

    assert verdict.findings == ()
    assert verdict.outcome == "pass"


def test_exchanges_over_websockets_that_hung_are_treated_as_requests_are():
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main", "peak"))
    flow = catalogue.add_series(Series("main", "visit"))
    step = catalogue.add_series(Series("main", "visit", "ask", verb="ws"))
    rows = {
        "failed": "ws_failed: rate < 0.5%",
        "fast": "ws_duration: p99.5 < 200ms",
        "enough": "ws_exchanges: count >= 990",
    }
    trends = {
        CellKey(step, "ws_duration", phase, "ok"): Histogram.of([5 * MS] * 990),
        CellKey(step, "ws_interrupted", phase, ""): Histogram.of([4_000 * MS] * 10),
    }
    counts = {
        CellKey(step, "ws_exchanges", phase, "ok"): 990,
        CellKey(flow, "interrupted_iterations", phase, ""): 10,
    }
    table = {name: Requirement.parse(source) for name, source in rows.items()}
    collected = Collected.of(catalogue, table, workers=1, schedule_s=10, arrivals=False)
    collected.add(Snapshot(0, 0, trends, counts))
    _, verdict = collected.judged([], load_s=10, abort=None)
    assert verdict.outcome == "invalid"
    assert "so that failed and fast may not be met" in the_finding(verdict).message
