"""What can be asked of a run: the left side of a benchmark row."""

from __future__ import annotations

import pytest

from wedload.plan.measure import Measure, parse_measure, quantile_of

SUBMIT = (("step", "submit form"),)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "http_req_duration{step='submit form'}: p95",
            Measure("http_req_duration", SUBMIT, "p95", "ms"),
        ),
        (" http_req_duration : max ", Measure("http_req_duration", (), "max", "ms")),
        ("http_req_failed: rate", Measure("http_req_failed", (), "rate", "ratio")),
        ("http_reqs: rate", Measure("http_reqs", (), "rate", "per_s")),
        ("http_req_duration: count", Measure("http_req_duration", (), "count", "count")),
        ("operation_attempts: max", Measure("operation_attempts", (), "max", "number")),
        ("retry_amplification: value", Measure("retry_amplification", (), "value", "number")),
        ("goodput{fault=a}: value", Measure("goodput", (("fault", "a"),), "value", "ratio")),
        ("time_to_recover: value", Measure("time_to_recover", (), "value", "ms")),
    ],
)
def test_metric_selectors_and_figure_are_read_with_their_unit(text, meant):
    assert parse_measure(text) == meant
    assert parse_measure(str(meant)) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no metric; write"),
        ("http_req_duration", "is no metric; write"),
        ("http_req_duration: p95 < 2s", "is no metric; write"),
        ("http_req_durations: p95", "did you mean http_req_duration?"),
        ("http_req_duration: rate", "is a trend: rate does not exist"),
        ("retry_amplification: avg", "is a value: avg does not exist"),
        ("http_req_duration: value", "is a trend: value does not exist"),
        ("http_req_duration{step}: p95", "write selectors as"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(text, said):
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        parse_measure(text)


def test_quantiles_of_aggregations():
    assert [quantile_of(text) for text in ("p95", "p99.9", "med", "max")] == [
        0.95, pytest.approx(0.999), 0.5, None,
    ]  # fmt: skip
