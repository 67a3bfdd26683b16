"""Rows about a part of the load: known answers, second by second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.verdict.judge import judge
from wedload.verdict.model import Finding
from wedload.verdict.row import badness

QUICK = [5.0] * 100
STALLED = [5.0] * 50 + [900.0] * 50


def stall(load, *, at, seconds=60):
    """A load of 100 requests a second, half of which stall in two seconds."""
    for second in range(seconds):
        load.second(second, ms=STALLED if second in {at, at + 1} else QUICK, ok=100)
    return load


# --- windows -------------------------------------------------------------------------------------


def test_stall_in_the_middle_is_found_by_a_window_and_not_by_the_whole_run(load, row):
    of = "http_req_duration: p95 < 100ms"

    rows = stall(load({"whole": row(of), "window": row(of, window_s=10)}), at=30).rows(60.0)

    assert rows["whole"].status == "met"  # 100 of 6,000
    assert rows["window"].status == "missed"  # 100 of 1,000
    assert rows["window"].observed == pytest.approx(900, rel=1e-3)
    assert rows["window"].samples == 1_000
    assert rows["window"].at_s == 32  # the first window that has both seconds of it
    assert rows["window"].reason == (
        "window: http_req_duration p95 in the 10s until 00:32 is 900 ms, required < 100ms, "
        "missed by 800 % (1,000 samples)."
    )


def test_worst_window_is_shown_also_if_it_is_met(load, row):
    of = row("http_req_duration: max < 1s", window_s=3)

    found = stall(load({"row": of}), at=30).rows(60.0)["row"]

    assert (found.status, found.at_s, found.samples) == ("met", 31, 300)
    assert found.observed == pytest.approx(900)
    assert found.margin == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("source", "worst", "at_s"),
    [
        ("http_req_failed: rate < 50%", 0.3, 4),
        ("http_req_failed: rate > 0%", 0.05, 6),
        ("http_req_failed: rate == 10%", 0.3, 4),  # the furthest off
        ("http_reqs: count < 500", 220.0, 6),
        ("http_reqs: count >= 100", 200.0, 2),  # the first of those that are alike
        ("http_reqs: rate >= 50/s", 100.0, 2),
        ("http_reqs: rate < 200/s", 110.0, 6),
    ],
)
def test_worst_is_the_furthest_on_the_bad_side(load, row, source, worst, at_s):
    made = load({"row": row(source, window_s=2)})
    for second, failed in enumerate([10, 10, 30, 30, 10, 1]):
        made.second(second, ok=100 - failed + (20 if second == 5 else 0), failed=failed)

    found = made.rows(6.0)["row"]

    assert found.observed == pytest.approx(worst, abs=0.006)
    assert found.at_s == at_s


def test_window_has_full_seconds_only(load, row):
    made = load({"row": row("http_req_failed: rate < 1%", window_s=2)})
    for second in range(3):
        made.second(second, ok=100)
    made.second(3, failed=50)  # in the half second that is left

    found = made.rows(3.5)["row"]

    assert (found.status, found.samples) == ("met", 200)


def test_window_begins_when_the_warm_up_is_over(load, row):
    made = load({"row": row("http_req_failed: rate < 1%", window_s=2, after_s=3)})
    for second in range(8):
        made.second(second, ok=100, failed=50 if second < 3 else 0)

    found = made.rows(8.0)["row"]

    assert (found.status, found.observed, found.at_s) == ("met", 0.0, 5)


def test_second_in_which_nothing_ended_is_part_of_a_window(load, row):
    made = load({"row": row("http_reqs: count >= 10", window_s=2)})
    for second in (0, 1, 2, 6, 7):
        made.second(second, ok=10)

    found = made.rows(8.0)["row"]

    assert (found.status, found.observed, found.at_s) == ("missed", 0.0, 5)


def test_windows_with_too_few_samples_are_not_judged(load, row):
    made = load({"row": row("http_req_duration: p95 < 100ms", window_s=1)})
    for second in range(4):
        made.second(second, ms=[900.0] * 58 if second == 2 else [5.0] * 59, ok=59)

    found = made.rows(4.0)["row"]

    assert (found.status, found.samples) == ("met", 59)


def test_where_no_window_has_enough_samples_the_fullest_is_named(load, row):
    made = load({"row": row("http_req_duration: p95 < 100ms", window_s=2)})
    for second in range(5):
        made.second(second, ms=[5.0] * (second + 1), ok=1)

    found = made.rows(5.0)["row"]

    assert (found.status, found.samples, found.needed) == ("insufficient", 9, 59)
    assert found.reason == (
        "row: 9 samples in 2s, the most of any such stretch, are too few for p95, which needs 59; "
        "choose a longer window, or more load."
    )


def test_where_no_window_has_a_sample_there_is_no_data(load, row):
    made = load({"row": row("http_req_duration{step=buy}: p95 < 1s", window_s=2)})
    for second in range(5):
        made.second(second, ms=QUICK, ok=100)

    assert made.rows(5.0)["row"].status == "no-data"


@pytest.mark.parametrize(
    ("after_s", "seconds", "reason"),
    [
        (0, 9, "no stretch of 10s could be judged, as the load ended at 00:09"),
        (5, 14, "no stretch of 10s after 5s could be judged, as the load ended at 00:14"),
    ],
)
def test_window_longer_than_the_load_is_insufficient(load, row, after_s, seconds, reason):
    made = load({"row": row("http_req_failed: rate < 1%", window_s=10, after_s=after_s)})
    for second in range(seconds):
        made.second(second, ok=100)

    found = made.rows(seconds + 0.9)["row"]

    assert found.status == "insufficient"
    assert found.reason == f"row: {reason}; run longer, or choose a shorter window."
    assert made.verdict(seconds + 0.9).outcome == "invalid"


def test_less_that_is_done_when_less_is_asked_for_is_no_miss(load, row):
    """After its schedule a load only ends its iterations."""
    table = {
        "throughput": row("http_reqs: rate >= 50/s", window_s=2),
        "count": row("http_reqs: count >= 100", window_s=2),
        "failures": row("http_req_failed: rate < 1%", window_s=2),
    }
    made = load(table, schedule_s=6.0)
    for second in range(9):
        made.second(second, ok=100 if second < 6 else 1, failed=0 if second < 7 else 1)

    rows = made.rows(9.0)

    assert (rows["throughput"].status, rows["count"].status) == ("met", "met")
    assert rows["failures"].status == "missed"  # what ends late counts


def test_less_that_is_done_after_a_stop_is_no_miss(load, row):
    made = load({"row": row("http_reqs: rate >= 50/s", window_s=2)})
    for second in range(6):
        made.second(second, ok=100)
    made.timed.stop(6.3)
    for second in range(6, 9):
        made.second(second, ok=1)

    assert made.rows(9.0)["row"].status == "met"


def test_less_that_is_done_while_the_load_is_held_back_is_no_miss(load, row):
    """Whatever else a pause leaves out, what happens after it is judged."""
    made = load({"row": row("http_reqs: rate >= 50/s", window_s=2)})
    for second in range(12):
        if second == 4:
            made.timed.hold(3.8)
        if second == 7:
            made.timed.go_on(7.3)
        made.second(second, ok=1 if 3 <= second <= 7 else 100 - second)

    found = made.rows(12.0)["row"]

    assert (found.status, found.at_s, found.observed) == ("met", 12, 89.5)


def test_row_stands_as_the_worst_so_far_while_the_load_goes_on(load, row):
    made = load({"row": row("http_req_failed: rate < 10%", window_s=2)})
    states = []
    for second, failed in enumerate([0, 0, 0, 20, 0, 0]):
        made.second(second, ok=80, failed=failed)
        states.append(made.timed.rows(second + 1.0)["row"].observed)

    # a second is judged when the next one has begun
    assert states == [None, None, 0.0, 0.0, pytest.approx(1 / 9), pytest.approx(1 / 9)]


# --- after ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "after_s", "observed"),
    [
        ("http_req_duration: max < 1s", 0, 900.0),
        ("http_req_duration: max < 1s", 2, 900.0),
        ("http_req_duration: max < 1s", 3, 5.0),
        ("http_req_failed: count <= 100", 2, 10.0),
        ("http_req_failed: rate < 50%", 2, 10 / 420),
        ("http_reqs: rate > 1/s", 2, 100.0),  # 420 in the 4.2 s that were left
        ("http_reqs: count > 1", 6, 20.0),  # the last, which was not a full one
    ],
)
def test_what_ended_in_the_warm_up_does_not_count(load, row, source, after_s, observed):
    made = load({"row": row(source, after_s=after_s)})
    for second in range(6):
        slow = [900.0] if second == 2 else []
        failed = [50, 50, 10, 0, 0, 0][second]
        made.second(second, ms=[5.0] * 99 + slow, ok=100 - failed, failed=failed)
    made.second(6, ok=20)

    assert made.rows(6.2)["row"].observed == pytest.approx(observed, rel=1e-3)


def test_load_that_ends_in_the_warm_up_has_no_data_not_even_a_count_of_zero(load, row):
    made = load({"row": row("http_req_failed: count <= 0", after_s=10)})
    for second in range(5):
        made.second(second, ok=100)

    found = made.rows(5.0)["row"]

    assert found.status == "no-data"
    assert found.reason == (
        "row: the load ended at 00:05, before what the row is about: it begins after 10s; "
        "run longer, or choose an earlier instant."
    )


def test_what_set_up_and_clean_up_do_is_no_part_of_the_load(load, row):
    made = load(
        {"row": row("http_reqs: count < 100", after_s=1), "whole": row("http_reqs: count > 1")}
    )
    made.second(-1, ok=70)
    for second in range(4):
        made.second(second, ok=10)
    made.timed.finish(4.0)
    made.second(-1, ok=70)

    rows = made.rows(4.0)

    assert (rows["row"].observed, rows["whole"].observed) == (30.0, 180.0)


# --- selectors and load processes ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "observed"),
    [("{step=buy}", 3.0), ("{stage=peak}", 12.0), ("{step=look, stage=up}", 9.0), ("", 24.0)],
)
def test_selectors_pick_in_a_window_what_they_pick_in_a_run(load, row, where, observed):
    made = load({"row": row(f"http_reqs{where}: count < 1000", window_s=3)})
    for second in range(3):
        made.second(second, ok=3)
        made.second(second, ok=1, step=1)
        made.second(second, ok=4, stage=1)

    assert made.rows(3.0)["row"].observed == observed


def test_second_is_judged_when_it_is_over_for_every_load_process(load, row):
    made = load({"row": row("http_req_failed: rate < 10%", window_s=1, abort=True)}, workers=2)
    made.second(0, failed=10, worker=0)
    made.second(1, ok=10, worker=0)
    made.second(2, ok=10, worker=0)

    assert made.timed.abort is None  # the other may have had a thousand successes in it

    made.second(0, ok=1000, worker=1)
    made.second(1, ok=1000, worker=1)

    assert made.timed.rows(3.0)["row"].samples == 1010
    assert made.timed.abort is None


def test_what_a_slower_load_process_tells_is_in_the_window_that_it_is_of(load, row):
    made = load({"row": row("http_req_failed: rate < 10%", window_s=1)}, workers=2)
    for second in range(3):
        made.second(second, ok=1000, worker=0)
    made.second(0, ok=10, worker=1)
    made.second(1, failed=100, worker=1)

    found = made.rows(3.0)["row"]

    assert (found.status, found.samples, found.at_s) == ("met", 1100, 2)


def test_load_process_that_is_lost_does_not_keep_the_end_from_being_judged(load, row):
    made = load({"row": row("http_req_failed: rate < 10%", window_s=2)}, workers=2)
    made.second(0, ok=10, worker=1)
    for second in range(5):
        made.second(second, ok=10, failed=5 if second == 4 else 0, worker=0)

    assert made.rows(5.0)["row"].status == "missed"


SECONDS = st.lists(
    st.tuples(
        st.lists(st.floats(0.01, 5000), max_size=8), st.integers(0, 40), st.integers(0, 5)
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip
SOURCES = st.sampled_from(
    [
        "http_req_duration: med < 100ms", "http_req_duration: max < 1s",
        "http_req_duration: min >= 1ms", "http_req_duration: avg < 100ms",
        "http_req_duration: count > 20", "http_req_failed: rate < 5%", "http_req_failed: count < 9",
        "http_reqs: count >= 40", "http_reqs: rate > 10/s", "http_reqs{step=buy}: count == 0",
    ]
)  # fmt: skip


def fed(load, table, seconds, workers=1):
    made = load(table, workers=workers)
    for at, (ms, ok, failed) in enumerate(seconds):
        for worker in range(workers):
            share = slice(worker, None, workers)
            made.second(
                at,
                ms=ms[share],
                ok=len(range(ok)[share]),
                failed=len(range(failed)[share]),
                worker=worker,
            )
    return made


@given(SECONDS, SOURCES)
def test_window_as_long_as_the_load_is_the_plain_row(load, row, seconds, source):
    table = {"plain": row(source), "window": row(source, window_s=len(seconds))}

    rows = fed(load, table, seconds).rows(float(len(seconds)))

    plain, window = rows["plain"], rows["window"]
    assert (plain.status, plain.observed, plain.samples, plain.margin, plain.bound) == (
        window.status, window.observed, window.samples, window.margin, window.bound,
    )  # fmt: skip
    assert window.at_s == len(seconds)


@given(SECONDS, SOURCES, st.integers(1, 5), st.integers(0, 4), st.integers(1, 3))
def test_worst_window_is_the_worst_of_all_judged_one_by_one(
    load, row, seconds, source, window_s, after_s, workers
):
    """However many load processes share the load."""
    of = row(source, window_s=window_s, after_s=after_s)
    found = fed(load, {"row": of}, seconds, workers).rows(float(len(seconds)))["row"]

    alone = [
        fed(load, {"row": row(source)}, seconds[begin : begin + window_s]).rows(float(window_s))
        for begin in range(after_s, len(seconds) - window_s + 1)
    ]
    judged = [one["row"] for one in alone if one["row"].status in {"met", "missed"}]
    if not judged:
        assert found.status in {"insufficient", "no-data"}
        return
    worst = max(judged, key=lambda one: badness(of, one.observed))
    assert (found.observed, found.status, found.samples) == (
        worst.observed, worst.status, worst.samples,
    )  # fmt: skip


@given(SECONDS, SOURCES, st.integers(0, 4))
def test_row_after_an_instant_is_the_plain_row_of_what_follows(load, row, seconds, source, after_s):
    made = fed(load, {"row": row(source, after_s=after_s)}, seconds)
    found = made.rows(float(len(seconds)))["row"]

    left = seconds[after_s:]
    if not left:
        assert found.status == "no-data"
        return
    plain = fed(load, {"row": row(source)}, left).rows(float(len(left)))["row"]
    assert (found.status, found.observed, found.samples) == (
        plain.status, plain.observed, plain.samples,
    )  # fmt: skip


# --- abort ---------------------------------------------------------------------------------------


def aborted_at(load, row, source, seconds, **times):
    """The second after which a load of (ok, failed, ms) is aborted, if it is."""
    made = load({"row": row(source, abort=True, **times)})
    for at, (ok, failed, ms) in enumerate([*seconds, (0, 0, ())]):
        made.second(at, ok=ok, failed=failed, ms=ms)
        if made.timed.abort is not None:
            assert made.timed.abort.row.status == "missed"
            assert made.timed.abort.after_s == at
            return at
    return None


BAD = (0, 100, [900.0] * 100)
GOOD = (100, 0, QUICK)
FEW = (2, 1, [5.0, 5.0, 900.0])


@pytest.mark.parametrize(
    ("source", "times", "seconds", "at"),
    [
        # certain, whatever comes
        ("http_req_failed: count < 5", {}, [GOOD, FEW, FEW, FEW, FEW, FEW, FEW], 6),
        ("http_req_failed: count <= 5", {}, [GOOD, FEW, FEW, FEW, FEW, FEW, FEW], 7),
        ("http_req_failed: count == 0", {}, [GOOD, FEW], 2),
        ("http_req_failed: count == 2", {}, [GOOD, FEW], None),
        ("http_req_duration: max < 500ms", {}, [GOOD, FEW], 2),
        ("http_req_duration: min > 6ms", {}, [BAD, FEW], 2),
        ("http_req_failed: rate <= 0%", {}, [GOOD, FEW], 2),
        ("http_req_failed: rate == 0%", {}, [GOOD, FEW], 2),
        # proven, three looks in a row
        ("http_req_failed: rate < 1%", {}, [FEW, GOOD, GOOD, GOOD], None),
        ("http_req_failed: rate < 1%", {}, [BAD] * 5, 3),
        ("http_req_failed: rate < 1%", {}, [GOOD] * 5 + [BAD] * 5, 8),
        ("http_req_failed: rate < 20%", {}, [BAD] + [GOOD] * 9, 3),
        ("http_req_failed: rate < 40%", {}, [BAD] + [GOOD] * 9, None),
        ("http_req_failed: rate > 50%", {}, [GOOD] * 9, 3),
        ("http_req_failed: rate < 1%", {"after_s": 2}, [BAD, BAD] + [GOOD] * 5, None),
        ("http_req_failed: rate < 1%", {"after_s": 2}, [BAD] * 6, 5),
        ("http_req_duration: p95 < 500ms", {}, [FEW] * 9, None),  # too few for p95
        ("http_req_duration: p95 < 500ms", {}, [BAD] * 5, 3),
        ("http_req_duration: p95 < 500ms", {}, [GOOD] * 9, None),
        ("http_req_duration: p50 > 500ms", {}, [GOOD] * 9, 3),
        # full windows
        ("http_req_failed: rate < 1%", {"window_s": 2}, [GOOD, GOOD, FEW, FEW], 4),
        ("http_req_failed: rate < 1%", {"window_s": 5}, [BAD] * 6, 5),
        ("http_req_failed: rate < 1%", {"window_s": 2, "after_s": 1}, [BAD] + [GOOD] * 5, None),
        ("http_reqs: rate >= 50/s", {"window_s": 2}, [GOOD, GOOD, FEW, FEW, FEW], 4),
        ("http_req_duration: avg < 500ms", {"window_s": 1}, [GOOD, BAD], 2),
        ("http_req_duration: p95 < 500ms", {"window_s": 1}, [FEW] * 9, None),
    ],
)  # fmt: skip
def test_row_aborts_when_its_miss_is_certain_and_not_before(load, row, source, times, seconds, at):
    assert aborted_at(load, row, source, seconds, **times) == at


def test_row_without_abort_never_aborts(load, row):
    made = load({"row": row("http_req_failed: rate < 1%", window_s=1)})
    for second in range(9):
        made.second(second, failed=100)

    assert made.timed.abort is None


def test_row_that_aborted_stays_as_it_was_then(load, row):
    """What ends in the grace cannot make the reason untrue."""
    table = {
        "count": row("http_req_failed: count < 5", abort=True),
        "later": row("http_req_failed: rate < 1%", window_s=1, abort=True),
        "other": row("http_reqs: count > 1"),
    }
    made = load(table)
    made.second(0, ok=100)
    made.second(1, ok=100, failed=0)
    made.second(2, ok=100, failed=7)
    made.second(3, ok=500, failed=500)
    abort = made.timed.abort
    rows = made.rows(4.0)

    assert (abort.row.name, abort.after_s) == ("count", 3)
    assert (rows["count"].observed, rows["count"].samples) == (7.0, 307)
    assert rows["later"].observed == 0.5  # it goes on being followed
    assert rows["other"].observed == 1307.0


def test_row_whose_miss_came_too_late_to_abort_anything_is_about_all_that_ran(load, row):
    made = load({"row": row("http_req_failed: count < 5", abort=True)})
    made.second(0, failed=7)
    made.second(1, failed=7)
    made.timed.finish(1.5)

    (found,) = judge(made.summary, made.benchmarks, load_s=1.5, timed=made.timed.rows(1.5)).rows

    assert made.timed.abort.row.observed == 7.0
    assert (found.status, found.observed) == ("missed", 14.0)


def test_run_that_was_aborted_fails_and_says_first_which_row_when_and_why(load, row):
    table = {
        "Failures": row("http_req_failed: rate < 1%", window_s=2, abort=True),
        "Other": row("http_reqs: count > 1000"),
        "Never reached": row("http_req_duration{stage=peak}: p95 < 1s"),
        "Few": row("http_req_duration: p95 < 1s"),
        "Late": row("http_req_failed: rate < 1%", after_s=30),
        "Long": row("http_req_failed: rate < 1%", window_s=30),
    }
    made = load(table)
    for second in range(4):
        made.second(second, ok=10, failed=second, ms=[5.0] * 10)
    made.timed.finish(4.0)

    verdict = made.verdict(4.0)

    assert verdict.outcome == "fail"
    first, second = verdict.reasons
    assert first == (
        "Aborted at 00:02. Failures: http_req_failed rate in the 2s until 00:02 is 4.76 %, "
        "required < 1%, missed by 3.76 percentage points (21 samples)."
    )
    assert second == (
        "Other: http_reqs count is 46, required > 1000, missed by 95.4 % (46 samples)."
    )
    assert [one.status for one in verdict.rows[2:]] == [
        "no-data", "insufficient", "no-data", "insufficient",
    ]  # fmt: skip
    assert [one.reason for one in verdict.rows[2:]] == [
        "Never reached: no sample of http_req_duration{stage='peak'} until the run was aborted.",
        "Few: 40 samples are too few for p95, which needs 59, as the run was aborted.",
        "Late: the load ended at 00:04, before what the row is about: it begins after 30s.",
        "Long: no stretch of 30s could be judged, as the load ended at 00:04.",
    ]


def test_what_makes_numbers_untrustworthy_outranks_an_abort(load, row):
    made = load({"row": row("http_req_failed: count < 5", abort=True)})
    made.second(0, failed=10, ok=1)
    made.timed.finish(1.0)

    lag = Finding("generator-lag", "The generator lagged; use more workers.")
    verdict = made.verdict(1.0, [lag])

    assert verdict.outcome == "invalid"
    assert verdict.reasons[0].startswith("Aborted at 00:01. row: ")
    assert verdict.reasons[1] == lag.message


def test_row_about_a_part_of_the_load_is_not_judged_as_if_it_were_about_all(load, row):
    made = load({"row": row("http_reqs: count > 1", window_s=1)})

    with pytest.raises(ValueError, match="about a part of the load"):
        judge(made.summary, made.benchmarks, load_s=1.0)


def test_memory_is_that_of_the_window_not_of_the_run(load, row):
    made = load({"row": row("http_req_duration: p95 < 1s", window_s=5)})
    for second in range(200):
        made.second(second, ms=QUICK, ok=100)

    assert len(made.timed._rows["row"]._stretch._kept) == 5
    assert len(made.timed._open) == 1


def test_snapshot_of_no_samples_still_ends_a_second(load, row):
    made = load({"row": row("http_req_failed: count < 5", abort=True)})
    made.second(0, failed=10)
    made.timed.add(Snapshot(0, 1, {}, {CellKey(0, "iterations", 0, ""): 1}))

    assert made.timed.abort is not None


def test_rate_of_a_stage_after_an_instant_is_over_what_is_left_of_the_stage(load, row):
    of = row("http_reqs{stage=up}: rate > 90/s", after_s=4)  # the stage lasts 10 s
    seen = load({"row": of})
    for second in range(20):
        seen.second(second, ok=100 if second < 10 else 0)

    assert seen.rows(20.0)["row"].observed == 100


def attempts(at, *numbers):
    """A second of a third party: so many attempts of each operation."""
    key = CellKey(0, "operation_attempts", 0, "ok")
    return Snapshot(0, at, {key: Histogram.of(numbers)}, {})


def test_retries_that_compound_for_a_while_end_the_run_and_numbers_are_no_durations(load, row):
    rows = {
        "factor": row("retry_amplification: value < 2", window_s=3, abort=True),
        "most": row("operation_attempts: max <= 6", abort=True),
        "many": row("operation_attempts: p90 <= 2", after_s=1),
    }
    made = load(rows)
    for second, numbers in enumerate([(1, 1), (1, 2), (1, 1), (2, 2), (2, 3), (2, 3)]):
        made.timed.add(attempts(second, *numbers))
        if second < 5:
            assert made.timed.abort is None
    made.timed.add(attempts(6, 1))

    abort = made.timed.abort
    assert (abort.row.name, abort.row.observed, abort.after_s) == ("factor", 14 / 6, 6)
    made.timed.finish(7.0)
    (many,) = [one for one in made.timed.rows(7.0).values() if one.name == "many"]
    assert (many.status, many.samples) == ("insufficient", 11)


def test_a_number_of_attempts_that_must_not_be_ends_the_run_at_once(load, row):
    made = load({"most": row("operation_attempts: max <= 3", abort=True)})
    made.timed.add(attempts(0, 1, 3))
    made.timed.add(attempts(1, 4))
    made.timed.add(attempts(2, 1))

    assert (made.timed.abort.row.observed, made.timed.abort.after_s) == (4, 2)


def test_a_percentile_of_attempts_is_proven_to_be_missed(load, row):
    made = load({"many": row("operation_attempts: p50 <= 2", abort=True)})
    for second in range(6):
        made.timed.add(attempts(second, *[3] * 40))

    assert made.timed.abort.row.observed == 3
