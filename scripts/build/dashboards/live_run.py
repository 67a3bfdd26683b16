"""The dashboard of a run while it lasts."""

from __future__ import annotations

from typing import Final

from scripts.build.dashboards.choices import PLAN, RUN, TARGET, percentile, speed
from scripts.build.dashboards.panels import Dashboard, Panel, Query, Section
from scripts.build.dashboards.queries import heat, level, per_second, quantile, share, total
from wedload.plan.metric_table import STEP_METRICS

_SECONDS: Final = 'unit="seconds"'
_MET: Final = {"1": ("met", "green"), "0": ("missed", "red")}
_ACTIVE: Final = {"1": ("in force", "blue"), "0": ("not", "transparent")}


def live_run() -> Dashboard:
    """Its benchmark table, its load, its steps, and whether its generator keeps up."""
    return Dashboard(
        "wedload-live-run",
        "wedload: live run",
        "A run while it lasts: whether its benchmark table is met so far, and why not.",
        (PLAN, TARGET, RUN),
        (
            Section("Run", _run()),
            Section("Benchmark table", _table()),
            Section("Load", _load()),
            Section("Steps", _steps()),
            Section("Generator and target", _machines()),
        ),
    )


def _run() -> tuple[Panel, ...]:
    failed = Query(share("http_reqs", "run", 'outcome!="ok"'), "failed")
    checks = Query(share("checks", "run", 'outcome="pass"'), "passed")
    return (
        Panel(
            "stat", "Under load for", "How long the load lasts.",
            (Query(level("run_elapsed_seconds", "run"), "{{run}}"),), "s", 4, 4,
        ),
        Panel(
            "stat", "Virtual users", "Those that are active.",
            (Query(f"sum({level('vus', 'scenario')})", "active"),), "short", 4, 4,
        ),
        Panel(
            "stat", "Requests per second", "Finished now, whatever came of them.",
            (Query(per_second("http_reqs", "run"), "requests"),), "reqps", 4, 4,
        ),
        Panel(
            "stat", "Requests that fail", "Of those that are finished now. The table allows 1 %.",
            (failed,), "percentunit", 4, 4, bad_above=0.01,
        ),
        Panel(
            "stat", "Checks that pass", "Of those that are made now. The table requires 99 %.",
            (checks,), "percentunit", 4, 4, bad_below=0.99,
        ),
        Panel(
            "stat", "Rows that are missed", "Of the benchmark table, so far.",
            (Query(_missed(), "missed"),), "short", 4, 4, bad_above=1,
        ),
    )  # fmt: skip


def _missed() -> str:
    return f"count({level('benchmark_met', 'benchmark')} == 0) or vector(0)"


def _table() -> tuple[Panel, ...]:
    seen = level("benchmark_observed", "benchmark, metric, unit")
    columns = (
        Query(seen),
        Query(level("benchmark_threshold", "benchmark")),
        Query(level("benchmark_samples", "benchmark")),
        Query(level("benchmark_met", "benchmark")),
    )
    used = (
        f"{level('benchmark_observed', 'benchmark', _SECONDS)}"
        f" / {level('benchmark_threshold', 'benchmark', _SECONDS)}"
    )
    return (
        Panel(
            "table", "Rows", "What each row sees so far and requires, in the unit that it names. A "
            "row without a 1 or 0 cannot be judged yet.",
            columns, columns=("seen", "required", "samples", "met"), width=24,
        ),
        Panel(
            "state-timeline", "Met so far", "Where there is nothing, there are too few samples.",
            (Query(level("benchmark_met", "benchmark"), "{{benchmark}}"),), states=_MET,
        ),
        Panel(
            "timeseries", "How much of what rows allow is used", "Rows about durations: at 100 % "
            "they are missed.", (Query(used, "{{benchmark}}"),), "percentunit", bad_above=1,
        ),
    )  # fmt: skip


def _load() -> tuple[Panel, ...]:
    return (
        Panel(
            "timeseries", "Virtual users", "Those that are active.",
            (Query(level("vus", "scenario"), "{{scenario}}"),), width=8,
        ),
        speed(
            "Workflows per second", "iterations", "workflow, outcome",
            "{{workflow}}, {{outcome}}", 8,
        ),
        percentile("Workflows", "workflow_duration", "workflow", "{{workflow}}", width=8),
        Panel(
            "state-timeline", "Stages", "Those in force, by the schedule.",
            (Query(level("stage_active", "scenario, stage"), "{{scenario}}: {{stage}}"),),
            states=_ACTIVE,
        ),
        Panel(
            "state-timeline", "Faults", "Those in force.",
            (Query(level("fault_active", "fault"), "{{fault}}"),), states=_ACTIVE,
        ),
        speed("Iterations dropped", "dropped_iterations", "scenario", "{{scenario}}"),
        percentile("Lateness of iterations", "iteration_lateness", "scenario", "{{scenario}}"),
    )  # fmt: skip


def _steps() -> tuple[Panel, ...]:
    """Of every verb that has samples: a new one is here as soon as there is one."""
    verbs = STEP_METRICS.values()
    by, name = "workflow, step", "{{step}}"
    critical = quantile(0.95, "http_req_duration", "step", 'critical="yes"')
    return (
        Panel(
            "timeseries", "p95 of steps", "Of steps of every kind, requests and others.",
            tuple(Query(quantile(0.95, one.duration, by), name) for one in verbs), "s", 24, 10,
        ),
        Panel(
            "timeseries", "Steps per second", "Whatever came of them.",
            tuple(Query(per_second(one.count, by), name) for one in verbs), "cps",
        ),
        Panel(
            "timeseries", "Share of steps that fail", "Those whose outcome is not ok.",
            tuple(Query(share(one.count, by, 'outcome!="ok"'), name) for one in verbs),
            "percentunit", bad_above=0.01,
        ),
        Panel(
            "timeseries", "p95 of critical endpoints", "Steps with the tag critical = \"yes\". The "
            "table requires less than 200 ms.", (Query(critical, name),), "s", bad_above=0.2,
        ),
        Panel(
            "heatmap", "Requests by duration", "How many took how long.",
            (Query(heat("http_req_duration"), "{{le}}"),), "s",
        ),
        Panel(
            "table", "How requests ended", "So far.",
            (Query(total("http_reqs", "step, outcome")),), columns=("requests",),
        ),
        Panel(
            "table", "Checks that failed", "So far.",
            (Query(total("checks", "step, check", 'outcome="fail"')),), columns=("failed",),
        ),
    )  # fmt: skip


def _machines() -> tuple[Panel, ...]:
    worker, resource = "{{worker}}", "{{resource}}"
    lag = Query(quantile(0.99, "generator_loop_lag", "worker"), worker)
    return (
        Panel(
            "timeseries", "CPU of load processes", "Above 90 % of a core, figures are not the "
            "target's.", (Query(level("generator_cpu", "worker"), worker),), "percentunit", 8,
            bad_above=0.9,
        ),
        Panel(
            "timeseries", "Lag of load processes, p99", "How late their loops are.", (lag,), "s", 8,
        ),
        Panel(
            "timeseries", "Memory of load processes", "Resident.",
            (Query(level("generator_memory", "worker"), worker),), "bytes", 8,
        ),
        Panel(
            "timeseries", "CPU of resources", "Of those that the plan names; 100 % is one core.",
            (Query(level("resource_cpu", "resource"), resource),), "percentunit",
        ),
        Panel(
            "timeseries", "Memory of resources", "Of those that the plan names.",
            (Query(level("resource_memory", "resource"), resource),), "bytes",
        ),
    )  # fmt: skip
