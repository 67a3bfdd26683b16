"""The course of a run's requests: how many ended in each second, and how long they took. Pure.

Requests are those of HTTP where the plan has any, else the samples of the first verb that has some.
Set-up, tear-down and clean-up are no load and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.metric_table import STEP_METRICS
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.results.figures import known_quantile_ns
from wedload.results.nouns import REQUESTS, noun
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from wedload.plan.metric import StepMetrics
    from wedload.results.model import Result

StepKey = tuple[str, str | None, str | None]  # scenario, workflow, step


@dataclass(slots=True, eq=False)
class StepCourse:
    """One step by second of load."""

    count: NDArray[np.float64]  # (seconds,)
    total_ms: NDArray[np.float64]  # (seconds,) sum of durations
    failed: NDArray[np.float64]  # (seconds,)
    histograms: dict[int, list[Histogram]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """All steps by second of load."""

    seconds: int
    vus: NDArray[np.float64]  # (seconds,)
    steps: dict[StepKey, StepCourse]
    noun: str = REQUESTS

    def p95_ms(self, seconds: Iterable[int], keys: Iterable[StepKey] | None = None) -> float | None:
        """Of what ended in these seconds; None: too few samples."""
        chosen = self.steps.values() if keys is None else [self.steps[key] for key in keys]
        wanted = set(seconds)
        merged = Histogram.merge(
            one
            for step in chosen
            for second, parts in step.histograms.items()
            if second in wanted
            for one in parts
        )
        found = known_quantile_ns(merged, 0.95)
        return None if found is None else found / NS_PER_MS


def course_of(result: Result) -> Course:
    """Decode a result's seconds. O(histograms).

    Raises:
        ValueError: a histogram that cannot be decoded.
    """
    series = result.series
    places = np.array(series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
    vus = np.zeros(length)
    vus[places] = series.vus
    measured = _measured(result)
    steps: dict[StepKey, StepCourse] = {}
    for trend in series.trends:
        if trend.metric != measured.duration or trend.scenario in OUTSIDE_LOAD or trend.check:
            continue
        own = _step(steps, (trend.scenario, trend.workflow, trend.step), length)
        for second, text in zip(series.second, trend.histograms, strict=True):
            if text is not None:
                histogram = codec.decode(text)
                own.count[second] += histogram.count
                own.total_ms[second] += histogram.sum_ns / NS_PER_MS
                own.histograms[second].append(histogram)
    for rate in series.rates:
        key = (rate.scenario, rate.workflow, rate.step)
        if rate.metric == measured.failed and key in steps and not rate.check:
            steps[key].failed[places] += np.array(rate.yes, np.float64)
    return Course(length, vus, steps, noun(measured.count))


def _measured(result: Result) -> StepMetrics:
    there = {one.metric for one in result.series.trends if one.scenario not in OUTSIDE_LOAD}
    known = list(STEP_METRICS.values())
    return next((one for one in known if one.duration in there), known[0])


def _step(steps: dict[StepKey, StepCourse], key: StepKey, length: int) -> StepCourse:
    if key not in steps:
        steps[key] = StepCourse(np.zeros(length), np.zeros(length), np.zeros(length))
    return steps[key]
