"""Series of channels, which are no steps, in results and every table of `report`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.loader import load_plan
from wedload.report.final import print_final
from wedload.report.html import tables
from wedload.report.html.seconds import seconds_of
from wedload.report.markdown import markdown
from wedload.report.table_csv import table_csv
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.recording import header
from wedload.results.recover import _catalogue
from wedload.results.run import stage_spans
from wedload.units import NS_PER_MS
from wedload.verdict.collected import Collected
from wedload.workload.compile_plan import Settings, compile_workload

ROWS = """\
[benchmarks]
"Arrives"   = "webhook_delivered: rate >= 90%"
"Quick"     = "webhook_delivery_duration{channel=hooks}: med < 1s"
"Once"      = "webhook_duplicates: count < 5"
"Everybody" = "realtime_delivered{channel=status, stage=up}: rate > 50%"
"""
SCENARIO = 'executor = "constant-vus"\nvus = 1\nduration = "1m"'
STAGED = 'executor = "ramping-vus"\nstages = [{ name = "up", duration = "1m", target = 5 }]'


@pytest.fixture
def run(tmp_path, make):
    """A minute in which 100 orders were placed: 98 webhooks came, of two repeats one unasked."""
    (tmp_path / "channels.toml").write_text(WITH_CHANNELS.replace(SCENARIO, STAGED) + ROWS)
    plan = load_plan(tmp_path / "channels.toml").plan
    workload = compile_workload(plan, Settings("there", "http://127.0.0.1:9"))
    place, _, told, shown, said = workload.scenarios[0].workflows[0].steps
    hooks, status = workload.channels["hooks"], workload.channels["status"]
    counts = {
        (place.series, "http_reqs", "ok"): 100,
        (told.series, "awaits", "ok"): 98,
        (told.series, "awaits", "lost"): 2,
        (told.series, "webhook_expected", "ok"): 98,
        (told.series, "webhook_expected", "lost"): 2,
        (told.checks[0].series, "checks", "pass"): 98,
        (told.checks[0].series, "checks", "fail"): 2,
        (shown.series, "awaits", "ok"): 100,  # without waiting: it has no duration
        (shown.series, "realtime_expected", "ok"): 500,
        (said.series, "publishes", "ok"): 100,
        (said.series, "realtime_expected", "ok"): 490,
        (said.series, "realtime_expected", "late"): 10,
    }
    own = {
        (hooks, "webhook_attempts", ""): 101,
        (hooks, "webhook_duplicates", ""): 2,
        (hooks, "webhook_unexpected", ""): 1,
        (status, "realtime_drops", "closed"): 1,
    }
    ms = Histogram.of([10 * NS_PER_MS] * 98)
    trends = {
        CellKey(place.series, "http_req_duration", 1, "ok"): ms,
        CellKey(told.series, "await_duration", 1, "ok"): ms,
        CellKey(told.series, "webhook_delivery_duration", 1, "ok"): ms,
        CellKey(shown.series, "realtime_propagation", 1, "ok"): ms,
        CellKey(status, "realtime_joining", 0, "ok"): ms,
    }
    collected = Collected.of(
        workload.catalogue, plan.benchmarks, workers=1, schedule_s=60.0, arrivals=False
    )
    found = {CellKey(s, m, 1, o): n for (s, m, o), n in counts.items()}
    found |= {CellKey(s, m, 0, o): n for (s, m, o), n in own.items()}
    collected.add(Snapshot(0, 3, trends, found))
    health, verdict = collected.judged((), load_s=60.0, abort=None)
    return replace(
        make().run, load_s=60.0, stages=stage_spans(workload), summary=collected.summary,
        timeline=collected.timeline, health=health, verdict=verdict,
    )  # fmt: skip


@pytest.fixture
def result(run):
    return Result.model_validate_json(json.dumps(document_of(run)))


def test_a_result_tells_series_of_channels_from_those_of_steps(result):
    told = {
        (one.metric, one.step, one.channel)
        for one in (*result.series.trends, *result.series.rates, *result.series.counters)
        if one.metric.startswith(("webhook_", "realtime_"))
    }
    assert told >= {
        ("webhook_expected", "is told", "hooks"),
        ("webhook_delivered", "is told", "hooks"),
        ("webhook_delivery_duration", "is told", "hooks"),
        ("webhook_duplicates", None, "hooks"),  # kept, as a row asks for it
        ("realtime_propagation", "is shown", "status"),
        ("realtime_delivered", "say it", "status"),
    }


def test_steps_are_those_of_the_plan_and_no_channel_is_one(result):
    assert [one.step for one in result.steps] == ["place", "is told", "is shown", "say it"]
    told = result.steps[1]
    assert told.outcomes == {"lost": 2, "ok": 98}
    assert told.metrics["webhook_delivered"].rate == 0.98
    assert told.metrics["await_failed"].rate == 0.02
    assert [one.check for one in result.checks] == ["json.data.total > 0"]


def test_what_channels_heard_is_in_the_figures_of_the_whole_run(result):
    assert result.metrics["webhook_attempts"].count == 101
    assert result.metrics["webhook_unexpected"].count == 1
    assert result.metrics["realtime_delivered"].yes == 990
    assert result.metrics["realtime_joining"].count == 98
    assert "webhook_attempts" not in result.steps[1].metrics


def test_rows_select_them_by_channel_and_stage(result):
    rows = {row.name: row for row in result.benchmarks}

    assert {name: row.status for name, row in rows.items()} == dict.fromkeys(
        ("Arrives", "Quick", "Once", "Everybody"), "met"
    )
    assert (rows["Arrives"].observed, rows["Arrives"].samples) == (0.98, 100)
    assert rows["Once"].observed == 2
    assert rows["Everybody"].samples == 1_000
    assert rows["Once"].series != []


def test_tables_have_a_line_for_each_step_and_none_for_a_channel(run, result, console):
    print_final(run, console)

    text = console.export_text()
    lines = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert "place" in lines
    assert "hooks" not in lines
    told = next(line for line in text.splitlines() if line.startswith(" is told"))
    assert told.split()[2:4] == ["100", "10"]
    assert "is told" in markdown(result)
    assert "is told" in str(tables.steps(result))
    names = [step.label for step in seconds_of(result).steps]
    assert names == ["place", "is told", "is shown", "say it"]


def test_the_spreadsheet_has_them(result):
    head, *rows = table_csv(result).splitlines()

    assert "webhook_delivered" in head
    assert any("is told" in row for row in rows)


def test_a_recording_keeps_whose_series_they_are(run):
    catalogue = run.summary.catalogue
    head = json.loads(json.dumps(header(run.info, run.stages, catalogue, {})))

    assert _catalogue(head).series == catalogue.series
