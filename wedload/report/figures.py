"""The figures that live view and final tables share, ready to print. Pure; knows no terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.metrics.all_steps import all_counted
from wedload.plan.metric_table import METRICS, STEP_METRICS
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.report.bars import bars
from wedload.results.nouns import noun
from wedload.results.steps import step_keys, step_labels, step_where
from wedload.units import NS_PER_MS, NS_PER_S, format_value
from wedload.verdict.judge import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import RateCount, Summary
    from wedload.metrics.timeline import Timeline
    from wedload.report.view import RunView
    from wedload.verdict.model import Row
    from wedload.workload.compile_plan import Workload
    from wedload.workload.schedule import RateStage, Stage

_SPARK_S: Final = 60  # what a sparkline covers
_SPARK_BARS: Final = 8
_RATE_S: Final = 5  # a rate "now" is over the last full seconds


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step of one workflow, over the whole run so far."""

    step: str  # its name; after its scenario or workflow if there are several of that name
    noun: str  # what is counted: requests, awaits …
    count: int
    failed: RateCount
    rate_per_s: float  # over the last seconds
    duration: Histogram
    spark: str  # p95 over the last minute, oldest first


#: p95, ms, of series in stretches of a run that are over
KnownP95 = dict[tuple[frozenset[int], int], float | None]


def step_figures(summary: Summary, timeline: Timeline, known: KnownP95) -> list[StepFigures]:
    """A row for each step that has run under load, in the order of the plan.

    `known` is kept from one time to the next: what is over is not merged again.
    """
    rows = []
    numbers: dict[tuple[str, str | None, str | None], set[int]] = {}
    verbs: dict[tuple[str, str | None, str | None], str | None] = {}
    for number, one in enumerate(summary.catalogue.series):
        if one.check is None:
            key = one.scenario, one.workflow, one.step
            numbers.setdefault(key, set()).add(number)
            verbs.setdefault(key, one.verb)
    keys = [key for key in step_keys(summary) if key[0] not in OUTSIDE_LOAD]
    for key, label in zip(keys, step_labels(keys), strict=True):
        where = step_where(*key)
        measured = STEP_METRICS[verbs[key] or "http"]
        failed = summary.rate(measured.failed, where)
        if not failed.total:
            continue
        series = numbers[key]
        rows.append(
            StepFigures(
                label,
                noun(measured.count),
                failed.total,
                failed,
                recent_rate(timeline, measured.count, series),
                summary.trend(measured.duration, where),
                sparkline(_recent_p95(timeline, measured.duration, known, frozenset(series))),
            )
        )
    return rows


def recent_rate(timeline: Timeline, metric: str, series: set[int] | None = None) -> float:
    """What was counted per second over the last full seconds."""
    begin, end = _full_seconds(timeline)
    return timeline.count(metric, begin, end, series) / max(end - begin, 1)


def _full_seconds(timeline: Timeline) -> tuple[int, int]:
    end = max(timeline.newest, 0)
    return max(end - _RATE_S, 0), end


def _recent_p95(
    timeline: Timeline, metric: str, known: KnownP95, series: frozenset[int]
) -> list[float | None]:
    """p95, ms, in equal stretches of the last minute; None where nothing was sampled.

    Stretches lie still in time, so that one that is over is merged only once.
    """
    newest_bar = timeline.newest * _SPARK_BARS // _SPARK_S
    values: list[float | None] = []
    for bar in range(newest_bar - _SPARK_BARS + 1, newest_bar + 1):
        if (series, bar) not in known:
            begin = max(-(-bar * _SPARK_S // _SPARK_BARS), 0)
            end = max(-(-(bar + 1) * _SPARK_S // _SPARK_BARS), 0)
            merged = timeline.trend(metric, begin, end, series)
            value = merged.quantile_ns(0.95) / NS_PER_MS if merged.count else None
            values.append(value)
            if end < timeline.newest - 1:  # nothing more comes
                known[series, bar] = value
        else:
            values.append(known[series, bar])
    known.pop((series, newest_bar - _SPARK_BARS), None)
    return values


def sparkline(values: Sequence[float | None]) -> str:
    """Bars in proportion to the highest value; a gap where there is none."""
    highest = max((value for value in values if value is not None), default=0.0)
    if highest <= 0:
        return " " * len(values)
    return bars(values, 0.0, highest)


def overall_rates(timeline: Timeline) -> tuple[float, float]:
    """Iterations and steps of whatever verb, per second over the last seconds."""
    begin, end = _full_seconds(timeline)
    steps = all_counted(timeline, begin, end) / max(end - begin, 1)
    return recent_rate(timeline, "iterations"), steps


def stage_label(workload: Workload, elapsed_s: float) -> str:
    """The stage in force, of the scenario with the most stages: `stage peak (4 of 5)`."""
    scenario = max(workload.scenarios, key=lambda one: len(one.schedule.stages))
    stages: Sequence[Stage | RateStage] = scenario.schedule.stages
    at_ns = elapsed_s * NS_PER_S - scenario.start_ns
    if at_ns < 0:
        return f"{scenario.name} has not started"
    end_ns = 0
    for number, stage in enumerate(stages, start=1):
        end_ns += stage.duration_ns
        if at_ns < end_ns:
            if not stage.name:
                return scenario.name
            return f"stage {stage.name} ({number} of {len(stages)})"
    return "finishing iterations"


def benchmark_rows(view: RunView) -> list[Row]:
    """The benchmark table as it stands."""
    load_s = max(view.elapsed_s, 1e-9)
    aside = view.collected.rows_aside(load_s)
    return table(view.summary, view.benchmarks, aside, load_s=load_s, bounded=False)


def observed(row: Row) -> str:
    """A row's observed value, short; of a missed one it is seen that it is."""
    beside = row.requirement.threshold if row.status == "missed" else None
    return figure_words(row.requirement.metric, row.observed, row.requirement.unit, beside=beside)


def figure_words(
    metric: str, value: float | None, unit: str, *, beside: float | None = None
) -> str:
    """A figure of a metric with its unit, as rows show it: `97.3 %`, `4.20 s`, `×1.25`."""
    text = format_value(value, unit, beside=beside)
    known = METRICS.get(metric)
    times = known is not None and known.of == "factor" and value is not None
    return f"×{text}" if times else text
