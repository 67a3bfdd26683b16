"""The result file: everything a run found, as JSON (`wedload.result/1`).

Durations are ms, rates are ratios, as each `unit` says; docs/result-file.md explains the keys.
Pure: it makes a dictionary, the caller writes it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics import codec
from wedload.metrics.catalogue import EXACT_WORKFLOW
from wedload.plan.metric import METRICS
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.compile import CLEANUP
from wedload.workload.schedule import ArrivalSchedule

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import Summary, Where
    from wedload.metrics.timeline import Timeline
    from wedload.results.run import Run
    from wedload.verdict.model import Row

SCHEMA: Final = "wedload.result/1"
_QUANTILES: Final = {"med": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99_9": 0.999}
_HTTP_TRENDS: Final = tuple(name for name in METRICS if name.startswith("http_req_"))
_DIGITS: Final = 4


def result_of(run: Run) -> dict[str, Any]:
    """The result of a finished run."""
    summary, verdict = run.summary, run.verdict
    return {
        "schema": SCHEMA,
        "run": run.facts(),
        "verdict": verdict.outcome,
        "reasons": list(verdict.reasons),
        "benchmarks": [_benchmark(row) for row in verdict.rows],
        "validity": {
            "valid": verdict.outcome != "invalid",
            "findings": [
                {"kind": f.kind, "message": f.message, "invalidates": f.invalidates}
                for f in verdict.findings
            ],
            "generator": _generator(run),
        },
        "metrics": metrics_of(summary, (), run.load_s),
        "steps": _steps(summary, run.load_s),
        "checks": _checks(summary),
        "stages": _stages(run),
        "failures": [
            {"message": text, "count": count} for text, count in summary.notes.most_common(50)
        ],
        "cleanup": _cleanup(run),
        "series": _series(summary, run.timeline),
        "histograms": _histograms(summary),
    }


def _cleanup(run: Run) -> dict[str, Any]:
    """Nulls where nobody could count: with the load process its list was lost."""
    count = run.cleanup
    if count is None:
        return {"created": None, "deleted": None, "leaked": None, "reasons": {}}
    return {
        "created": count.created,
        "deleted": count.deleted,
        "leaked": count.leaked,
        "reasons": count.reasons,
    }


def trend_figures(histogram: Histogram) -> dict[str, Any]:
    """A trend's figures, ms."""
    if not histogram.count:
        return {"unit": "ms", "count": 0}
    figures = {
        "unit": "ms",
        "count": histogram.count,
        "min": _ms(histogram.min_ns),
        "avg": _ms(histogram.mean_ns),
        "max": _ms(histogram.max_ns),
    }
    for name, q in _QUANTILES.items():
        figures[name] = _ms(histogram.quantile_ns(q))
    return figures


def metrics_of(summary: Summary, where: Where, load_s: float) -> dict[str, Any]:
    """Every metric that has data under some selectors."""
    found: dict[str, Any] = {}
    for name, metric in METRICS.items():
        match metric.kind:
            case "trend":
                histogram = summary.trend(name, where)
                if histogram.count:
                    found[name] = trend_figures(histogram)
            case "counter":
                count = summary.count(name, where)
                if count:
                    found[name] = {
                        "unit": "bytes" if name.startswith("data_") else "count",
                        "count": count,
                        "rate": round(count / load_s, _DIGITS) if load_s else None,
                    }
            case "rate":
                rate = summary.rate(name, where)
                if rate.total:
                    found[name] = {
                        "unit": "ratio",
                        "count": rate.total,
                        "yes": rate.yes,
                        "rate": round(rate.ratio, 6),
                    }
            case "gauge":
                pass  # levels are in `series` and in `validity.generator`
    return found


def step_keys(summary: Summary) -> list[tuple[str, str | None, str]]:
    """(scenario, workflow, step) of every step, in the order of the plan."""
    keys = (
        (one.scenario, one.workflow, one.step)
        for one in summary.catalogue.series
        if one.step is not None and one.check is None
    )
    return list(dict.fromkeys(keys))


def step_where(scenario: str, workflow: str | None, step: str) -> Where:
    """Selectors for one step of one workflow."""
    where: Where = (("scenario", scenario), ("step", step))
    return where if workflow is None else (*where, (EXACT_WORKFLOW, workflow))


def _steps(summary: Summary, load_s: float) -> list[dict[str, Any]]:
    rows = []
    for scenario, workflow, step in step_keys(summary):
        where = step_where(scenario, workflow, step)
        outcomes = summary.outcomes("http_reqs", where)
        if not outcomes:
            continue
        rows.append(
            {
                "scenario": scenario,
                "workflow": workflow,
                "step": step,
                "outcomes": dict(sorted(outcomes.items())),
                "metrics": metrics_of(summary, where, load_s),
            }
        )
    return rows


def _checks(summary: Summary) -> list[dict[str, Any]]:
    rows = []
    for one in summary.catalogue.series:
        if one.check is None or one.step is None:
            continue
        where = (*step_where(one.scenario, one.workflow, one.step), ("check", one.check))
        rate = summary.rate("checks", where)
        row = {
            "scenario": one.scenario, "workflow": one.workflow, "step": one.step,
            "check": one.check, "passed": rate.yes, "failed": rate.total - rate.yes,
        }  # fmt: skip
        if row not in rows:
            rows.append(row)
    return rows


def _stages(run: Run) -> list[dict[str, Any]]:
    rows = []
    for scenario in run.workload.scenarios:
        begin_ns = scenario.start_ns
        rates = isinstance(scenario.schedule, ArrivalSchedule)
        for stage in scenario.schedule.stages:
            where: Where = (("scenario", scenario.name),)
            if stage.name:
                where = (*where, ("stage", stage.name))
            end_ns = begin_ns + stage.duration_ns
            duration_s = stage.duration_ns / NS_PER_S
            rows.append(
                {
                    "scenario": scenario.name,
                    "stage": stage.name or None,
                    "begin_s": begin_ns / NS_PER_S,
                    "end_s": end_ns / NS_PER_S,
                    "target_vus": None if rates else stage.target,
                    "target_rate": float(stage.target) if rates else None,
                    "metrics": metrics_of(
                        run.summary, where if stage.name else where[:1], duration_s
                    ),
                }
            )
            begin_ns = end_ns
    return rows


def _benchmark(row: Row) -> dict[str, Any]:
    requirement = row.requirement
    return {
        "name": row.name,
        "metric": requirement.metric,
        "where": dict(requirement.where),
        "aggregation": requirement.aggregation,
        "require": requirement.words,
        "observed": _rounded(row.observed),
        "unit": requirement.unit,
        "samples": row.samples,
        "margin": _rounded(row.margin),
        "status": row.status,
        "bound_95": _rounded(row.bound),
        "reason": row.reason,
    }


def _generator(run: Run) -> dict[str, Any]:
    health = run.health
    return {
        "cpu_avg_ratio": round(health.cpu_avg, _DIGITS),
        "cpu_max_ratio": round(health.cpu_max, _DIGITS),
        "loop_lag": trend_figures(health.loop_lag),
        "memory_max_bytes": health.memory_max_bytes,
        "gc": _pauses(health.gc_longest_ns, health.gc_total_ns),
        "seconds": health.seconds,
        "processes": [
            {
                "worker": one.worker,
                "cpu_avg_ratio": round(one.cpu_avg, _DIGITS),
                "cpu_max_ratio": round(one.cpu_max, _DIGITS),
                "loop_lag": trend_figures(one.loop_lag),
                "memory_max_bytes": one.memory_max_bytes,
                "gc": _pauses(one.gc_longest_ns, one.gc_total_ns),
                "open_files_max": one.open_files_max,
                "open_files_limit": one.open_files_limit,
            }
            for one in health.processes
        ],
    }


def _pauses(longest_ns: int, total_ns: int) -> dict[str, Any]:
    return {"unit": "ms", "longest": _ms(longest_ns), "total": _ms(total_ns)}


def _series(summary: Summary, timeline: Timeline) -> dict[str, Any]:
    """Per second: virtual users, iterations, and each step's requests, failures, p50 and p95."""
    seconds = sorted(at for at in timeline.seconds if at >= 0)
    steps = []
    for number, one in enumerate(summary.catalogue.series):
        if one.step is None or one.check is not None or one.scenario == CLEANUP:
            continue
        cells = [timeline.seconds[at] for at in seconds]
        if not any(cell.requests[number] for cell in cells):
            continue
        trends = [cell.durations(number) for cell in cells]
        steps.append(
            {
                "scenario": one.scenario,
                "workflow": one.workflow,
                "step": one.step,
                "requests": [cell.requests[number] for cell in cells],
                "failed": [cell.failed[number] for cell in cells],
                "p50": [round(_ms(t.quantile_ns(0.5)), 2) if t.count else None for t in trends],
                "p95": [round(_ms(t.quantile_ns(0.95)), 2) if t.count else None for t in trends],
            }
        )
    return {
        "second": seconds,
        "vus": [timeline.vus_at(at).total() for at in seconds],
        "iterations": [timeline.seconds[at].iterations for at in seconds],
        "steps": steps,
    }


def _histograms(summary: Summary) -> list[dict[str, Any]]:
    """Of each step and workflow and stage, in HdrHistogram's V2 compressed encoding, ns."""
    rows = []
    metrics = {"http_req_duration", "workflow_duration"}
    for series, metric, phase, histogram in summary.histograms(metrics):
        rows.append(
            {
                "scenario": series.scenario,
                "workflow": series.workflow,
                "step": series.step,
                "stage": phase.stage,
                "metric": metric,
                "unit": "ns",
                "count": histogram.count,
                "encoded": codec.encode(histogram),
            }
        )
    return rows


def _ms(duration_ns: float) -> float:
    return round(duration_ns / NS_PER_MS, _DIGITS)


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 6)
