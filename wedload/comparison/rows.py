"""Which rows two sides of runs are compared by. Pure.

Rows of the benchmark table; of every step p50 and p95 of its requests and its failures, of every
workflow p50 and p95; of every channel what was delivered and how soon; and over the whole load
failed workflows, failed checks, dropped iterations and throughput. p99, and p95 by stage, are for
information, and so is how both sides fared under the same faults.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.comparison.benchmarks import benchmark_rows
from wedload.comparison.channel_rows import channel_details, channel_rows
from wedload.comparison.fault_rows import fault_rows
from wedload.comparison.row_spec import RowSpec
from wedload.plan.metric_table import METRICS, STEP_METRICS
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.results.seconds import SeriesPick, places_where
from wedload.results.steps import step_labels, step_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wedload.results.model import Result
    from wedload.results.series_model import SecondsOf

_QUANTILES: Final = ("p50", "p95")


def rows_of(base: Sequence[Result], current: Sequence[Result]) -> list[RowSpec]:
    """The rows that are decided, those of the benchmark table first."""
    others = [
        *_steps(base, current), *_workflows(base, current), *channel_rows(base, current),
        *_whole(base, current),
    ]  # fmt: skip
    same = {_about(row): row for row in others}
    benchmarks = []
    for row in benchmark_rows(base, current):
        other = None if row.kind == "shown" else same.pop(_about(row), None)
        # what is one step's p95 is called that
        benchmarks.append(
            row if other is None else replace(row, name=other.name, where=other.where)
        )
    return [*benchmarks, *same.values(), *fault_rows(base, current)]


def details_of(base: Sequence[Result], current: Sequence[Result]) -> list[RowSpec]:
    """Rows for information: p99 of steps and workflows, and p95 of each of their stages."""
    rows = []
    for subject in (*_step_subjects(base, current), *_workflow_subjects(base, current)):
        rows.append(_trend(subject, "p99", base, current))
        scenarios = dict(subject.where).get("scenario")
        stages = dict.fromkeys(
            stage.stage
            for one in base
            for stage in one.stages
            if stage.stage is not None and stage.scenario == scenarios
        )
        if len(stages) > 1:
            rows += [_trend(subject, "p95", base, current, stage) for stage in stages]
    return [*rows, *channel_details(base, current)]


def dropped_and_due(result: Result) -> tuple[SeriesPick, SeriesPick]:
    """Counters of dropped iterations, and of all that were due."""
    counters = result.series.counters
    dropped = places_where(counters, lambda one: one.metric == "dropped_iterations")
    due = places_where(
        counters,
        lambda one: one.metric in {"iterations", "interrupted_iterations", "dropped_iterations"},
    )
    return SeriesPick(dropped), SeriesPick(due)


def _about(row: RowSpec) -> tuple[object, ...]:
    q = row.quantile
    return (row.metric, row.aggregation if q is None else q, row.base, row.current)


# -- steps and workflows


@dataclass(frozen=True, slots=True)
class _Subject:
    """A step or a workflow."""

    label: str
    metric: str  # its duration
    failed: str | None  # of a step: the rate of its samples that failed
    where: tuple[tuple[str, str], ...]
    key: tuple[str, str | None, str | None]  # scenario, workflow, step

    def fits(self, one: SecondsOf) -> bool:
        """Whether a series belongs to it."""
        return (one.scenario, one.workflow, one.step) == self.key and one.check is None


def _step_subjects(base: Sequence[Result], current: Sequence[Result]) -> list[_Subject]:
    shown = {name for one in STEP_METRICS.values() for name in (one.duration, one.failed)}
    every = [result.series for result in (*base, *current)]
    found = dict.fromkeys(
        (one.scenario, one.workflow, one.step)
        for series in every
        for one in (*series.trends, *series.rates)
        if one.metric in shown and _is_step(one)
    )
    metrics = defaultdict(set)
    for series in every:
        for one in (*series.trends, *series.counters):
            metrics[one.scenario, one.workflow, one.step].add(one.metric)
    keys = [(scenario, flow, step) for scenario, flow, step in found if step is not None]
    subjects = []
    for key, label in zip(keys, step_labels(keys), strict=True):
        measured = step_metrics(metrics[key])
        subjects.append(_Subject(label, measured.duration, measured.failed, _where(key), key))
    return subjects


def _is_step(one: SecondsOf) -> bool:
    return one.step is not None and one.check is None and one.scenario not in OUTSIDE_LOAD


def _workflow_subjects(base: Sequence[Result], current: Sequence[Result]) -> list[_Subject]:
    keys = dict.fromkeys(
        (one.scenario, one.workflow, None)
        for result in (*base, *current)
        for one in result.series.trends
        if one.metric == "workflow_duration" and one.scenario not in OUTSIDE_LOAD
    )
    names = [workflow for _, workflow, _ in keys]
    subjects = []
    for key in keys:
        scenario, workflow, _ = key
        name = workflow or scenario
        label = f"{scenario}: {name}" if names.count(workflow) > 1 else name
        subjects.append(_Subject(f"workflow {label}", "workflow_duration", None, _where(key), key))
    return subjects


def _where(key: tuple[str, str | None, str | None]) -> tuple[tuple[str, str], ...]:
    named = zip(("scenario", "workflow", "step"), key, strict=True)
    return tuple((dimension, value) for dimension, value in named if value is not None)


def _trend(
    subject: _Subject,
    aggregation: str,
    base: Sequence[Result],
    current: Sequence[Result],
    stage: str | None = None,
) -> RowSpec:
    def place(result: Result) -> SeriesPick:
        fits = places_where(
            result.series.trends, lambda one: one.metric == subject.metric and subject.fits(one)
        )
        return SeriesPick(fits, stage)

    where = subject.where if stage is None else (*subject.where, ("stage", stage))
    during = "" if stage is None else f" in {stage}"
    return RowSpec(
        name=f"{subject.label} {aggregation}{during}", metric=subject.metric, where=where,
        aggregation=aggregation, kind="trend", unit="ms",
        base=tuple(map(place, base)), current=tuple(map(place, current)),
    )  # fmt: skip


def _share(
    name: str,
    metric: str,
    base: Sequence[Result],
    current: Sequence[Result],
    fits: Callable[[SecondsOf], bool],
    where: tuple[tuple[str, str], ...] = (),
) -> RowSpec:
    def place(result: Result) -> SeriesPick:
        return SeriesPick(
            places_where(result.series.rates, lambda one: one.metric == metric and fits(one))
        )

    return RowSpec(
        name=name, metric=metric, where=where, aggregation="rate", kind="share", unit="ratio",
        worse=METRICS[metric].worse,
        base=tuple(map(place, base)), current=tuple(map(place, current)),
    )  # fmt: skip


def _steps(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    for subject in _step_subjects(base, current):
        for aggregation in _QUANTILES:
            yield _trend(subject, aggregation, base, current)
        assert subject.failed is not None
        yield _share(
            f"{subject.label} failures", subject.failed, base, current, subject.fits,
            subject.where,
        )  # fmt: skip


def _workflows(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    for subject in _workflow_subjects(base, current):
        for aggregation in _QUANTILES:
            yield _trend(subject, aggregation, base, current)


# -- the load as a whole


def _whole(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    def under_load(one: SecondsOf) -> bool:
        return one.scenario not in OUTSIDE_LOAD

    for name, metric in (("workflows failed", "workflow_failed"), ("checks passed", "checks")):
        row = _share(name, metric, base, current, under_load)
        if _anywhere((*row.base, *row.current)):
            yield row
    drops = [tuple(dropped_and_due(one)[0] for one in side) for side in (base, current)]
    if _anywhere((*drops[0], *drops[1])):
        yield RowSpec(
            name="iterations dropped", metric="dropped_iterations", aggregation="rate",
            kind="drops", unit="ratio", base=drops[0], current=drops[1],
        )  # fmt: skip
    yield from _throughput(base, current, under_load)


def _throughput(
    base: Sequence[Result], current: Sequence[Result], fits: Callable[[SecondsOf], bool]
) -> Iterator[RowSpec]:
    """How many samples of steps there are a second, of each kind of step by itself."""
    found = {}
    for metric in (one.count for one in STEP_METRICS.values()):
        left, right = (
            tuple(SeriesPick(_counters_of(metric, one, fits)) for one in side)
            for side in (base, current)
        )
        if _anywhere((*left, *right)):
            found[metric] = left, right
    for metric, (left, right) in found.items():
        yield RowSpec(
            name="throughput" if len(found) == 1 else f"throughput of {metric}", metric=metric,
            aggregation="rate", kind="throughput", unit="per_s", worse="lower", base=left,
            current=right,
        )  # fmt: skip


def _counters_of(metric: str, result: Result, fits: Callable[[SecondsOf], bool]) -> tuple[int, ...]:
    return places_where(result.series.counters, lambda one: one.metric == metric and fits(one))


def _anywhere(places: Iterable[SeriesPick]) -> bool:
    return any(place.series for place in places)
