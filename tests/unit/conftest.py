"""Runs that never happened, with as many steps, benchmarks and samples as a test wants."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from tests.helpers.compared_results import make_result
from tests.helpers.credentials import SECRET
from wedload.metrics.cleanup_count import CleanupCount
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.summary import RATES
from wedload.plan.loader import LoadedPlan, load_plan
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.metric_table import METRICS, STEP_METRICS
from wedload.report.view import RunView
from wedload.results.run import Run, RunInfo, stage_spans
from wedload.safety.redactor import KNOWN
from wedload.units import NS_PER_MS
from wedload.verdict.collected import Collected
from wedload.workload.compile_plan import Settings, Workload, compile_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.verdict.model import Finding

HEAD = """\
schema = 1
name = "{name}"
description = "{name} and what it is for"
[targets."{target}"]
base_url = "http://127.0.0.1:9"
[scenarios.main]
executor = "ramping-vus"
stages = [
  {{ name = "{stage}", duration = "30s", target = 1000000 }},
  {{ name = "down", duration = "90m", target = 0 }},
]
workflow = "visit"
"""


@dataclass
class Made:
    """A run that never happened."""

    loaded: LoadedPlan
    workload: Workload
    view: RunView
    run: Run


@pytest.fixture
def make(tmp_path) -> Callable[..., Made]:
    def make_run(
        steps: Sequence[str] = ("look",),
        benchmarks: dict[str, str] | None = None,
        *,
        plan: str = "small",
        target: str = "local",
        stage: str = "up",
        ms: Sequence[float] = (1, 2, 3),
        count: int = 1,
        failed: int = 0,
        notes: dict[str, int] | None = None,
        findings: Sequence[Finding] = (),
        seconds: int = 3,
        leaked: int = 0,
        interrupted: bool = False,
    ) -> Made:
        text = HEAD.format(name=plan, target=target, stage=stage)
        for step in steps:
            text += f'[[workflows.visit]]\nname = "{step}"\nhttp = "GET /"\n'
            text += 'check = ["status == 200"]\n'
        rows = benchmarks or {}
        tables = {k: v if v.startswith("{") else f'"{v}"' for k, v in rows.items()}
        text += "[benchmarks]\n" + "".join(f'"{k}" = {v}\n' for k, v in tables.items())
        file = tmp_path / "plan.toml"
        file.write_text(text)
        loaded = load_plan(file)
        workload = compile_workload(loaded.plan, Settings("local", "http://127.0.0.1:9"))
        collected = Collected.of(
            workload.catalogue, loaded.plan.benchmarks, workers=1, schedule_s=5430.0, arrivals=False
        )
        durations = Histogram.of([round(one * NS_PER_MS) for one in ms])
        for second in range(seconds):
            trends, counts = {}, {}
            for number, series in enumerate(workload.catalogue.series):
                if series.scenario != "main" or series.workflow is None:
                    continue
                if series.check is not None:
                    counts[CellKey(number, "checks", 1, "pass")] = count
                    counts[CellKey(number, "checks", 1, "fail")] = failed
                elif series.step is not None:
                    trends[CellKey(number, "http_req_duration", 1, "ok")] = durations
                    counts[CellKey(number, "http_reqs", 1, "ok")] = count
                    counts[CellKey(number, "http_reqs", 1, "status")] = failed
                else:
                    trends[CellKey(number, "workflow_duration", 1, "")] = durations
                    counts[CellKey(number, "iterations", 1, "")] = count
                    counts[CellKey(number, "interrupted_iterations", 1, "")] = failed
            health = Health(0.34, 52_000_000, Histogram.of([400_000] * 99))
            snapshot = Snapshot(0, second, trends, counts, {"main": 1_000_000}, health, notes or {})
            collected.add(snapshot)
        view = RunView(plan, target, workload, collected, float(seconds))
        health, verdict = collected.judged(
            findings, load_s=float(seconds), abort=collected.timed.abort
        )
        info = RunInfo(
            run_id="20270619-120000-abcd", plan=plan, plan_file=str(file),
            plan_hash=loaded.digest, load_hash=loaded.load_digest, target=target,
            base_url="http://127.0.0.1:9", started_at=datetime(2027, 6, 19, 12, tzinfo=UTC),
            planned_s=5430.0, time_scale=1.0, seed=1, version="0", workers=1, host={}, tags={},
        )  # fmt: skip
        run = Run(
            info=info, load_s=float(seconds), interrupted=interrupted,
            stages=stage_spans(workload), summary=collected.summary, timeline=collected.timeline,
            health=health,
            cleanup=CleanupCount(count, count - leaked, leaked, {"status 500": leaked}),
            verdict=verdict,
        )  # fmt: skip
        return Made(loaded, workload, view, replace(run))

    return make_run


@pytest.fixture(scope="session")
def result():
    """Makes results."""
    return make_result


@pytest.fixture
def knocking(monkeypatch) -> StepMetrics:
    """A verb that no version has, known to every table of metrics."""
    measured = StepMetrics(count="knocks", failed="knock_failed", duration="knock_duration")
    for metric in (
        Metric("knocks", "counter", "", better="higher"),
        Metric("knock_duration", "trend", ""),
        Metric("knock_failed", "rate", "", counted="knocks"),
    ):
        monkeypatch.setitem(METRICS, metric.name, metric)
    monkeypatch.setitem(RATES, "knock_failed", ("knocks", lambda outcome: outcome != "ok"))
    monkeypatch.setitem(STEP_METRICS, "knock", measured)
    return measured


@pytest.fixture
def console() -> Console:
    """80 columns, and what is printed kept."""
    return Console(width=80, height=24, record=True, file=io.StringIO(), force_terminal=True)


@pytest.fixture
def known():
    """A secret is known while the test lasts, and nothing else."""
    KNOWN.forget()
    KNOWN.learn([SECRET])
    yield
    KNOWN.forget()
