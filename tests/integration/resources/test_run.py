"""Runs whose plans have resources: levels in the result, rows about them, and what fails."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
import uvloop

from tests.integration.resources.conftest import EXPOSED
from wedload.errors import WedloadError
from wedload.plan.loader import load_plan
from wedload.report.html.page import report_page
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.read import read_result
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

DSN = "postgresql://me:${env.WEDLOAD_PW}@127.0.0.1:1/shop"
PLAN = """\
schema = 1
name = "watched"
[targets.sandbox]
sandbox = true
[scenarios.visitors]
executor = "ramping-vus"
start_vus = 2
stages = [
  { name = "first", duration = "2s", target = 2 },
  { name = "second", duration = "2s", target = 2 },
]
workflow = "visit"
[[workflows.visit]]
http = "GET /healthz"
[[workflows.visit]]
think = "20ms"
[resources]
prometheus = "PROMETHEUS"
[resources.queries]
"api" = "process: sandbox"
"rss" = "prometheus: shop_rss_bytes"
"nowhere" = "postgres: postgresql://me:${env.WEDLOAD_PW}@127.0.0.1:1/shop"
"gone" = "process: no-such-program"
"db" = "postgres: ${env.WEDLOAD_PG_DSN}"
[benchmarks]
"""
ROWS = """\
"descriptors" = "resource_descriptors{resource=api}: max < 100,000"
"threads, second" = "resource_threads{resource=api, stage=second}: min > 0"
"no memory" = "resource_memory{resource=api}: max < 1MB"
"rss" = "resource{resource=rss}: last == 104,857,600"
"p95 of some" = "resource_cpu{resource=machine}: p95 < 10000%"
"of nobody" = "resource_active{resource=nowhere}: max < 10"
"sessions" = "resource_connections{resource=db}: max < 150"
"""
SECRET = "k9-Zw3.tREmb"
NOWHERE = "postgresql://me@127.0.0.1:1/x"


def finished(folder, prometheus, rows, *, plan=PLAN, dsn=NOWHERE, **options):
    """The run of the plan with these rows, and what it told of."""
    path = folder / "plan.toml"
    path.write_text(plan.replace("PROMETHEUS", prometheus) + rows)
    told = []

    class Told(QuietView):
        def notice(self, text):
            told.append(text)

    environ = {**os.environ, "WEDLOAD_PW": SECRET, "WEDLOAD_PG_DSN": dsn}
    asked = RunOptions(seed=1, **options)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(load_plan(path), asked, Told(), environ))
    return run, told


@pytest.fixture(scope="module")
def whole(prometheus, cluster, tmp_path_factory):
    """One run, its result, and its recording, read before it was deleted."""
    folder = tmp_path_factory.mktemp("watched")
    recording = folder / "recording"
    run, told = finished(
        folder, prometheus, ROWS, dsn=cluster.new_database(), recording=lambda _: recording
    )
    result = Result.model_validate(json.loads(json.dumps(document_of(run))))
    return result, told, recording


def resource(result, name):
    return next(one for one in result.resources if one.name == name)


def figures(result, name):
    return {one.quantity: one for one in resource(result, name).figures}


def test_every_resource_is_in_the_result_the_machine_first(whole):
    result, _, _ = whole

    assert [(one.name, one.kind) for one in result.resources] == [
        ("machine", "machine"), ("api", "process"), ("rss", "prometheus"),
        ("nowhere", "postgres"), ("gone", "process"), ("db", "postgres"),
    ]  # fmt: skip
    assert result.run.resources["api"] == "process: sandbox"


def test_levels_are_there_by_second_and_add_up(whole):
    result, _, _ = whole
    found = figures(result, "api")

    assert {"cpu", "memory", "threads", "descriptors", "sockets", "switches"} <= set(found)
    for one in (*found.values(), *figures(result, "machine").values()):
        samples = [value for value in one.by_second if value is not None]
        assert len(one.by_second) == len(result.series.second)
        assert one.samples == len(samples) >= 2
        assert (one.min, one.max, one.last) == (min(samples), max(samples), samples[-1])
        assert one.avg == pytest.approx(sum(samples) / len(samples), abs=1e-3)
        assert one.p95 is None  # of four samples
    assert found["cpu"].capacity == len(os.sched_getaffinity(0))
    assert figures(result, "db")["connections"].capacity == 200
    assert {figures(result, "rss")["value"].last} == {float(EXPOSED.split()[-1])}


def test_rows_about_levels_are_judged_as_any_other(whole):
    result, _, _ = whole
    rows = {one.name: one for one in result.benchmarks}

    assert {name: row.status for name, row in rows.items()} == {
        "descriptors": "met", "threads, second": "met", "no memory": "missed", "rss": "met",
        "p95 of some": "insufficient", "of nobody": "no-data", "sessions": "met",
    }  # fmt: skip
    assert rows["no memory"].unit == "bytes"
    assert rows["no memory"].observed == figures(result, "api")["memory"].max
    assert rows["threads, second"].samples < rows["descriptors"].samples
    assert rows["p95 of some"].needed == 59


def test_run_is_invalid_as_a_row_has_no_data_and_says_why(whole):
    result, told, _ = whole

    assert result.verdict == "invalid"
    assert any("no sample of resource_active{resource='nowhere'}" in one for one in result.reasons)
    (problem,) = resource(result, "nowhere").problems
    assert problem.startswith("PostgreSQL cannot be reached")
    assert [one for one in told if one.startswith("warning, resource nowhere is not sampled")]
    assert resource(result, "gone").problems.popitem()[0] == (
        'there is no process called "no-such-program"'
    )


def test_password_of_an_address_is_nowhere(whole):
    result, told, recording = whole

    assert SECRET not in result.model_dump_json()
    assert SECRET not in "".join(told)
    assert SECRET not in recording.read_text()


def test_recording_holds_the_levels_too(whole):
    result, _, recording = whole

    recovered = read_result(recording)

    assert figures(recovered, "api")["threads"] == figures(result, "api")["threads"]
    statuses = {one.name: one.status for one in recovered.benchmarks}
    assert (statuses["descriptors"], statuses["no memory"]) == ("met", "missed")


def test_page_has_a_chart_and_a_table_of_them(whole):
    page = report_page(whole[0])

    assert 'id="chart-resource-cpu"' in page
    assert 'id="chart-resource-memory"' in page
    assert "Levels that were sampled once a second beside the load" in page


def test_row_that_is_certainly_missed_ends_the_load(prometheus, tmp_path):
    row = '"none" = { require = "resource_threads{resource=api}: max < 1", abort = true }\n'

    run, _ = finished(tmp_path, prometheus, row)

    assert run.aborted_s is not None
    assert run.verdict.outcome == "fail"
    assert run.verdict.reasons[0].startswith("Aborted at ")
    assert "resource_threads{resource='api'} max is" in run.verdict.reasons[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("@127.0.0.1:1/", "@192.0.2.7:5432/", ":22: .*resource nowhere .*192.0.2.7"),
        ("1/shop", "1/shop?passfile=/etc/x", ":22: .*has `passfile`, which is not known"),
        (DSN, "${env.WEDLOAD_PW}", ":22: nowhere is not the URL of a database"),
        ('"PROMETHEUS"', '"${env.WEDLOAD_PW}"', ":18: prometheus makes no URL"),
        ('"PROMETHEUS"', '"http://169.254.169.254"', "no load ever goes there"),
    ],
)
def test_addresses_pass_the_guard_before_the_load(tmp_path, old, new, said):
    with pytest.raises(WedloadError, match=said):
        finished(tmp_path, "http://127.0.0.1:9", "", plan=PLAN.replace(old, new))
