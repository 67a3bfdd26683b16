"""What is to be known of channels: their process, and what they could not keep or decide."""

from __future__ import annotations

import pytest

from tests.helpers.heard_run import REPORTS, heard_run, notices
from wedload.metrics.health_log import HealthLog
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import Health
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS
from wedload.verdict.channel_findings import ears_findings, heard_findings
from wedload.verdict.validity import generator_findings, generator_health

SOON = "webhook_delivery_duration: p95 < 1s"
QUICK = "http_req_duration: p95 < 200ms"
EARS = 1


def second(cpu=0.1, lag_ms=0.1, **more):
    return Health(cpu, 50_000_000, Histogram.of([round(lag_ms * NS_PER_MS)] * 100), **more)


def health_of(load, ears, *rows):
    log = HealthLog()
    for worker, seconds in ((0, load), (EARS, ears)):
        for number, one in enumerate(seconds):
            log.add(worker, number, one)
    return generator_health(log, {row: Requirement.parse(row) for row in rows}, ears=EARS)


def kinds(health):
    found = [*generator_findings(health), *ears_findings(health.ears)]
    return [one.kind for one in found if one.invalidates]


@pytest.mark.parametrize(
    ("busy", "calm", "expected"), [(1, 19, []), (2, 18, ["channels-cpu"])]
)  # fmt: skip
def test_ears_above_90_percent_of_their_core_in_more_than_5_percent_of_the_seconds(
    busy, calm, expected
):
    ears = [second(cpu=0.91)] * busy + [second(cpu=0.9)] * calm

    assert kinds(health_of([second()] * 20, ears)) == expected


@pytest.mark.parametrize(
    ("rows", "lag_ms", "expected"),
    [
        ([SOON], 49, []),
        ([SOON], 51, ["channels-lag"]),
        (["realtime_propagation: p99 < 100ms", SOON], 5.1, ["channels-lag"]),
        (["realtime_last_subscriber: p95 < 100ms"], 5.1, ["channels-lag"]),
        (["await_duration: p95 < 1s"], 51, ["channels-lag"]),
        # rows about what load processes time say nothing of the ears
        ([QUICK], 900, []),
        (["webhook_delivered: rate > 99%"], 900, []),
        ([], 900, []),
    ],
)
def test_lag_of_the_ears_is_held_against_the_tightest_row_about_messages(rows, lag_ms, expected):
    ears = [second(lag_ms=lag_ms)] * 20

    assert kinds(health_of([second()] * 20, ears, *rows)) == expected


def test_rows_about_messages_ask_nothing_of_load_processes():
    tight = "webhook_delivery_duration: p95 < 40ms"

    assert kinds(health_of([second(lag_ms=9)] * 20, [second()] * 20, tight, QUICK)) == []
    assert kinds(health_of([second(lag_ms=11)] * 20, [second()] * 20, tight, QUICK)) == [
        "generator-lag"
    ]


def test_a_busy_process_of_channels_is_no_busy_generator():
    health = health_of([second(cpu=0.2)] * 4, [second(cpu=0.99)] * 4)

    assert (health.cpu_max, health.cpu_busy_seconds, len(health.processes)) == (0.2, 0, 1)
    assert health.ears is not None
    assert (health.ears.cpu_max, health.ears.cpu_busy_seconds) == (0.99, 4)


def test_each_finding_says_what_would_help():
    busy = health_of([second()] * 4, [second(cpu=0.95, lag_ms=60)] * 4, SOON)

    cpu, lag = ears_findings(busy.ears)

    assert "listens to the channels used more than 90 % of its core in 4 of 4 sec" in cpu.message
    assert "p99 over 50 ms" in lag.message
    assert "in 4 of 4 seconds, in which it used up to 95 %" in lag.message
    assert all("fewer subscribers" in one.message for one in (cpu, lag))


def test_ears_that_were_late_while_their_core_was_idle_are_laid_on_other_work():
    (lag,) = ears_findings(health_of([second()] * 4, [second(cpu=0.04, lag_ms=60)] * 4, SOON).ears)

    assert "other work kept the machine busy" in lag.message
    assert "fewer subscribers" not in lag.message


def test_files_of_the_ears_are_held_against_nine_tenths_of_the_limit():
    full = [second(open_files=91, open_files_limit=100)]

    (found,) = ears_findings(health_of([second()], full).ears)

    assert (found.kind, found.invalidates) == ("open-files", False)
    assert "91 of at most 100 files open" in found.message


def test_without_channels_there_is_nothing_to_find():
    assert list(ears_findings(None)) == []
    assert list(heard_findings({})) == []
    assert list(heard_findings(REPORTS)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"forgotten_keys": 1}, "1 key forgotten"),
        ({"forgotten": 7}, "7 keys forgotten"),
        ({"overflowed": 2}, "2 messages given up early"),
        ({"forgotten_entities": 3}, "the order within 3 of the entities"),
    ],
)
def test_what_a_channel_could_not_keep_is_said_with_how_to_keep_it(change, words):
    (found,) = heard_findings({"notices": {**REPORTS["notices"], **change}})

    assert (found.kind, found.invalidates) == ("channel-memory", False)
    assert found.message.startswith("Channel notices: ")
    assert words in found.message
    assert "raise its `remember`" in found.message


@pytest.mark.parametrize(("share", "invalidates"), [(0.05, False), (0.06, True)])
def test_subscribers_that_were_away_are_said_and_if_they_were_long_the_run_is_invalid(
    share, invalidates
):
    """What was sent to nobody is in no rate."""
    away = {**REPORTS["guests"], "joined_least": 1, "drops": 3, "rejoins": 2, "away_share": share}

    (found,) = heard_findings({"guests": away})

    assert (found.kind, found.invalidates) == ("not-joined", invalidates)
    assert "only 1 of 4 subscribers had joined (3 drops, 2 rejoins" in found.message


def test_messages_without_a_key_are_told_with_one_of_them():
    report = {**REPORTS["guests"], "without_key": 20, "without_key_example": '{"id": 1}'}
    (found,) = heard_findings({"guests": report})
    assert (found.kind, found.invalidates) == ("no-key", False)
    assert "20 messages" in found.message
    assert '{"id": 1}' in found.message


def test_what_nobody_knows_of_when_the_run_ended_is_said_of_each_channel(make):
    open_ = {("undecided", ""): 4}
    run = heard_run(make(), {"notices": notices(more=open_)}, seconds=2).run

    (found,) = (one for one in run.verdict.findings if one.kind == "undecided")

    assert found.message.startswith("Channel notices: 8 messages had time left to come when")
    assert not found.invalidates


def test_a_run_whose_ears_were_too_busy_is_invalid(make):
    run = heard_run(make(), cpu=0.95).run

    assert run.verdict.outcome == "invalid"
    assert run.verdict.reasons[0].startswith("The process that listens to")
