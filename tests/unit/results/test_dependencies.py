"""Third parties of a result: counts, figures, reports; and of a run that was cut off."""

from __future__ import annotations

import json

import orjson
import pytest

from tests.helpers.broken_result import KINDS, PROXY
from tests.helpers.broken_run import broken_run
from tests.helpers.small_result import document as small_document
from wedload.metrics.histogram import EMPTY, Histogram
from wedload.report.table_csv import table_csv
from wedload.results.dependencies import amplification, dependency_counts
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.recording import Recording
from wedload.results.recover import recover


@pytest.fixture
def broken(make):
    return broken_run(make(), per_second=99)


@pytest.fixture
def result(broken):
    return Result.model_validate_json(json.dumps(document_of(broken.run)))


def test_amplification_is_attempts_by_operations_exactly():
    assert amplification(Histogram.of([1] * 999 + [3])) == 1.002
    assert amplification(EMPTY) is None


def test_attempts_and_operations_are_counted_by_what_came_of_them(broken):
    counts = dependency_counts(broken.run.summary, "calendar")

    assert (counts.requests, counts.outcomes) == (297, {"ok": 198, "down": 99})
    assert (counts.failed.yes, counts.failed.total) == (99, 297)
    assert (counts.operations, counts.failed_operations) == (231, 33)
    assert counts.amplification == pytest.approx(297 / 231)
    assert (counts.quota_breaches, counts.duplicates) == (4, 1)


def test_third_parties_of_a_result_are_in_the_order_of_the_plan_with_what_they_report(result):
    calendar, mail = result.dependencies

    assert (calendar.name, calendar.simulate) == ("calendar", "google-calendar")
    assert result.run.dependencies == KINDS
    assert (calendar.url, calendar.report) == ("http://127.0.0.1:4200/calendar", {"forgotten": 0})
    assert (mail.requests, mail.outcomes, mail.amplification) == (297, {"ok": 297}, 1.0)
    assert (calendar.quota_breaches, calendar.duplicates) == (4, 1)


def test_figures_of_attempts_are_numbers_and_those_of_answers_durations(result):
    metrics = result.dependencies[0].metrics

    attempts, took = metrics["operation_attempts"], metrics["dependency_duration"]
    assert (attempts.unit, attempts.max, attempts.min, attempts.med) == ("number", 3, 1, 1)
    assert attempts.avg == pytest.approx(297 / 231, abs=1e-4)
    assert (took.unit, took.count, took.min) == ("ms", 297, 100)
    times = metrics["retry_amplification"]
    assert (times.unit, times.count) == ("factor", 231)
    assert times.value == pytest.approx(297 / 231, abs=1e-6)
    assert metrics["dependency_failed"].rate == pytest.approx(1 / 3, abs=1e-6)


def test_seconds_and_histograms_say_which_third_party_they_are_of(result):
    seconds = [one for one in result.series.trends if one.metric == "dependency_duration"]
    assert [one.dependency for one in seconds] == ["calendar", "mail"]
    failed = {
        one.dependency: one.yes
        for one in result.series.rates
        if one.metric == "dependency_failed"
    }  # fmt: skip
    assert failed == {"calendar": [0, 99, 0], "mail": [0, 0, 0]}
    found = [
        (one.dependency, one.faults, one.count)
        for one in result.histograms
        if one.metric == "dependency_duration"
    ]
    assert ("calendar", ["calendar outage"], 99) in found
    assert sum(count for name, _, count in found if name == "calendar") == 297


def test_a_proxy_has_what_it_reports(result):
    assert [one.model_dump() for one in result.proxies] == [PROXY]


def test_what_was_lost_with_the_process_is_null(make):
    lost = document_of(broken_run(make(), reports=None).run)

    assert (lost["dependencies"][0]["url"], lost["dependencies"][0]["report"]) == (None, None)
    assert lost["dependencies"][0]["requests"] == 300
    assert (lost["proxies"][0]["upstream"], lost["proxies"][0]["connections"]) == (
        PROXY["upstream"], None,
    )  # fmt: skip


def test_a_recording_that_was_cut_off_still_has_third_parties_and_faults(make, tmp_path):
    recording = Recording(tmp_path / "cut.partial", pytest.fail)
    run = broken_run(make(), per_second=99, record=recording).run

    again = document_of(recover(tmp_path / "cut.partial"))

    whole = document_of(run)
    assert again["run"]["dependencies"] == whole["run"]["dependencies"]
    assert again["run"]["faults"] == whole["run"]["faults"]
    for one, other in zip(again["dependencies"], whole["dependencies"], strict=True):
        assert one["metrics"] == other["metrics"]
        assert one["outcomes"] == other["outcomes"]
        assert (one["url"], one["report"]) == (None, None)
    assert [one["workflow_duration"] for one in again["faults"]] == [
        one["workflow_duration"] for one in whole["faults"]
    ]
    assert again["proxies"][0]["connections"] is None


def test_results_of_before_are_read_as_without_them():
    document = small_document()
    assert "dependencies" not in document

    result = Result.model_validate_json(orjson.dumps(document))

    assert (result.dependencies, result.proxies, result.faults) == ([], [], [])
    assert (result.run.dependencies, result.run.faults) == ({}, [])


def test_a_spreadsheet_has_a_row_for_each_third_party(result):
    lines = [line.split(",") for line in table_csv(result).splitlines()]
    head, *rows = lines

    found = {row[head.index("dependency")]: row for row in rows if row[5] == "dependency"}
    assert list(found) == ["calendar", "mail"]
    calendar = found["calendar"]
    assert calendar[head.index("retry_amplification")] == "1.2857"
    assert calendar[head.index("operation_attempts max")] == "3"
    assert calendar[head.index("dependency_duration min (ms)")] == "100"
