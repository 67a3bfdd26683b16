"""What is to be known of third parties: their process, and what they were asked or not."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS
from wedload.verdict.dependency_findings import asked_findings, parties_findings
from wedload.verdict.validity import generator_findings, generator_health

QUICK = "http_req_duration: p95 < 200ms"
PARTIES = 2  # behind a load process and the ears


def second(cpu=0.1, lag_ms=0.1, **more):
    return Health(cpu, 50_000_000, Histogram.of([round(lag_ms * NS_PER_MS)] * 100), **more)


def health_of(load, parties, *rows):
    log = HealthLog()
    for worker, seconds in ((0, load), (1, load), (PARTIES, parties)):
        for number, one in enumerate(seconds):
            log.add(worker, number, one)
    requirements = {row: Requirement.parse(row) for row in rows}
    return generator_health(log, requirements, ears=1, parties=PARTIES)


def kinds(health):
    found = [*generator_findings(health), *parties_findings(health.parties)]
    return [one.kind for one in found if one.invalidates]


@pytest.mark.parametrize(
    ("busy", "calm", "expected"), [(1, 19, []), (2, 18, ["third-parties-cpu"])]
)  # fmt: skip
def test_above_90_percent_of_a_core_in_more_than_5_percent_of_the_seconds(busy, calm, expected):
    parties = [second(cpu=0.91)] * busy + [second(cpu=0.9)] * calm

    assert kinds(health_of([second()] * 20, parties)) == expected


@pytest.mark.parametrize(
    ("rows", "lag_ms", "expected"),
    [
        ([], 60, []),
        ([QUICK], 9, []),
        ([QUICK], 11, ["third-parties-lag"]),  # what the target waits for is in its times
        (["operation_duration{dependency=calendar}: p95 < 100ms"], 6, ["third-parties-lag"]),
        (["webhook_delivery_duration: p95 < 100ms"], 6, []),  # which the ears stamp
    ],
)
def test_lag_is_held_against_the_tightest_row_that_has_a_part_of_it(rows, lag_ms, expected):
    assert kinds(health_of([second()] * 20, [second(lag_ms=lag_ms)] * 20, *rows)) == expected


def test_rows_about_third_parties_are_not_held_against_the_load_processes():
    row = "operation_duration{dependency=calendar}: p95 < 100ms"

    assert kinds(health_of([second(lag_ms=6)] * 20, [second()] * 20, row)) == []


def test_what_is_told_names_the_process_and_the_remedy():
    busy = health_of([second()] * 4, [second(cpu=0.99, lag_ms=60)] * 4, QUICK)

    cpu, lag = parties_findings(busy.parties)

    assert cpu.message.startswith("The process that plays the third parties used more than 90 %")
    assert "lower the load" in cpu.message
    assert "lagged (p99 over 10 ms" in lag.message
    assert "in 4 of 4 seconds" in lag.message


def test_files_are_held_against_nine_tenths_of_the_limit():
    full = [second(open_files=95, open_files_limit=100)]

    (found,) = parties_findings(health_of([second()], full).parties)

    assert "had 95 of at most 100 files open" in found.message
    assert not found.invalidates


def test_without_the_process_there_is_nothing_to_say_of_it():
    assert list(parties_findings(None)) == []
    assert generator_health(HealthLog(), {}, parties=1).parties is None


def asked(report, requests=1):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase(""))
    series = catalogue.add_series(Series("", dependency="calendar"))
    summary = Summary(catalogue)
    counts = {CellKey(series, "dependency_requests", phase, "ok"): requests} if requests else {}
    summary.add(Snapshot(0, 0, counts=counts))
    return list(asked_findings(summary, {"calendar": report}))


def test_a_third_party_that_nobody_asked_anything_is_told_with_its_address():
    (found,) = asked({"url": "http://127.0.0.1:8091"}, requests=0)

    assert found.kind == "not-asked"
    assert "no request came to http://127.0.0.1:8091" in found.message
    assert not found.invalidates


@pytest.mark.parametrize(
    ("report", "kind", "said"),
    [
        ({"without_key": 12}, "no-operation", "12 requests did not say which operation"),
        ({"cut_operations": 1}, "operations-cut", "1 operation taken for over while one more"),
    ],
)
def test_what_makes_amplification_doubtful_is_told(report, kind, said):
    (found,) = asked(report)

    assert found.kind == kind
    assert said in found.message
    assert not found.invalidates


def test_a_third_party_that_was_asked_and_understood_needs_no_word():
    assert asked({"without_key": 0, "cut_operations": 0}) == []
