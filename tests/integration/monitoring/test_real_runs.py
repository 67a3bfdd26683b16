"""Runs that a real Prometheus fetches and judges by the rules: what it records, and what fires."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import signal
from typing import TYPE_CHECKING

import pytest
import uvloop

from tests.cli.conftest import SMALL, Started, environment
from tests.helpers.monitoring_rules import expressions
from tests.helpers.places import PLANS, WEDLOAD
from tests.helpers.servers import Server
from tests.helpers.waiting import until
from wedload.export.buckets import SECONDS
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = """\
[monitoring]
every = "1s"
prometheus = {{ listen = "{fetches}" }}
"""
#: nobody answers so fast
ROWS = """\
"Never met" = "http_req_duration{step='submit form'}: p95 < 0.01ms"
"Submission, holding" = "http_req_duration{step='submit form', stage=hold}: p95 < 20s"
"""


def smoke(folder: Path, fetches: str) -> Result:
    """The shipped plan, a little shorter, on a sandbox of its own; with a row that is missed."""
    text = (PLANS / "smoke.toml").read_text()
    before, table = text.split("[benchmarks]\n")
    for long, short in (
        ('"2s", target = 20', '"1s", target = 8'),
        ('"4s", target = 20', '"3s", target = 8'),
        ('"1s", target = 0', '"3s", target = 0'),  # until what was held is fetched and judged
    ):
        assert long in before
        before = before.replace(long, short)
    path = folder / "plan.toml"
    watched = WATCHED.format(fetches=fetches)
    path.write_text(f"{before}{watched}[benchmarks]\n{table}{ROWS}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(load_plan(path), RunOptions(seed=1), QuietView(), os.environ))
    return Result.model_validate(json.loads(json.dumps(document_of(run))))


def firing(prometheus, plan: str, name: str) -> list[dict[str, str]]:
    """The alerts of that name that have fired for a plan, a second ago or now."""
    series = f'ALERTS{{plan="{plan}", alertname=~"{name}", alertstate="firing"}}'
    return [labels for labels, _ in prometheus.last(series)]


@pytest.fixture(scope="module")
def result(prometheus, tmp_path_factory) -> Result:
    return smoke(tmp_path_factory.mktemp("smoke"), prometheus.fetches)


def test_what_is_recorded_is_what_the_result_says_and_what_is_missed_fires(result, prometheus):
    rules = [one for group in prometheus.got("rules")["groups"] for one in group["rules"]]
    assert len(rules) > 60
    assert [one["name"] for one in rules if one["health"] != "ok"] == []

    rows = {one.name: one for one in result.benchmarks}
    hold = f'stage="hold",run="{result.run.id}"'
    step = f'step_stage:wedload_http_req_duration_seconds:p95{{step="submit form",{hold}}}'
    flow = f"workflow_stage:wedload_workflow_duration_seconds:p95{{{hold}}}"
    for series, row in ((step, rows["Submission, holding"]), (flow, rows["Complete workflow"])):
        ((labels, found_s),) = prometheus.last(series)
        assert labels["plan"] == "smoke"
        assert_same_bucket(found_s, row.observed / 1000)
        ((_, count),) = prometheus.last(series.replace(":p95", ":count"))
        assert count == row.samples
    ((_, failed),) = prometheus.last('run:wedload_http_reqs:failed_ratio{plan="smoke"}')
    assert failed == rows["Failed requests"].observed

    (burns,) = firing(prometheus, "smoke", "WedloadBenchmark.*")
    assert (burns["alertname"], burns["benchmark"]) == ("WedloadBenchmarkBurning", "Never met")
    assert (burns["severity"], burns["run"]) == ("warning", result.run.id)
    assert firing(prometheus, "smoke", "WedloadRun.*|.*Fail") == []


def test_prometheus_can_answer_all_that_dashboards_ask_for(result, prometheus):
    run = f'run="{result.run.id}"'
    ((_, at_s),) = prometheus.asked(f"last_over_time(timestamp(wedload_run_info{{{run}}})[5m:1s])")
    chosen = {"plan": "smoke", "target": ".*"} | dict.fromkeys(
        ("run", "base", "current"), run[5:-1]
    )
    answered = set()
    for expression in expressions():
        text = re.sub(r"\$(\w+)", lambda variable: chosen[variable[1]], expression)
        for _, value in prometheus.asked(text, at_s):
            assert value >= 0 or math.isnan(value)  # 0 / 0: none in the last minute
            answered.update(re.findall(r"wedload_\w+", text))
    for one in ("benchmark_met", "stage_active", "vus", "http_reqs_total", "checks_total"):
        assert f"wedload_{one}" in answered
    for one in ("http_req_duration", "workflow_duration", "generator_loop_lag"):
        assert f"wedload_{one}_seconds_bucket" in answered


def assert_same_bucket(found_s: float, true_s: float) -> None:
    """A quantile made of buckets is as near as its bucket is wide."""
    above = min(bound for bound in SECONDS if bound >= true_s)
    below = max((bound for bound in SECONDS if bound < true_s), default=0)
    assert below <= found_s <= above


@pytest.fixture
def killed(tmp_path, prometheus):
    """A run that was killed in the middle of a stage, after Prometheus had heard of it."""
    server = Server(lambda _: 0.01)
    plan = tmp_path / "plan.toml"
    endless = 'executor = "ramping-vus"\nstages = [{ name = "long", duration = "60s", target = 2 }]'
    text = SMALL.format(url=server.url) + WATCHED.format(fetches=prometheus.fetches)
    plan.write_text(text.replace('executor = "constant-vus"\nvus = 2\nduration = "400ms"', endless))
    run = Started([str(WEDLOAD), "run", str(plan), "--no-live"], tmp_path, environment())
    try:
        run.wait_until(
            lambda: prometheus.asked('wedload_stage_active{plan="small"} == 1'), "a stage is seen"
        )
        run.signal(signal.SIGKILL)
        yield
    finally:
        run.end()
        server.close()


async def test_a_run_that_is_killed_is_told_as_one_that_was_cut_off(killed, prometheus):
    await until(lambda: firing(prometheus, "small", "WedloadRunCutOff"))
    (cut_off,) = firing(prometheus, "small", "WedloadRunCutOff")
    assert (cut_off["plan"], cut_off["severity"]) == ("small", "warning")
    assert (
        firing(prometheus, "small", "WedloadRunSilent") == []
    )  # Prometheus has ended its series itself
