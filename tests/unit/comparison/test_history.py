"""Which runs make a history, and what a metric was in each of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers.broken_result import fault, with_faults
from tests.helpers.channel_result import with_channels
from tests.helpers.sample_result import sample_result
from tests.helpers.small_result import document, row
from wedload.comparison.history import (
    Entry,
    join,
    label_of,
    metric_course,
    row_courses,
    value_of,
)
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.measure import parse_measure
from wedload.report.history import Report, as_data, as_markdown, as_text, sparkline
from wedload.results.headline import Headline

FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)


def head(day=0, **changes):
    started = FIRST + timedelta(days=day)
    facts = {"id": f"{started:%Y%m%d-%H%M%S}-abcd", "started_at": started}
    return Headline.model_validate(document(**(facts | changes)))


def heads(p95s, **changes):
    return [
        head(day, benchmarks=[row("Quick", observed=p95)], tags={"commit": f"c{day}"}, **changes)
        for day, p95 in enumerate(p95s)
    ]


STEP = [400.0, 404, 398, 402, 401, 399, 403, 397, 405, 396, 470.0, 474, 468, 472, 471, 469, 473]


def test_runs_of_the_newest_runs_load_are_joined_oldest_first():
    days = {"b": 3, "a": 1, "c": 7}

    joined, left_out = join(Entry(name, head(day)) for name, day in days.items())

    assert [one.file for one in joined] == ["a", "b", "c"]
    assert left_out == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"complete": False}, "not complete"),
        ({"interrupted": True}, "interrupted"),
        ({"aborted_s": 12.0, "verdict": "fail"}, "aborted"),
        ({"verdict": "invalid"}, "invalid"),
        ({"plan": "other"}, "another plan: other"),
        ({"target": "staging"}, "another target: staging"),
        ({"time_scale": 0.5}, "another time scale: 0.5"),
        ({"load_hash": "ff" * 32}, "another load: the plan was changed"),
        ({"planned_s": 0.0}, "another schedule: 00:00 long"),  # --once
        ({"id": "20261110-020000-abcd"}, "the same run as newest.json"),
    ],
)
def test_run_that_does_not_belong_is_left_out_and_why_is_said(changes, why):
    older = 9 if "id" not in changes else 10

    joined, left_out = join(
        [Entry("newest.json", head(9)), Entry("odd.json", head(older - 1, **changes))]
        if "id" not in changes
        else [Entry("newest.json", head(9)), Entry("odd.json", head(9, **changes))]
    )

    assert [one.file for one in joined] == ["newest.json"]
    assert [(one.file, one.why) for one in left_out] == [("odd.json", why)]


def test_broken_newest_run_does_not_decide_which_load_is_meant():
    joined, _ = join(
        [Entry("good", head(1)), Entry("bad", head(2, verdict="invalid", load_hash="ff" * 32))]
    )

    assert [one.file for one in joined] == ["good"]


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("http_req_duration: p95", 103.2),
        ("http_req_duration: p50", 38.0),
        ("http_req_duration: p99.9", None),  # too few samples
        ("http_req_duration{step=look}: max", 1520.75),
        ("http_req_duration{step=look,workflow=visit}: count", 4000),
        ("http_req_duration{stage=hold}: p99", 150.0),
        ("http_req_failed: rate", 0.0025),
        ("http_req_failed: count", 10),  # those that failed, as in a row
        ("http_reqs: rate", 66.6667),
        ("data_sent: count", 123456),
        ("http_req_duration{step=buy}: p95", None),
        ("http_req_waiting: p95", None),
        ("http_req_duration{step=look,stage=hold}: p95", None),  # no histogram of it
        ("workflow_duration{stage=hold}: p95", pytest.approx(40, rel=1e-3)),
        ("workflow_duration: p97", pytest.approx(40, rel=1e-3)),
    ],
)
def test_figure_is_the_results_own_or_from_its_histograms(measure, value):
    assert value_of(head(), parse_measure(measure)) == value


def test_change_of_a_row_is_found_at_its_run():
    runs = heads(STEP)

    (course,) = row_courses(runs)

    (change,) = course.changes
    assert (change.index, change.before, change.after) == (10, 400.5, 471)
    assert course.title == "Quick"
    assert not course.more_is_better


def test_run_without_a_value_is_a_gap_and_moves_no_change():
    runs = heads(STEP)
    gap = row("Quick", observed=None, status="no-data")
    runs[4] = head(4, benchmarks=[gap])

    (course,) = row_courses(runs)

    assert course.values[4] is None
    assert [one.index for one in course.changes] == [10]


@pytest.mark.parametrize(
    "changes", [{"aggregation": "p99"}, {"where": {}}, {"window_s": 60}, {"after_s": 30}]
)
def test_row_of_the_same_name_about_something_else_is_another(changes):
    runs = heads(STEP)
    runs[0] = head(0, benchmarks=[row("Quick", observed=900.0, **changes)])

    (course,) = row_courses(runs)

    assert course.values[0] is None


def test_more_rows_ask_for_more_evidence():
    names = [f"Row {n}" for n in range(12)]
    values = [400.0, 401, 402, 403, 404, 405, 480, 481, 482, 483, 484, 485]
    one = [head(d, benchmarks=[row("Row 0", observed=v)]) for d, v in enumerate(values)]
    many = [head(d, benchmarks=[row(n, observed=v) for n in names]) for d, v in enumerate(values)]

    assert row_courses(one)[0].changes
    assert not row_courses(many)[0].changes  # p is about 0.005, 0.01 / 12 is asked for


def test_unknown_row_or_step_is_told_with_what_was_meant():
    with pytest.raises(ValueError, match=r"no row 'Quik'; did you mean Quick\? \(rows: Quick\)"):
        row_courses(heads(STEP), "Quik")
    with pytest.raises(ValueError, match=r"there is no step 'lok'; did you mean look\?"):
        metric_course(heads(STEP), parse_measure("http_req_duration{step=lok}: p95"))
    with pytest.raises(ValueError, match="figures are kept for the run"):
        metric_course(heads(STEP), parse_measure("http_req_duration{group=a}: p95"))


@pytest.mark.parametrize(
    ("tags", "label"),
    [
        ([{}], None),
        ([{"branch": "main", "commit": "a"}], "commit"),
        ([{"x": "1"}, {"y": "1"}, {"y": "2"}], "y"),
    ],
)
def test_tag_to_show_is_the_commit_or_whatever_most_runs_have(tags, label):
    assert label_of([head(tags=one) for one in tags]) == label


def report_of(runs, **changes):
    courses = row_courses(runs)
    return Report(
        **({"heads": runs, "courses": courses, "left_out": [], "label": "commit"} | changes)
    )


def test_text_fits_80_columns_and_says_the_change_in_words():
    _, left_out = join([Entry("x" * 90, head(40, complete=False)), Entry("b", head(41))])
    lines = [line.plain for line in as_text(report_of(heads(STEP), left_out=left_out))]

    assert max(map(len, lines)) <= 80
    change = next(line for line in lines if "▲" in line and "→" in line)
    words = "▲ 400 ms → 471 ms (+18 %, p = 0.002) since 20261111-020000-abcd (c10)"
    assert change.strip() == words
    assert any(line.startswith("   ▲ 20261111-020000-abcd") for line in lines)
    assert sum("-abcd " in line for line in lines) == len(STEP) + 1
    assert any("not complete" in line for line in lines)


def test_fall_of_a_rate_that_should_be_high_is_worse_and_told_in_points():
    values = [0.999] * 9 + [0.99] * 9
    checks = [
        head(
            d,
            benchmarks=[
                row(
                    "Checks", metric="checks", where={}, aggregation="rate", unit="ratio",
                    require="rate > 99%", observed=v,
                )
            ],
        )
        for d, v in enumerate(values)
    ]  # fmt: skip

    data = as_data(report_of(checks))

    (change,) = data["courses"][0]["changes"]
    assert (change["index"], change["worse"]) == (9, True)
    assert "99.9 % → 99 % (-0.9 points, p = 0.0005)" in as_markdown(report_of(checks))


@pytest.mark.parametrize(
    ("require", "values"), [("rate == 100%", [1.0] * 9 + [0.8] * 9), ("rate == 0%", [0.0, 0.2] * 9)]
)
def test_what_is_worse_of_a_row_that_demands_a_value_is_what_its_metric_says(require, values):
    runs = [
        head(
            d,
            benchmarks=[
                row(
                    "Checks", metric="checks", where={}, aggregation="rate", unit="ratio",
                    require=require, observed=v,
                )
            ],
        )
        for d, v in enumerate(values)
    ]  # fmt: skip

    (course,) = row_courses(runs)

    assert course.more_is_better
    assert all(change["worse"] for change in as_data(report_of(runs))["courses"][0]["changes"])


@pytest.mark.parametrize(
    ("measure", "better"),
    [
        ("data_sent: count", True), ("http_reqs: rate", True), ("http_req_failed: rate", False),
        ("http_req_duration: p95", False),
    ],
)  # fmt: skip
def test_what_is_better_of_a_figure_is_what_its_metric_says(measure, better):
    assert metric_course([head()], parse_measure(measure)).more_is_better is better


def histogram(ms, **labels):
    made = Histogram.of([one * 1_000_000 for one in ms])
    return {
        "scenario": "main", "workflow": None, "step": "look", "stage": None, "unit": "ns",
        "metric": "http_req_duration", "count": made.count, "encoded": codec.encode(made),
    } | labels  # fmt: skip


def test_percentile_that_is_not_stored_is_of_the_load_alone_unless_something_else_is_named():
    quick = histogram([1] * 400, scenario="setup", step="log in")
    one = head(histograms=[histogram(range(100, 500)), quick])

    def value(measure):
        return value_of(one, parse_measure(measure))

    assert value("http_req_duration: p97") == pytest.approx(487, rel=1e-3)
    assert value("http_req_duration{scenario=setup}: p97") == pytest.approx(1, rel=1e-3)
    assert value("http_req_duration{step='log in'}: p97") == pytest.approx(1, rel=1e-3)
    rising = [value(f"http_req_duration: p{p}") for p in (96, 97, 98)]
    assert rising == sorted(rising)


def test_percentile_that_is_not_stored_needs_as_many_samples_as_any():
    def value(samples):
        one = head(histograms=[histogram(range(100, 100 + samples))])
        return value_of(one, parse_measure("http_req_duration: p97"))

    assert value(98) is None
    assert value(99) is not None


@pytest.mark.parametrize("status", ["no-data", "insufficient"])
def test_row_that_could_not_be_judged_is_a_gap(status):
    runs = heads(STEP)
    runs[4] = head(4, benchmarks=[row("Quick", observed=900.0, status=status)])

    (course,) = row_courses(runs)

    assert course.values[4] is None


def test_several_metrics_are_shown_without_their_runs():
    runs = [
        head(d, benchmarks=[row("A", observed=v), row("B", observed=v)]) for d, v in enumerate(STEP)
    ]

    lines = [line.plain for line in as_text(report_of(runs))]

    assert len(lines) == 1 + 2 * 4
    assert sum("→" in line for line in lines) == 3


def test_sparkline_spans_lowest_to_highest_and_has_gaps():
    assert sparkline([1.0, 2.0, None, 8.0], 60) == "▁▂ █"
    assert sparkline([5.0, 5.0], 60) == "▁▁"
    assert sparkline([None], 60) == " "
    assert len(sparkline([float(n) for n in range(100)], 60)) == 60


def test_what_a_channel_delivered_has_a_history():
    heads_ = [
        Headline.model_validate_json(
            with_channels(sample_result(scale=0.05), lost=lost, seed=seed).model_dump_json(
                by_alias=True
            )
        )
        for seed, lost in ((1, 0.0), (2, 0.2))
    ]

    course = metric_course(heads_, parse_measure("webhook_delivered{channel=notices}: rate"))

    whole, less = course.values
    assert (whole, course.more_is_better) == (1.0, True)
    assert less == pytest.approx(0.8, abs=0.03)
    took = parse_measure("webhook_delivery_duration{channel=notices}: p95")
    channel = with_channels(sample_result(scale=0.05), lost=0.0).channels[0]
    assert value_of(heads_[0], took) == channel.metrics["webhook_delivery_duration"].p95
    with pytest.raises(ValueError, match="there is no channel 'notice'"):
        metric_course(heads_, parse_measure("webhook_delivered{channel=notice}: rate"))


def test_how_a_third_party_was_asked_has_a_history():
    broken = [fault(begin_s=5.0, end_s=15.0)]
    heads_ = [
        Headline.model_validate_json(
            with_faults(sample_result(scale=0.05), faults).model_dump_json(by_alias=True)
        )
        for faults in ([], broken)
    ]

    course = metric_course(heads_, parse_measure("dependency_failed{dependency=calendar}: rate"))

    whole, less = course.values
    assert whole == 0.0
    assert less > 0.3
    times = parse_measure("retry_amplification{dependency=calendar}: value")
    assert value_of(heads_[0], times) == 1.4
    attempts = parse_measure("operation_attempts{dependency=calendar}: max")
    assert value_of(heads_[0], attempts) == 3
    with pytest.raises(ValueError, match="no dependency 'calender'; did you mean calendar"):
        metric_course(heads_, parse_measure("dependency_failed{dependency=calender}: rate"))
