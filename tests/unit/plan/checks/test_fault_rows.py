"""Rows about faults and third parties: what can be selected, and what is said of the rest."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

PARTS = """\
[scenarios.early]
executor = "constant-vus"
vus = 1
duration = "15s"
workflow = "visit"
[dependencies.calendar]
simulate = "google-calendar"
[[faults]]
name = "outage"
on = "calendar"
at = "20s"
for = "10s"
down = true
[[faults]]
name = "slow mail"
on = "calendar"
at = "25s"
for = "10s"
latency = "2s"
[benchmarks]
"""

ROWS = [
    "http_req_duration{fault='outage'}: p95 < 2s",
    "http_req_duration{fault='outage', step=look, scenario=main}: p95 < 2s",
    "http_req_failed{fault=none}: rate < 1%",
    "workflow_failed{before_fault='slow mail'}: rate < 1%",
    "iterations{after_fault=outage}: rate > 1/s",
    "dependency_requests{dependency=calendar, fault='slow mail'}: rate < 50/s",
    "operation_attempts{dependency=calendar}: max <= 3",
    "operation_attempts: p99 <= 3",
    "retry_amplification: value < 1.2",
    "retry_amplification{dependency=calendar, after_fault=outage}: value < 1.2",
    "goodput{fault='outage'}: value >= 95%",
    "goodput{after_fault='slow mail', scenario=main, workflow=visit}: value > 100%",
    "time_to_recover{fault=outage}: value < 10s",
]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_may_say_what_fault_it_is_about(valid, load, row):
    loaded = load(f'{valid}{PARTS}a = "{row}"')

    assert loaded.plan.benchmarks["a"].source == row


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("http_req_duration{fault=outige}: p95 < 2s", 'never has fault "outige" in this plan | did you mean outage?'),
        ("http_req_duration{fault=outage, scenario=early}: p95 < 2s", "nothing in this plan has all of fault=outage, scenario=early"),
        ("http_req_duration{after_fault=outage, scenario=early}: p95 < 2s", "nothing in this plan has all of"),
        ("http_req_duration{dependency=calendar}: p95 < 2s", "`http_req_duration` has no dependency in this plan"),
        ("dependency_requests{stage=peak}: rate < 50/s", "`dependency_requests` has no stage: a third party is asked by all scenarios alike | it can be selected by after_fault, before_fault, dependency, fault"),
        ("dependency_failed{dependency=calender}: rate < 5%", 'never has dependency "calender" in this plan | did you mean calendar?'),
        ("goodput: value >= 95%", "`goodput` is about one fault, and this row tells of no | write goodput{fault='outage'}: value >= 95%"),
        ("goodput{fault=outage, after_fault='slow mail'}: value >= 95%", "tells of several"),
        ("time_to_recover{before_fault=outage}: value < 10s", "`time_to_recover` compares with what was before the fault"),
        ("goodput{fault=none}: value >= 95%", "`goodput` needs a fault"),
        ("goodput{fault=outage, step=look}: value >= 95%", "`goodput` has no step in this plan"),
        ("goodput{fault=outage}: value >= 95", "did you mean 95%?"),
        ("time_to_recover{fault=outage}: p95 < 10s", "time_to_recover is a value: p95 does not exist for it (known: value)"),
        ("operation_attempts: max <= 3ms", "'3ms' is not a number; write 42 or 1,000"),
    ],
)  # fmt: skip
def test_what_no_row_can_be_about_is_said_with_what_can_be(valid, problems, row, said):
    (problem,) = problems(f'{valid}{PARTS}a = "{row}"')

    assert said in problem


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ('require = "goodput{fault=outage}: value > 90%", window = "5s"', "benchmarks.a.window: `goodput` is known when the load is over"),
        ('require = "time_to_recover{fault=outage}: value < 9s", abort = true', "`time_to_recover` is known when the load is over, and its fault says when it is | leave out abort"),
        ('require = "iterations{fault=outage}: rate > 1/s", window = "5s"', "beside its fault every window would miss `rate > 1/s`"),
        ('require = "iterations{after_fault=outage}: rate > 1/s", after = "5s"', "how much of its fault is left then"),
        ('require = "retry_amplification: value < 2", abort = true', "an average can recover until the end"),
    ],
)  # fmt: skip
def test_times_that_make_no_sense_beside_a_fault_are_refused(valid, problems, times, said):
    (problem,) = problems(f"{valid}{PARTS}a = {{ {times} }}")

    assert said in problem


def test_retries_that_compound_may_end_a_run(valid, load):
    row = 'require = "retry_amplification: value < 2", window = "10s", abort = true'

    assert load(f"{valid}{PARTS}a = {{ {row} }}").plan.benchmarks["a"].abort


def test_without_third_parties_nothing_gives_their_metrics_a_value(valid, problems):
    (problem,) = problems(f'{valid}[benchmarks]\na = "retry_amplification: value < 2"')

    assert "nothing in this plan gives `retry_amplification` a value" in problem


def test_a_recovery_that_the_load_is_too_short_for_is_no_row(valid, load, problems):
    late = PARTS.replace('at = "20s"', 'at = "46s"').replace("[benchmarks]", "")
    row = '[benchmarks]\na = "time_to_recover{fault=outage}: value < 9s"'
    (problem,) = problems(f"{valid}{late}{row}")

    assert "the load goes on for 4s after this fault | it takes 5s at least" in problem
    assert load(f"{valid}{late.replace('46s', '45s')}{row}").plan.benchmarks


STEP = """
[[workflows.visit]]
name = "book"
http = "POST /book"
fallback = "json.fallback_used"
"""


@pytest.mark.parametrize(
    "row", ["fallback_used: rate < 5%", "fallback_duration{step=book}: max < 1s"]
)
def test_steps_that_say_what_a_fallback_is_have_rows_about_it(valid, load, problems, row):
    assert load(f'{valid}{STEP}[benchmarks]\na = "{row}"').plan.benchmarks

    (problem,) = problems(f'{valid}[benchmarks]\na = "{row.replace("book", "look")}"')
    assert "fallback_" in problem


def test_what_reads_a_body_to_see_a_fallback_cannot_throw_it_away(valid, problems):
    (problem,) = problems(f"{valid}{STEP}discard_body = true")

    assert "workflows.visit[1].fallback: `json` is of the body" in problem


def test_a_fallback_is_read_from_the_response_and_what_is_there(valid, problems):
    (problem,) = problems(f"{valid}{STEP}".replace("json.fallback_used", "jsn.fallback_used"))

    assert "did you mean json?" in problem


@pytest.mark.parametrize(
    "row",
    ["goodput{after_fault=outage}: value >= 95%", "time_to_recover{fault=outage}: value < 9s"],
)
def test_a_fault_with_nothing_before_it_has_no_goodput(valid, load, problems, row):
    early = PARTS.replace('at = "20s"', 'at = "900ms"')
    (problem,) = problems(f'{valid}{early}a = "{row}"')

    assert "its fault begins at 900ms, and there is no second before to compare with" in problem
    assert load(f'{valid}{PARTS.replace("20s", "1s")}a = "{row}"').plan.benchmarks


def test_what_to_write_instead_can_be_written(valid, load, problems):
    parts = PARTS.replace('name = "outage"', 'name = "it\'s out"')
    (problem,) = problems(f'{valid}{parts}a = "goodput: value >= 95%"')

    hint = problem.rpartition("| write ")[2]
    assert hint == """goodput{fault="it's out"}: value >= 95%"""
    assert load(f"{valid}{parts}a = '''{hint}'''").plan.benchmarks


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("retry_amplification: value < 1", "`value < 1` can never hold: every value lies at 1 or above"),
        ("retry_amplification: value >= 1", "`value >= 1` holds whatever happens"),
        ("operation_attempts: max <= 0", "`max <= 0` can never hold"),
    ],
)  # fmt: skip
def test_an_operation_has_an_attempt_whatever_happens(valid, load, problems, row, said):
    (problem,) = problems(f'{valid}{PARTS}a = "{row}"')

    assert said in problem
    possible = "retry_amplification: value <= 1", "operation_attempts: count < 1"
    for one in possible:
        assert load(f'{valid}{PARTS}a = "{one}"').plan.benchmarks
