"""Figures of samples, apart by the verb of their steps, as they differ in kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.plan.metric_table import STEP_METRICS
from wedload.results.figures_model import CounterFigures, RateFigures, TrendFigures
from wedload.results.nouns import noun
from wedload.results.steps import step_metrics

if TYPE_CHECKING:
    from wedload.plan.metric import StepMetrics
    from wedload.results.figures_model import Metrics


@dataclass(frozen=True, slots=True)
class VerbFigures:
    """How many samples of a verb there were, how many failed, and how long they took."""

    noun: str  # what they are: requests, awaits …
    count: int
    rate: float | None  # per second
    failed: RateFigures | None
    duration: TrendFigures


def by_verb(metrics: Metrics) -> list[VerbFigures]:
    """Those of each verb that has any, in the order of verbs; of none, one without samples."""
    there = [one for one in STEP_METRICS.values() if {one.count, one.duration} & set(metrics)]
    return [_figures(metrics, one) for one in dict.fromkeys(there or (step_metrics(metrics),))]


def _figures(metrics: Metrics, measured: StepMetrics) -> VerbFigures:
    count, failed = metrics.get(measured.count), metrics.get(measured.failed)
    duration = metrics.get(measured.duration)
    counted = count if isinstance(count, CounterFigures) else None
    return VerbFigures(
        noun(measured.count),
        0 if counted is None else counted.count,
        None if counted is None else counted.rate,
        failed if isinstance(failed, RateFigures) else None,
        duration if isinstance(duration, TrendFigures) else TrendFigures(unit="ms", count=0),
    )
