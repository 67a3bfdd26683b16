"""The result: everything a run found, as JSON (`wedload.result/1`, see wedload.results.model).

Durations are ms, rates are ratios, as each `unit` says; docs/result-file.md explains the keys.
Pure: it makes a dictionary, the caller writes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.metrics import codec
from wedload.metrics.all_steps import all_outcomes
from wedload.plan.metric_table import kept_by_second
from wedload.results.channel_model import ear_of
from wedload.results.channels import channel_counts, channel_where
from wedload.results.faults import faults_of
from wedload.results.figures import DIGITS, metrics_of, ms, rounded, trend_figures
from wedload.results.intervals import benchmark_intervals
from wedload.results.limits import limits_of
from wedload.results.model import SCHEMA, Result
from wedload.results.resources import resources_of
from wedload.results.routes import overhead_interval, routes_of
from wedload.results.series import SeriesTable
from wedload.results.steps import step_keys, step_where
from wedload.results.third_parties import dependencies_of, proxies_of
from wedload.results.traces import traces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.metrics.summary import Summary, Where
    from wedload.results.run import Run, StageSpan
    from wedload.verdict.model import Row
    from wedload.verdict.validity import GeneratorHealth, ProcessHealth


def document_of(run: Run) -> dict[str, Any]:
    """The result of a finished run."""
    summary, verdict, timeline = run.summary, run.verdict, run.timeline
    series = SeriesTable(
        summary, timeline, frozenset(row.requirement.metric for row in verdict.rows)
    )
    traces = traces_of(run.traces, summary.catalogue)
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "run": {
            **run.info.facts(),
            "duration_s": round(run.load_s, 3),
            "interrupted": run.interrupted,
            "aborted_s": run.aborted_s,
            "complete": run.complete,
        },
        "verdict": verdict.outcome,
        "reasons": list(verdict.reasons),
        "benchmarks": [_benchmark(row, series.places(row.requirement)) for row in verdict.rows],
        "validity": _validity(run),
        "metrics": metrics_of(summary, (), run.load_s),
        "steps": _steps(summary, run.load_s),
        "checks": _checks(summary),
        "stages": [_stage(summary, span, run.load_s) for span in run.stages],
        "failures": [
            {"message": text, "count": count} for text, count in summary.notes.most_common(50)
        ],
        "cleanup": _cleanup(run),
        "rate_limits": limits_of(run).model_dump(mode="json"),
        "channels": _channels(run),
        "faults": [one.model_dump(mode="json") for one in faults_of(run)],
        "dependencies": [one.model_dump(mode="json") for one in dependencies_of(run)],
        "proxies": [one.model_dump(mode="json") for one in proxies_of(run)],
        "routes": [one.model_dump(mode="json") for one in routes_of(run)],
        "traces": None if traces is None else traces.model_dump(mode="json"),
        "explained": [one.model_dump(mode="json") for one in run.explained],
        "resources": [one.model_dump(mode="json") for one in resources_of(run)],
        "capacity": None if run.capacity is None else run.capacity.model_dump(mode="json"),
        "monitoring": None if run.monitoring is None else run.monitoring.model_dump(mode="json"),
        "series": series.part([timeline.vus_at(at).total() for at in range(timeline.newest + 1)]),
        "histograms": _histograms(summary),
    }
    found = benchmark_intervals(Result.model_validate(result))
    of_pairs = (overhead_interval(run, row.requirement) for row in verdict.rows)
    for row, of_series, of_pair in zip(result["benchmarks"], found, of_pairs, strict=True):
        interval = of_series if of_pair is None else of_pair
        row["interval_95"] = None if interval is None else list(map(rounded, interval))
    return result


def _validity(run: Run) -> dict[str, Any]:
    return {
        "valid": run.verdict.outcome != "invalid",
        "findings": [
            {
                "kind": one.kind,
                "message": one.message,
                "invalidates": one.invalidates,
                "fails": one.fails,
            }
            for one in run.verdict.findings
        ],
        "generator": _generator(run.health),
    }


def _cleanup(run: Run) -> dict[str, Any]:
    """Nulls where nobody could count: with the load process its list was lost."""
    count = run.cleanup
    if count is None:
        counts = ("created", "deleted", "absent", "leaked", "uncertain", "swept")
        return {**dict.fromkeys(counts), "reasons": {}}
    return {
        "created": count.created,
        "deleted": count.deleted,
        "absent": count.absent,
        "leaked": count.leaked,
        "uncertain": count.uncertain,
        "swept": count.swept,
        "reasons": count.reasons,
    }


def _channels(run: Run) -> list[dict[str, Any]]:
    found = []
    for name, kind in run.info.channels.items():
        ear = ear_of(None if run.channels is None else run.channels.get(name))
        found.append(
            {
                "name": name,
                "kind": kind,
                **channel_counts(run.summary, name, kind).as_dict(),
                "metrics": metrics_of(run.summary, channel_where(name), run.load_s),
                "ear": None if ear is None else ear.model_dump(mode="json"),
            }
        )
    return found


def _steps(summary: Summary, load_s: float) -> list[dict[str, Any]]:
    rows = []
    for scenario, workflow, step in step_keys(summary):
        where = step_where(scenario, workflow, step)
        outcomes = all_outcomes(summary, where)
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


def _stage(summary: Summary, span: StageSpan, load_s: float) -> dict[str, Any]:
    where: Where = (("scenario", span.scenario),)
    if span.stage is not None:
        where = (*where, ("stage", span.stage))
    return {
        "scenario": span.scenario,
        "stage": span.stage,
        "begin_s": span.begin_s,
        "end_s": span.end_s,
        "start_vus": span.start_vus,
        "target_vus": span.target_vus,
        "start_rate": span.start_rate,
        "target_rate": span.target_rate,
        "metrics": metrics_of(summary, where, load_s),
    }


def _benchmark(row: Row, series: Sequence[int]) -> dict[str, Any]:
    requirement = row.requirement
    return {
        "name": row.name,
        "metric": requirement.metric,
        "where": dict(requirement.where),
        "aggregation": requirement.aggregation,
        "require": requirement.words,
        "observed": rounded(row.observed),
        "unit": requirement.unit,
        "samples": row.samples,
        "needed": row.needed,
        "margin": rounded(row.margin),
        "status": row.status,
        "bound_95": rounded(row.bound),
        "interval_95": None,
        "reason": row.reason,
        "abort": requirement.abort,
        "after_s": requirement.after_s or None,
        "window_s": requirement.window_s,
        "at_s": row.at_s,
        "series": list(series),
    }


def _generator(health: GeneratorHealth) -> dict[str, Any]:
    return {
        "cpu_avg_ratio": round(health.cpu_avg, DIGITS),
        "cpu_max_ratio": round(health.cpu_max, DIGITS),
        "loop_lag": trend_figures(health.loop_lag),
        "memory_max_bytes": health.memory_max_bytes,
        "gc": _pauses(health.gc_longest_ns, health.gc_total_ns),
        "seconds": health.seconds,
        "processes": [
            {
                "worker": one.worker,
                "role": role,
                "cpu_avg_ratio": round(one.cpu_avg, DIGITS),
                "cpu_max_ratio": round(one.cpu_max, DIGITS),
                "loop_lag": trend_figures(one.loop_lag),
                "memory_max_bytes": one.memory_max_bytes,
                "gc": _pauses(one.gc_longest_ns, one.gc_total_ns),
                "open_files_max": one.open_files_max,
                "open_files_limit": one.open_files_limit,
            }
            for role, one in _processes(health)
        ],
    }


def _processes(health: GeneratorHealth) -> Iterator[tuple[str, ProcessHealth]]:
    for one in health.processes:
        yield "load", one
    for one in () if health.ears is None else health.ears.processes:
        yield "channels", one
    for one in () if health.parties is None else health.parties.processes:
        yield "dependencies", one


def _pauses(longest_ns: int, total_ns: int) -> dict[str, Any]:
    return {"unit": "ms", "longest": ms(longest_ns), "total": ms(total_ns)}


def _histograms(summary: Summary) -> list[dict[str, Any]]:
    """Of each step, workflow and third party by phase, in HdrHistogram's V2 encoding, ns."""
    rows = []
    for series, metric, phase, histogram in summary.histograms(kept_by_second("trend")):
        rows.append(
            {
                "scenario": series.scenario,
                "workflow": series.workflow,
                "step": series.step,
                "channel": series.channel,
                "dependency": series.dependency,
                "stage": phase.stage,
                "faults": [value for dimension, value in phase.others if dimension == "fault"],
                "metric": metric,
                "unit": "ns",
                "count": histogram.count,
                "encoded": codec.encode(histogram),
            }
        )
    return rows
