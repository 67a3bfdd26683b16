"""The table for spreadsheets: its rows, its header, and that no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.small_result import document, small_result
from tests.helpers.watched import watched, with_resources
from wedload.report.table_csv import table_csv


def read(result):
    text = table_csv(result)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_there_is_a_row_for_the_run_and_each_workflow_stage_and_step():
    rows = read(small_result())

    assert [(r["level"], r["workflow"], r["stage"], r["step"]) for r in rows] == [
        ("run", "", "", ""), ("workflow", "visit", "", ""), ("stage", "", "up", ""),
        ("stage", "", "hold", ""), ("step", "visit", "", "look"),
    ]  # fmt: skip
    assert {r["run"] for r in rows} == {"20261124-010203-abcd"}
    assert {r["started_at"] for r in rows} == {"2026-11-24T01:02:03+00:00"}


def test_each_resource_has_a_row_with_its_levels():
    rows = read(with_resources(small_result(), watched()))

    api = next(row for row in rows if row["resource"] == "api")
    assert (api["level"], api["resource_cpu samples"]) == ("resource", "59")
    assert api["resource_memory max (bytes)"].startswith("5098")
    assert api["resource_written avg (bytes/s)"] == "0"
    assert api["http_reqs"] == api["resource_connections max"] == ""


def test_titles_name_metric_figure_and_unit():
    *_, step = read(small_result())

    assert step["http_reqs"] == "4000"
    assert step["http_reqs (1/s)"] == "66.6667"
    assert step["http_req_duration p95 (ms)"] == "103.2"
    assert step["http_req_duration max (ms)"] == "1520.75"
    assert step["http_req_failed yes"] == "10"
    assert step["http_req_failed (%)"] == "0.25"
    assert step["data_sent (bytes)"] == "123456"
    assert step["data_sent (bytes/s)"] == "2057.6"


def test_percentile_with_too_few_samples_is_an_empty_cell():
    rows = read(small_result())

    assert {r["http_req_duration p99.9 (ms)"] for r in rows} == {""}
    workflow = rows[1]
    assert workflow["workflow_duration count"] == "200"
    assert float(workflow["workflow_duration p95 (ms)"]) == pytest.approx(40, rel=1e-3)
    assert workflow["workflow_duration p99 (ms)"] == ""  # 200 samples, it needs 299


def test_columns_that_scripts_count_on_are_there_without_any_data():
    nothing = document(metrics={}, steps=[], stages=[], histograms=[])
    (only,) = read(small_result(**{key: nothing[key] for key in ("metrics", "steps", "stages", "histograms")}))  # fmt: skip  # noqa: E501

    assert only["http_reqs"] == only["http_req_failed (%)"] == only["http_req_duration p95 (ms)"]
    assert only["http_reqs"] == ""


def test_lines_end_as_rfc_4180_says_and_quotes_are_doubled():
    text = table_csv(small_result(plan='a "quoted", name\nof two lines'))

    assert text.endswith("\r\n")
    assert '"a ""quoted"", name\nof two lines"' in text
    assert len(text.splitlines()[0].split(",")) == len(next(csv.reader([text.splitlines()[0]])))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_is_defused(start):
    text = f'{start}HYPERLINK("http://evil.example")'
    steps = document()["steps"]
    steps[0]["step"] = text

    *_, step = read(small_result(steps=steps, plan=text))

    assert step["step"] == step["plan"] == f"'{text}"


@given(st.text(max_size=30))
def test_any_name_is_read_back_and_begins_no_formula(name):
    steps = document()["steps"]
    steps[0]["step"] = name

    *_, step = read(small_result(steps=steps))

    assert step["step"].removeprefix("'") == name.removeprefix("'")
    assert not step["step"].startswith(("=", "+", "-", "@", "\t", "\r"))
