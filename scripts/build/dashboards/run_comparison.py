"""The dashboard of two runs side by side."""

from __future__ import annotations

from typing import Final

from scripts.build.dashboards.choices import BASE, CURRENT, PLAN, TARGET
from scripts.build.dashboards.panels import Dashboard, Panel, Query, Section
from scripts.build.dashboards.queries import (
    level_at_end,
    quantile_at_end,
    share_at_end,
    total_at_end,
)
from wedload.plan.metric_table import STEP_METRICS

_SIDES: Final = tuple(
    ('plan=~"$plan"', 'target=~"$target"', f'run="${one}"') for one in ("base", "current")
)
_COLUMNS: Final = ("before", "after", "change")


def run_comparison() -> Dashboard:
    """What two runs have seen in all, and by how much the later one differs."""
    return Dashboard(
        "wedload-run-comparison",
        "wedload: run comparison",
        "Two runs side by side, each over all of its load; both must lie within the time range. "
        "What is by chance and what is not, `wedload compare` says.",
        (PLAN, TARGET, BASE, CURRENT),
        (
            Section("Benchmark table", (_rows(), _met())),
            Section("Workflows", (_workflows(0.5), _workflows(0.95))),
            Section("p95 of steps", tuple(_steps(one) for one in STEP_METRICS)),
            Section("Failures and throughput", (_failures(), _passed(), _counts(), _iterations())),
        ),
        refresh="",
        since="now-7d",
    )


def _compared(title: str, about: str, before: str, after: str, unit: str, width: int = 12) -> Panel:
    queries = Query(before), Query(after), Query(f"({after}) / ({before}) - 1")
    units = (unit, unit, "percentunit")
    return Panel(
        "table", title, about, queries, width=width, columns=_COLUMNS, units=units, unit="short"
    )


def _rows() -> Panel:
    before, after = (level_at_end("benchmark_observed", "benchmark, unit", one) for one in _SIDES)
    about = "What each row has seen when its run was over, in the unit that it names."
    return _compared("Rows", about, before, after, "short")


def _met() -> Panel:
    queries = tuple(Query(level_at_end("benchmark_met", "benchmark", one)) for one in _SIDES)
    about = "1: met, 0: missed; nothing: too few samples to say."
    return Panel("table", "Met", about, queries, columns=_COLUMNS[:2])


def _workflows(q: float) -> Panel:
    by = "workflow, stage"
    before, after = (quantile_at_end(q, "workflow_duration", by, one) for one in _SIDES)
    about = "Completed workflows without their think time, by stage."
    return _compared(f"p{q * 100:g} of workflows", about, before, after, "s")


def _steps(verb: str) -> Panel:
    duration = STEP_METRICS[verb].duration
    before, after = (quantile_at_end(0.95, duration, "step, stage", one) for one in _SIDES)
    return _compared(f"Steps of the kind {verb}", "By stage.", before, after, "s")


def _failures() -> Panel:
    before, after = (share_at_end("http_reqs", "step", 'outcome!="ok"', one) for one in _SIDES)
    about = "Share of requests whose outcome is not ok. Failing fast improves latencies."
    return _compared("Requests that failed", about, before, after, "percentunit")


def _passed() -> Panel:
    before, after = (share_at_end("checks", "check", 'outcome="pass"', one) for one in _SIDES)
    return _compared("Checks that passed", "Share of them.", before, after, "percentunit")


def _counts() -> Panel:
    before, after = (total_at_end("http_reqs", "step", one) for one in _SIDES)
    return _compared("Requests", "All of them.", before, after, "short")


def _iterations() -> Panel:
    before, after = (total_at_end("iterations", "workflow, outcome", one) for one in _SIDES)
    return _compared("Workflows", "All that ran to their end.", before, after, "short")
