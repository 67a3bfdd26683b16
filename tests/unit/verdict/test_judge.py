"""Judging, as tables: every kind of metric, every operator, every way of having too little data."""

from __future__ import annotations

import itertools

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.benchmark import Requirement
from wedload.statistics.bounds import rate_bound
from wedload.units import NS_PER_MS as MS
from wedload.verdict.judge import judge
from wedload.verdict.model import Finding
from wedload.verdict.wording import met_of

LAG = Finding("generator-lag", "The generator lagged; use more workers.")
LEAK = Finding("cleanup", "Something is left.", invalidates=False, fails=True)
WARNING = Finding("warning", "Something is odd.", invalidates=False)


def summary(
    *,
    durations_ms=(),
    ok=0,
    failed=0,
    checks=(0, 0),
    iterations=0,
    interrupted=0,
    stage_s=0.0,
    stage_begin_s=0.0,
):
    """A run of one step `look` in stage `peak`."""
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main", "peak", stage_s, stage_begin_s))
    step = catalogue.add_series(Series("main", "visit", "look"))
    trends = {}
    if durations_ms:
        key = CellKey(step, "http_req_duration", phase, "ok")
        trends[key] = Histogram.of([round(value * MS) for value in durations_ms])
    amounts = {
        ("http_reqs", "ok"): ok,
        ("http_reqs", "timeout"): failed,
        ("checks", "pass"): checks[0],
        ("checks", "fail"): checks[1],
        ("iterations", ""): iterations,
        ("interrupted_iterations", ""): interrupted,
    }
    counts = {CellKey(step, m, phase, o): amount for (m, o), amount in amounts.items() if amount}
    made = Summary(catalogue)
    made.add(Snapshot(0, 0, trends, counts))
    return made


def row_of(source, seen, load_s=10.0):
    """A table of one row, judged."""
    (row,) = judge(seen, {"the row": Requirement.parse(source)}, load_s=load_s).rows
    return row


def verdict_of(seen, *sources, findings=(), load_s=10.0):
    table = {f"row {n}": Requirement.parse(source) for n, source in enumerate(sources, 1)}
    return judge(seen, table, findings, load_s=load_s)


HUNDRED = [float(n) for n in range(1, 101)]  # p95 is 95 ms, but for its bucket's width

OPERATORS = {
    # operator -> whether it holds for an observed value below, at and above the threshold
    "<": (True, False, False),
    "<=": (True, True, False),
    "==": (False, True, False),
    ">=": (False, True, True),
    ">": (False, False, True),
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    ("left", "thresholds", "seen"),
    [
        # thresholds that the observed value is below, at and above
        ("http_req_duration: max", ("101ms", "100ms", "99ms"), {"durations_ms": HUNDRED}),
        ("http_req_duration: min", ("2ms", "1ms", "500us"), {"durations_ms": HUNDRED}),
        ("http_req_duration: avg", ("51ms", "50.5ms", "50ms"), {"durations_ms": HUNDRED}),
        ("http_req_duration: med", ("6ms", "5ms", "4ms"), {"durations_ms": [5.0] * 9}),
        ("http_req_duration: p95", ("6ms", "5ms", "4ms"), {"durations_ms": [5.0] * 60}),
        ("http_req_duration: count", ("101", "100", "99"), {"durations_ms": HUNDRED}),
        ("http_req_failed: rate", ("26%", "25%", "24%"), {"ok": 3, "failed": 1}),
        ("http_req_failed: count", ("2", "1", "0"), {"ok": 3, "failed": 1}),
        ("checks: rate", ("76%", "75%", "74%"), {"checks": (3, 1)}),
        ("http_reqs: count", ("5", "4", "3"), {"ok": 3, "failed": 1}),
        ("http_reqs: rate", ("0.5/s", "0.4/s", "0.3/s"), {"ok": 3, "failed": 1}),
        ("iterations: rate", ("60/1m", "30/1m", "29/1m"), {"iterations": 5}),
    ],
)
def test_each_kind_of_row_is_met_exactly_where_its_operator_holds(left, thresholds, seen, operator):
    got = [row_of(f"{left} {operator} {threshold}", summary(**seen)) for threshold in thresholds]
    expected = ["met" if holds else "missed" for holds in OPERATORS[operator]]
    assert [row.status for row in got] == expected
    assert all((row.reason is None) == (row.status == "met") for row in got)


@pytest.mark.parametrize(
    ("aggregation", "enough"),
    [("med", 5), ("p90", 29), ("p95", 59), ("p99", 299), ("p99.9", 2_995)],
)
def test_a_percentile_needs_its_samples_and_not_one_fewer(aggregation, enough):
    source = f"http_req_duration: {aggregation} < 1s"
    few = row_of(source, summary(durations_ms=[5.0] * (enough - 1)))
    assert (few.status, few.samples, few.needed) == ("insufficient", enough - 1, enough)
    assert row_of(source, summary(durations_ms=[5.0] * enough)).status == "met"


def test_too_few_samples_are_insufficient_even_where_they_miss_the_threshold():
    assert row_of("http_req_duration: p95 < 1ms", summary(durations_ms=[5.0])).status == (
        "insufficient"
    )


@pytest.mark.parametrize("aggregation", ["min", "max", "avg"])
def test_one_sample_is_enough_for_what_is_no_percentile(aggregation):
    row = row_of(f"http_req_duration: {aggregation} < 1s", summary(durations_ms=[5.0]))
    assert (row.status, row.observed, row.samples) == ("met", 5.0, 1)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(
    "left",
    [
        "http_req_duration: p95 {} 5ms",
        "http_req_duration: max {} 5ms",
        "http_req_duration{{step=nowhere}}: avg {} 5ms",
        "http_req_failed: rate {} 1%",
        "http_req_failed: count {} 0",
        "checks: rate {} 100%",
        "workflow_failed: count {} 5",
    ],
)
def test_without_data_a_row_is_never_met_or_missed(left, operator):
    row = row_of(left.format(operator), summary())
    assert (row.status, row.observed, row.samples, row.margin) == ("no-data", None, 0, None)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("interrupted_iterations: count == 0", "met"),
        ("interrupted_iterations: rate < 1/s", "met"),
        ("iterations: rate > 1/s", "missed"),
        ("iterations: count >= 1", "missed"),
    ],
)
def test_a_counter_that_counted_nothing_is_a_figure(source, status):
    assert row_of(source, summary(ok=5)).status == status


def test_a_rate_per_second_needs_a_load_that_lasted():
    assert row_of("http_reqs: rate > 1/s", summary(ok=5), load_s=0).status == "no-data"


@pytest.mark.parametrize(
    ("source", "seen", "margin"),
    [
        ("http_req_duration: max < 200ms", {"durations_ms": [150.0]}, 0.25),
        ("http_req_duration: max < 200ms", {"durations_ms": [250.0]}, -0.25),
        ("http_req_duration: max <= 200ms", {"durations_ms": [200.0]}, 0.0),
        ("http_req_duration: min > 200ms", {"durations_ms": [250.0]}, 0.25),
        ("http_req_duration: min >= 200ms", {"durations_ms": [150.0]}, -0.25),
        ("http_req_failed: rate < 1%", {"ok": 98, "failed": 2}, -1.0),
        ("checks: rate > 50%", {"checks": (3, 1)}, 0.5),
        ("http_reqs: rate >= 2/s", {"ok": 10}, -0.5),
        ("http_reqs: count > 8", {"ok": 10}, 0.25),
        ("http_reqs: count == 10", {"ok": 10}, None),
        ("http_req_failed: rate <= 0%", {"ok": 10}, None),
    ],
)
def test_the_margin_is_the_share_of_the_threshold_on_the_good_side(source, seen, margin):
    got = row_of(source, summary(**seen)).margin
    assert got == (None if margin is None else pytest.approx(margin))


@pytest.mark.parametrize(
    ("source", "upper"),
    [("checks: rate < 90%", True), ("checks: rate <= 90%", True), ("checks: rate > 90%", False),
     ("checks: rate >= 90%", False), ("checks: rate == 100%", False)],
)  # fmt: skip
def test_the_bound_of_a_rate_is_the_one_on_its_bad_side(source, upper):
    row = row_of(source, summary(checks=(95, 5)))
    assert row.bound == rate_bound(95, 100, upper=upper)
    assert (row.bound > 0.95) == upper


def test_only_rates_have_a_bound():
    assert row_of("http_req_duration: max < 1s", summary(durations_ms=[5.0])).bound is None
    assert row_of("http_reqs: count > 1", summary(ok=5)).bound is None


def test_a_missed_row_says_what_was_seen_what_was_required_and_by_how_much():
    row = row_of(
        "http_req_duration{step='look', stage=peak}: p95 < 200ms",
        summary(durations_ms=[250.0] * 1_200),
    )
    assert row.reason == (
        "the row: http_req_duration{step='look', stage='peak'} p95 is 250 ms, "
        "required < 200ms, missed by 25 % (1,200 samples)."
    )


def test_a_missed_rate_says_by_how_many_percentage_points():
    row = row_of("http_req_failed: rate < 1%", summary(ok=195, failed=5))
    assert row.reason == (
        "the row: http_req_failed rate is 2.5 %, required < 1%, "
        "missed by 1.5 percentage points (200 samples)."
    )


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("checks: rate == 100%", {"checks": (98, 2)}),
        ("http_req_failed: rate <= 0%", {"ok": 98, "failed": 2}),
    ],
)
def test_a_rate_that_must_be_all_or_nothing_says_how_far_off_it_is_too(source, seen):
    assert "missed by 2 percentage points" in row_of(source, summary(**seen)).reason


def test_a_missed_throughput_says_it_per_second():
    assert row_of("http_reqs: rate >= 40/s", summary(ok=300)).reason == (
        "the row: http_reqs rate is 30.0/s, required >= 40/s, missed by 25 % (300 samples)."
    )


def test_a_row_without_data_names_what_was_looked_for_and_the_remedy():
    assert row_of("http_req_duration{step=pay}: p95 < 1s", summary(ok=1)).reason == (
        "the row: no sample of http_req_duration{step='pay'}; "
        "the load must reach it, or the row must go."
    )


def test_a_row_with_too_few_samples_names_how_many_and_the_remedy():
    assert row_of("http_req_duration: p99.9 < 1s", summary(durations_ms=[1.0] * 1_500)).reason == (
        "the row: 1,500 samples are too few for p99.9, which needs 2,995; "
        "run longer or with more load."
    )


@pytest.mark.parametrize(
    ("source", "given", "said"),
    [
        ("checks: rate == 100%", {"checks": (299_999, 1)}, ">99.999 %, required == 100%,"),
        ("http_req_failed: rate < 0%", {"ok": 299_999, "failed": 1}, "<0.001 %, required < 0%,"),
        ("http_reqs: rate >= 0.50/s", {"ok": 499}, "0.499/s, required >= 0.50/s,"),
    ],
)
def test_a_missed_row_is_never_rounded_to_what_was_required(source, given, said):
    assert said in row_of(source, summary(**given), load_s=1000.0).reason


def test_one_sample_is_not_several():
    few = row_of("http_req_duration: p95 < 1s", summary(durations_ms=[1.0]))
    assert "1 sample is too few for p95, which needs 59" in few.reason
    assert row_of("http_req_duration: max < 1ms", summary(durations_ms=[2.0])).reason.endswith(
        "(1 sample)."
    )


@pytest.mark.parametrize(
    ("statuses", "words"),
    [([], "no benchmarks"), (["met"], "1 of 1 benchmark met"),
     (["met", "missed", "no-data"], "1 of 3 benchmarks met")],
)  # fmt: skip
def test_how_many_rows_are_met_is_said(statuses, words):
    assert met_of(statuses) == words


MET = "http_req_duration: max < 1s"
MISSED = "http_req_duration: max < 1ms"
NO_DATA = "http_req_duration{step=nowhere}: max < 1s"
INSUFFICIENT = "http_req_duration: p99 < 1s"


@pytest.mark.parametrize(
    ("rows", "findings", "outcome"),
    [
        ([], [], "pass"),
        ([MET], [], "pass"),
        ([MET], [WARNING], "pass"),
        ([MET, MISSED], [], "fail"),
        ([MISSED], [WARNING], "fail"),
        ([MET], [LAG], "invalid"),
        ([MISSED], [LAG], "invalid"),
        ([MET, NO_DATA], [], "invalid"),
        ([MISSED, NO_DATA], [], "invalid"),
        ([INSUFFICIENT], [], "invalid"),
        ([MISSED, INSUFFICIENT], [WARNING], "invalid"),
        ([], [LAG], "invalid"),
    ],
)
def test_invalid_outranks_fail_and_fail_outranks_pass(rows, findings, outcome):
    seen = summary(durations_ms=[5.0] * 60, ok=60)
    assert verdict_of(seen, *rows, findings=findings).outcome == outcome


def test_the_verdict_does_not_depend_on_the_order_of_the_rows():
    seen = summary(durations_ms=[5.0] * 60, ok=60)
    for rows in itertools.permutations([MET, MISSED, NO_DATA]):
        assert verdict_of(seen, *rows).outcome == "invalid"


@pytest.mark.parametrize(
    "rows",
    [
        ["http_req_failed: rate < 1%"],
        ["http_req_failed: rate < 1%", "workflow_duration: p95 < 5s"],
        ["workflow_duration: p95 < 5s", "http_req_duration: p99 < 5s"],
        ["http_req_duration: max < 5s"],  # fast failures meet it
        [],
    ],
)
def test_a_run_in_which_every_request_failed_is_a_fail_and_not_invalid(rows):
    verdict = verdict_of(summary(durations_ms=[5.0] * 60, failed=60), *rows)
    assert verdict.outcome == "fail"
    assert verdict.reasons[0] == "Every request failed; see the failures for why."


def test_a_run_in_which_every_request_failed_for_our_own_reasons_is_invalid():
    verdict = verdict_of(summary(failed=60), findings=[LAG])
    assert verdict.outcome == "invalid"
    assert LAG.message in verdict.reasons


def test_one_request_that_worked_makes_missing_data_invalid_again():
    assert verdict_of(summary(ok=1, failed=59), NO_DATA).outcome == "invalid"


def test_a_run_without_any_request_is_never_a_pass_where_rows_ask_about_requests():
    verdict = verdict_of(summary(), "http_req_failed: rate < 1%", "http_req_failed: count == 0")
    assert verdict.outcome == "invalid"
    assert "Every request failed; see the failures for why." not in verdict.reasons


def test_reasons_come_with_what_invalidates_first_then_data_then_misses():
    seen = summary(durations_ms=[5.0] * 60, ok=60)
    verdict = verdict_of(seen, MISSED, NO_DATA, MET, findings=[WARNING, LAG])
    assert verdict.reasons == (LAG.message, verdict.rows[1].reason, verdict.rows[0].reason)
    assert verdict.findings == (WARNING, LAG)
    assert [row.status for row in verdict.rows] == ["missed", "no-data", "met"]
    assert [row.name for row in verdict.rows] == ["row 1", "row 2", "row 3"]


def test_set_up_neither_saves_nor_spoils_a_run():
    seen = summary(durations_ms=[5.0] * 60, failed=60)
    number = seen.catalogue.add_series(Series("setup", step="log in", judged=False))
    seen.add(Snapshot(0, -1, {}, {CellKey(number, "http_reqs", 0, "ok"): 9}))
    assert verdict_of(seen).outcome == "fail"


def test_a_rate_per_second_of_a_stage_is_over_the_stages_own_length():
    seen = summary(ok=3000, stage_s=60.0)
    assert row_of("http_reqs{stage=peak}: rate > 40/s", seen, load_s=600.0).observed == 50
    assert row_of("http_reqs: rate > 4/s", seen, load_s=600.0).observed == 5


def test_a_rate_in_a_stage_that_was_cut_off_is_over_the_time_that_it_had():
    seen = summary(ok=300, stage_s=60.0)
    assert row_of("http_reqs{stage=peak}: rate > 40/s", seen, load_s=6.0).observed == 50


def test_a_rate_in_a_stage_that_the_load_did_not_come_to_has_no_data():
    seen = summary(stage_s=60.0, stage_begin_s=20.0)
    found = row_of("http_reqs{stage=peak}: rate < 60/s", seen, load_s=2.0)
    assert (found.status, found.observed) == ("no-data", None)


def test_a_rate_in_a_stage_in_which_the_load_ended_is_over_what_there_was_of_it():
    seen = summary(ok=970, stage_s=20.0, stage_begin_s=10.0)
    found = row_of("http_reqs{stage=peak}: rate < 60/s", seen, load_s=19.7)
    assert found.observed == pytest.approx(100)
    assert found.status == "missed"


@pytest.mark.parametrize("thousandths", range(1, 1000))
def test_a_rate_exactly_at_its_threshold_in_percent_meets_it(thousandths):
    seen = summary(checks=(thousandths, 1000 - thousandths))
    percent = f"{thousandths / 10:.1f}%"
    assert row_of(f"checks: rate >= {percent}", seen).status == "met"
    assert row_of(f"checks: rate <= {percent}", seen).status == "met"


# --- near-total outage ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "seen", "nothing", "percent"),
    [
        (
            "workflow_duration{stage=peak}: p95 < 5s",
            {"ok": 2, "failed": 98},
            "no workflow{stage='peak'} was completed",
            "98",
        ),
        ("http_req_waiting: p95 < 5s", {"failed": 7}, "no sample of http_req_waiting", "100"),
        (
            "http_req_duration: p95 < 5s",
            {"ok": 1, "failed": 3999, "durations_ms": [3.0] * 10},
            "10 samples are too few for p95, which needs 59",
            "99.975",
        ),
    ],
)
def test_row_that_an_outage_left_without_data_says_so(source, seen, nothing, percent):
    row = row_of(source, summary(**seen))

    assert row.status in {"no-data", "insufficient"}
    assert row.reason == (
        f"the row: {nothing}: {percent} % of its requests failed; see the failures."
    )


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("workflow_duration: p95 < 5s", {"ok": 50, "failed": 50}),
        ("workflow_duration{stage=low}: p95 < 5s", {"ok": 2, "failed": 98}),  # none of these there
        ("workflow_duration: p95 < 5s", {}),
        ("retry_gap: p95 < 1s", {"failed": 98}),  # it is others that are asked there
        ("retry_amplification: value < 2", {"failed": 98}),
    ],
)
def test_row_without_data_for_another_reason_does_not_blame_failures(source, seen):
    assert row_of(source, summary(**seen)).reason.endswith(
        "the load must reach it, or the row must go."
    )


def test_check_that_an_outage_kept_from_being_evaluated_names_its_requests():
    row = row_of("checks{step=look, check='status == 200'}: rate > 99%", summary(failed=9, ok=1))

    assert row.reason.endswith("90 % of its requests failed; see the failures.")


def test_outage_leaves_a_run_without_data_invalid():
    verdict = verdict_of(summary(ok=2, failed=98), "workflow_duration: p95 < 5s")

    assert verdict.outcome == "invalid"


@pytest.mark.parametrize(
    ("requests", "breaches", "status", "samples"),
    [(0, 0, "no-data", 0), (40, 0, "met", 40), (40, 2, "missed", 40)],
)
def test_that_nothing_was_over_a_quota_is_known_only_of_those_who_were_asked(
    requests, breaches, status, samples
):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase(""))
    series = catalogue.add_series(Series("", dependency="calendar"))
    amounts = {("dependency_requests", "ok"): requests, ("quota_breaches", ""): breaches}
    seen = Summary(catalogue)
    counts = {CellKey(series, m, phase, o): amount for (m, o), amount in amounts.items() if amount}
    seen.add(Snapshot(0, 0, counts=counts))

    row = row_of("quota_breaches{dependency=calendar}: count == 0", seen)

    assert (row.status, row.samples) == (status, samples)
    assert row.observed == (breaches if requests else None)


def test_what_is_left_behind_fails_a_run_whose_rows_are_all_met():
    seen = summary(durations_ms=HUNDRED, ok=100)
    verdict = verdict_of(seen, "http_req_failed: rate < 1%", findings=[LEAK, WARNING])
    assert verdict.outcome == "fail"
    assert verdict.reasons == ("Something is left.",)


def test_what_is_left_behind_makes_no_invalid_run_a_failed_one():
    seen = summary(durations_ms=HUNDRED, ok=100)
    verdict = verdict_of(seen, "http_req_failed: rate < 1%", findings=[LEAK, LAG])
    assert verdict.outcome == "invalid"
    assert verdict.reasons == (LAG.message, LEAK.message)
