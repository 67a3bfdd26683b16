"""Benchmark rows: what they demand, and that they can have data in their plan."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from wedload.plan.benchmark import Requirement

PLAN = """\
schema = 1
name = "two scenarios"
[targets.sandbox]
sandbox = true
[scenarios.show]
executor = "ramping-vus"
stages = [ { duration = "1m", target = 5 }, { name = "jump", duration = "0s", target = 9 }, { name = "peak", duration = "1m", target = 5 } ]
mix = { couple = 1 }
[scenarios.quiet]
executor = "constant-vus"
vus = 1
duration = "1m"
pace = "1s"
workflow = "search"
[[workflows.couple]]
http = "POST /forms"
check = ["status == 201"]
tags = { critical = "yes" }
as = "couple"
[[workflows.couple]]
use = "search"
[[workflows.search]]
name = "find"
http = "GET /search"
group = "look/deep"
[[setup]]
http = "POST /shop"
tags = { phase = "once" }
[identities.couple]
http = "POST /auth"
[[workflows.unused]]
name = "never"
http = "GET /never"
[benchmarks]
"""


@pytest.mark.parametrize(
    ("source", "metric", "where", "demand"),
    [
        ("http_req_duration: p95 < 200ms", "http_req_duration", {}, ("p95", "<", 200, "ms")),
        ("http_req_duration : p99.9<=1.5s", "http_req_duration", {}, ("p99.9", "<=", 1500, "ms")),
        ("http_req_failed: rate < 1%", "http_req_failed", {}, ("rate", "<", 0.01, "ratio")),
        ("checks: rate >= 0.999", "checks", {}, ("rate", ">=", 0.999, "ratio")),
        ("checks: rate == 1.0", "checks", {}, ("rate", "==", 1, "ratio")),
        ("http_req_failed: rate < 100%", "http_req_failed", {}, ("rate", "<", 1, "ratio")),
        ("http_req_failed: rate <= 0", "http_req_failed", {}, ("rate", "<=", 0, "ratio")),
        ("checks: count > 1,000", "checks", {}, ("count", ">", 1000, "count")),
        ("http_reqs: rate > 600/1m", "http_reqs", {}, ("rate", ">", 10, "per_s")),
        ("http_reqs: count == 5", "http_reqs", {}, ("count", "==", 5, "count")),
        ("vus: max >= 100", "vus", {}, ("max", ">=", 100, "count")),
        ("generator_cpu: avg < 90%", "generator_cpu", {}, ("avg", "<", 0.9, "ratio")),
        ("http_req_duration{}: max < 1s", "http_req_duration", {}, ("max", "<", 1000, "ms")),
        (
            "http_req_duration{step='submit form', stage=peak}: med < 2s",
            "http_req_duration", {"step": "submit form", "stage": "peak"},
            ("med", "<", 2000, "ms"),
        ),
        (
            'http_req_duration{step="a}: b", x-y=1}: min < 2s',
            "http_req_duration", {"step": "a}: b", "x-y": "1"},
            ("min", "<", 2000, "ms"),
        ),
    ],
)  # fmt: skip
def test_requirement_is_read(source, metric, where, demand):
    row = Requirement.parse(source)

    assert (row.metric, dict(row.where)) == (metric, where)
    assert (row.aggregation, row.operator, pytest.approx(row.threshold), row.unit) == demand


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("checks: rate > 99%", "rate > 99%"),
        ("http_req_duration{a='b}: c'}: p95  <  5s ", "p95  <  5s"),
    ],
)
def test_words_are_the_demand_alone(source, words):
    assert Requirement.parse(source).words == words


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (5, "5 is not a requirement"),
        ("", "is not a requirement"),
        ("p95 < 2s", "is not a requirement"),
        ("checks rate > 1%", "is not a requirement"),
        ("check: rate > 1%", "there is no metric check; did you mean checks?"),
        ("consistency_duration: p95 < 1s", "consistency_duration is not measured by this version"),
        ("http_req_duration: rate < 1%", r"is a trend: rate does not exist for it \(known: min"),
        ("http_req_duration: p0 < 1s", "p0 is not a percentile"),
        ("http_req_duration: p100 < 1s", "p100 is not a percentile"),
        ("http_req_duration: p95 = 1s", "write == for equality"),
        ("http_req_duration: p95 < 200", "'200' is not a duration"),
        ("http_req_duration: p95 < 5%", "'5%' is not a duration"),
        ("http_req_failed: rate < 101%", "a rate lies between 0% and 100%"),
        ("http_req_failed: rate < 1", "'1' may mean 1 % or 100 %; write 1% or 100%"),
        ("checks: rate == 1", "'1' may mean 1 % or 100 %; write 1% or 100%"),
        ("checks: rate > 99", r"'99' is more than 1, which is 100 %; did you mean 99%\?"),
        ("checks: rate > 99.9", r"did you mean 99.9%\?"),
        ("checks: rate > 250", "a rate lies between 0% and 100%"),
        ("http_req_failed: rate < nan", "a rate lies between 0% and 100%"),
        ("http_req_failed: rate < little", "is not a ratio"),
        ("http_reqs: rate > 5", "is not a rate"),
        ("http_reqs: count > nan", "'nan' is not a number"),
        ("vus: max > -1", "'-1' is not a number"),
        ("checks{a}: rate > 1%", "write selectors as"),
        ("checks{a=1 b=2}: rate > 1%", "write selectors as"),
        ("checks{a=1, a=2}: rate > 1%", "a is given twice"),
    ],
)
def test_wrong_requirement_is_explained(source, message):
    with pytest.raises(ValueError, match=message):
        Requirement.parse(source)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("http_req_failed: rate <= 100%", "`rate <= 100%` holds whatever happens"),
        ("checks: rate >= 0", "`rate >= 0` holds whatever happens"),
        ("checks: rate > 100%", "`rate > 100%` can never hold"),
        ("http_req_failed: rate < 0%", "`rate < 0%` can never hold"),
        ("http_req_duration: min < 0s", "`min < 0s` can never hold"),
        ("http_req_duration: p95 >= 0ms", "`p95 >= 0ms` holds whatever happens"),
        ("http_reqs: rate >= 0/s", "`rate >= 0/s` holds whatever happens"),
        ("http_reqs: count < 0", "`count < 0` can never hold"),
    ],
)
def test_row_that_no_run_could_decide_is_refused(problems, row, message):
    (problem,) = problems(PLAN + f'a = "{row}"\n')

    assert message in problem


USING = """
[[workflows.quiet]]
use = "inner"
group = "page"
tags = { kind = "used" }
[[workflows.inner]]
name = "within"
http = "GET /within"
group = "deep"
"""


@pytest.mark.parametrize(
    "row",
    [
        "http_reqs{kind=used}: count > 0", "group_duration{group=page}: max < 1s",
        "group_duration{group='page/deep'}: max < 1s",
        "http_req_duration{step=within, group=page, kind=used}: p95 < 1s",
    ],
)  # fmt: skip
def test_row_can_select_what_a_use_step_hands_down(load, valid, row):
    load(valid.replace("visit", "quiet") + USING + f'[benchmarks]\na = "{row}"\n')


@pytest.mark.parametrize(
    "row",
    [
        "http_req_failed: rate <= 0%", "http_req_failed: rate == 0", "checks: rate >= 100%",
        "checks: rate < 100%", "checks: rate > 0%", "http_reqs: count > 0", "http_reqs: count <= 0",
    ],
)  # fmt: skip
def test_row_at_the_end_of_a_range_can_be_met_and_missed(load, row):
    load(PLAN + f'a = "{row}"\n')


@pytest.mark.parametrize(
    "row",
    [
        "http_req_duration{scenario=show, stage=1}: p95 < 1s",
        "http_req_duration{stage=peak, step='POST /forms', critical=yes}: p95 < 1s",
        "http_req_duration{step=find, scenario=show, workflow=couple, stage=peak}: p95 < 1s",
        "http_req_duration{step=find, workflow=search, group='look/deep'}: p95 < 1s",
        "http_req_duration{step='sign in as couple', stage=peak}: p95 < 1s",
        "http_req_failed{scenario=setup}: rate == 0%",
        "http_req_failed{step='POST /shop'}: rate == 0%",
        "group_duration{group=look, scenario=quiet}: p95 < 1s",
        "workflow_duration{workflow=couple, stage=peak}: p95 < 1s",
        "iteration_lateness{scenario=quiet}: p95 < 1s",
        "checks{check='status == 201', stage=1}: rate > 99%",
        "data_sent: count > 1",
    ],
)
def test_row_that_can_have_data_is_accepted(load, row):
    load(PLAN + f'a = "{row}"\n')


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("http_req_duration{scenario=shwo}: p95 < 1s", 'never has scenario "shwo" in this plan | did you mean show?'),
        ("http_req_duration{stage=2}: p95 < 1s", 'never has stage "2" in this plan | known: 1, peak'),
        ("http_req_duration{step=never}: p95 < 1s", 'never has step "never"'),
        ("http_req_duration{critical=no}: p95 < 1s", 'never has critical "no" in this plan | known: yes'),
        ("http_req_duration{scenario=quiet, stage=peak}: p95 < 1s", "nothing in this plan has all of scenario=quiet, stage=peak"),
        ("http_req_duration{check='status == 201'}: p95 < 1s", "`http_req_duration` has no check in this plan"),
        ("workflow_duration{step=find}: p95 < 1s", "`workflow_duration` has no step in this plan | it can be selected by scenario, stage, workflow"),
        ("iteration_lateness{scenario=show}: p95 < 1s", 'never has scenario "show"'),
        ("group_duration{group=deep}: p95 < 1s", 'never has group "deep"'),
        ("checks{step=find}: rate > 99%", 'never has step "find"'),
        ("http_req_duration{step=find, workflow=search, stage=peak}: p95 < 1s", "nothing in this plan has all of step=find, workflow=search, stage=peak"),
        ("http_req_duration{step='sign in as couple', workflow=couple}: p95 < 1s", "nothing in this plan has all of"),
        ("http_req_duration{stage=jump}: p95 < 1s", 'never has stage "jump"'),
        ("http_req_duration{phase=once}: p95 < 1s", "`http_req_duration` has no phase in this plan"),
        ("vus: max >= 1", "a row about `vus` is part of the plan format but not driven"),
        ("generator_loop_lag: p99 < 10ms", "a row about `generator_loop_lag` is part of the plan format"),
        ("http_req_failed{status=500}: rate < 1%", "the selector `status` is part of the plan format but not driven"),
        ("http_req_duration{critcal=yes}: p95 < 1s", "there is no dimension or tag `critcal` | did you mean critical?"),
    ],
)  # fmt: skip
def test_row_that_could_never_have_data_is_an_error(problems, row, message):
    (problem,) = problems(PLAN + f'a = "{row}"\n')

    assert message in problem
