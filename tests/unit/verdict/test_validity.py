"""Whether a run's numbers can be trusted: each finding at its limit and just beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS
from wedload.verdict.validity import (
    dropped_findings,
    generator_findings,
    generator_health,
    load_findings,
)


def second(cpu: float = 0.1, lag_ms: float = 0.1) -> Health:
    return Health(cpu, 50_000_000, Histogram.of([round(lag_ms * NS_PER_MS)] * 100))


def log_of(*workers: list[Health]) -> HealthLog:
    """Each load process's seconds."""
    log = HealthLog()
    for worker, seconds in enumerate(workers):
        for number, one in enumerate(seconds):
            log.add(worker, number, one)
    return log


def kinds(seconds: list[Health], *rows: str) -> list[str]:
    benchmarks = {row: Requirement.parse(row) for row in rows}
    found = generator_findings(generator_health(log_of(seconds), benchmarks))
    return [one.kind for one in found]


@pytest.mark.parametrize(
    ("busy", "calm", "expected"),
    [(1, 19, []), (2, 18, ["generator-cpu"]), (5, 95, []), (6, 94, ["generator-cpu"])],
)
def test_generator_above_90_percent_of_its_core_in_more_than_5_percent_of_seconds(
    busy, calm, expected
):
    assert kinds([second(cpu=0.91)] * busy + [second(cpu=0.9)] * calm) == expected


@pytest.mark.parametrize(
    ("rows", "lag_ms", "expected"),
    [
        # 5 % of the tightest duration, whatever other rows there are
        (["http_req_duration: p95 < 200ms", "workflow_duration: p95 < 5s"], 9.9, []),
        (
            ["http_req_duration: p95 < 200ms", "workflow_duration: p95 < 5s"],
            10.1,
            ["generator-lag"],
        ),
        (["workflow_duration: p95 < 5s", "http_req_failed: rate < 1%"], 240, []),
        # of a row tighter than 40 ms, what the probe can tell
        (["http_req_duration: p95 < 10ms"], 1.9, []),
        (["http_req_duration: p95 < 10ms"], 2.1, ["generator-lag"]),
        # no row is about durations
        (["http_req_failed: rate < 1%"], 900, []),
        ([], 900, []),
    ],
)
def test_lag_is_held_against_the_tightest_row(rows, lag_ms, expected):
    assert kinds([second(lag_ms=lag_ms)] * 20, *rows) == expected


def test_lag_in_5_percent_of_the_seconds_is_let_pass():
    row = "http_req_duration: p95 < 200ms"
    late = [second(lag_ms=50)]
    assert kinds(late + [second()] * 19, row) == []
    assert kinds(late * 2 + [second()] * 18, row) == ["generator-lag"]


def test_a_finding_says_what_was_seen_in_how_many_seconds_and_the_remedy():
    health = generator_health(
        log_of([second(lag_ms=50)] * 7 + [second()] * 58),
        {"row": Requirement.parse("http_req_duration: p95 < 200ms")},
    )
    (found,) = generator_findings(health)
    assert found.message == (
        "The generator's event loop lagged (p99 over 10 ms, which is too much for the tightest "
        "row) in 7 of 65 seconds, though it used 10 % of its core then at most: other work kept "
        "the machine busy; free it of that, run longer (5 % of the seconds may be so), or loosen "
        "the tightest row."
    )
    assert found.invalidates


@pytest.mark.parametrize(
    ("late", "ours"),
    [
        ([second(0.5, 50)] * 7, False),
        ([second(0.51, 50)] * 7, True),
        ([second(0.1, 50)] * 4 + [second(0.8, 50)] * 3, False),
        ([second(0.1, 50)] * 3 + [second(0.8, 50)] * 4, True),
        # a pause for garbage takes little of a second
        ([replace(second(0.1, 50), gc_longest_ns=20 * NS_PER_MS)] * 7, True),
    ],
)
def test_a_loop_that_was_late_while_its_core_was_idle_is_laid_on_other_work(late, ours):
    health = generator_health(
        log_of([*late, *[second(cpu=0.8)] * 58]),
        {"row": Requirement.parse("http_req_duration: p95 < 200ms")},
    )
    message = next(one.message for one in generator_findings(health) if "lag" in one.kind)
    assert ("lower the load, or spread it" in message) == ours
    assert ("other work kept the machine busy" in message) == (not ours)


def test_the_process_that_lagged_is_asked_whether_it_was_idle():
    """Another one that is busy in the same second does not hold it up."""
    row = {"row": Requirement.parse("http_req_duration: p95 < 200ms")}
    health = generator_health(log_of([second(0.1, 50)] * 20, [second(0.8)] * 20), row)
    assert (health.lagging_idle_seconds, health.lagging_cpu_max) == (20, 0.1)
    health = generator_health(log_of([second(0.1)] * 20, [second(0.8, 50)] * 20), row)
    assert (health.lagging_idle_seconds, health.lagging_cpu_max) == (0, 0.8)


def test_a_second_is_bad_if_it_was_for_any_of_many_load_processes():
    """One of twenty that is always busy would be 5 % of all their seconds, and let pass."""
    calm, busy = [second()] * 20, [second(cpu=0.95)] * 20
    health = generator_health(log_of(*[calm] * 19, busy), {})

    assert (health.seconds, health.cpu_busy_seconds) == (20, 20)
    (found,) = generator_findings(health)
    assert found.kind == "generator-cpu"
    assert found.message.startswith("A load process used more than 90 % of its core in 20 of 20")


def test_health_of_several_load_processes_is_that_of_the_worst_and_of_each():
    small = [Health(0.2, 10, Histogram.of([1_000]))] * 4
    large = [Health(0.4, 30, Histogram.of([5_000]))] * 4
    health = generator_health(log_of(small, large), {})

    assert health.cpu_max == 0.4
    assert health.cpu_avg == pytest.approx(0.3)
    assert health.memory_max_bytes == 30
    assert (health.loop_lag.count, health.loop_lag.max_ns) == (8, 5_000)
    assert [(one.worker, one.cpu_max, one.memory_max_bytes) for one in health.processes] == [
        (0, 0.2, 10),
        (1, 0.4, 30),
    ]
    assert [one.loop_lag.count for one in health.processes] == [4, 4]


def test_pauses_for_garbage_in_more_than_5_percent_of_the_seconds_are_named():
    row = "http_req_duration: p95 < 200ms"
    paused = replace(second(), gc_longest_ns=11 * NS_PER_MS, gc_total_ns=20 * NS_PER_MS)
    short = replace(second(), gc_longest_ns=9 * NS_PER_MS, gc_total_ns=90 * NS_PER_MS)

    assert kinds([paused] + [second()] * 19, row) == []
    assert kinds([short] * 20, row) == []
    assert kinds([paused] * 2 + [second()] * 18, row) == ["generator-gc"]
    assert kinds([paused] * 20) == []  # no row is about durations
    health = generator_health(
        log_of([paused] * 2 + [second()] * 18, [short] * 20), {"r": Requirement.parse(row)}
    )
    (found,) = generator_findings(health)
    assert "collections of up to 11 ms, over 10 ms in 2 of 20 seconds" in found.message
    assert not found.invalidates  # where it hurts, the event loop lagged too
    assert (health.gc_longest_ns, health.gc_total_ns) == (11 * NS_PER_MS, 20 * 90 * NS_PER_MS)


@pytest.mark.parametrize(
    ("open_files", "limit", "found"),
    [(90, 100, []), (91, 100, ["open-files"]), (10**6, None, [])],
)
def test_files_are_held_against_nine_tenths_of_the_limit(open_files, limit, found):
    full = replace(second(), open_files=open_files, open_files_limit=limit)
    assert kinds([full] + [replace(full, open_files=1)] * 19) == found


def test_files_that_run_out_are_those_of_the_fullest_process():
    roomy = replace(second(), open_files=500, open_files_limit=10_000)
    tight = replace(second(), open_files=95, open_files_limit=100)

    health = generator_health(log_of([roomy], [tight]), {})

    (found,) = generator_findings(health)
    assert "had 95 of at most 100 files open" in found.message
    assert "ulimit -n" in found.message
    assert not found.invalidates


def test_a_run_shorter_than_a_second_has_no_health_and_no_finding():
    assert kinds([], "http_req_duration: p95 < 1ms") == []


@pytest.mark.parametrize(
    ("asked", "missing", "found"),
    [
        (1000.0, 0, False),
        (1000.0, 20, False),
        (1000.0, 20.1, True),
        (1000.0, 2000, True),
        (0.0, 0, False),  # nothing was asked for
    ],
)
def test_load_that_came_late_for_reasons_of_ours_was_not_reached(asked, missing, found):
    kinds = [one.kind for one in load_findings({"main": asked}, {"main": missing})]
    assert kinds == (["load-not-reached"] if found else [])


def test_load_not_reached_says_how_much_was_there_and_where():
    asked = {"fine": 50.0, "late": 1000.0, "later": 1000.0}
    found = list(load_findings(asked, {"late": 123, "later": 2000}))
    assert [one.message.partition(" was there")[0] for one in found] == [
        "Only 87.7 % of the load that scenario late asks for",
        "Only 0 % of the load that scenario later asks for",
    ]


def test_iterations_that_were_dropped_are_said_by_scenario_and_are_no_fault_of_ours():
    catalogue = Catalogue()
    counts = {}
    for scenario, ran, cut, dropped in (("calm", 50, 0, 0), ("open", 15, 5, 80)):
        phase = catalogue.add_phase(Phase(scenario))
        series = catalogue.add_series(Series(scenario))
        for metric, number in (
            ("iterations", ran), ("interrupted_iterations", cut), ("dropped_iterations", dropped),
        ):  # fmt: skip
            counts[CellKey(series, metric, phase, "")] = number
    seen = Summary(catalogue)
    seen.add(Snapshot(0, 0, counts=counts))

    (found,) = dropped_findings(seen)

    assert found.message.startswith(
        "80 of 100 iterations of scenario open were dropped (80 %), as no virtual user was free"
    )
    assert not found.invalidates


def test_what_ended_early_is_left_out_and_nothing_else():
    """A feeder of one scenario that has run out says nothing of the load of another."""
    asked, missing = {"late": 1000.0, "short": 1000.0}, {"late": 123.0, "short": 900.0}
    assert len(list(load_findings(asked, missing))) == 2
    (found,) = load_findings(asked, missing, {"short"})
    assert "scenario late" in found.message
