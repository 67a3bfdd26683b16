"""A result's series, ready for charts: every step's samples, failures and durations by second.

Pure. Steps of set-up, tear-down and clean-up are no load and are left out. Seconds are gathered
into stretches where one second has too few samples for a percentile.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.results.nouns import REQUESTS, noun, together
from wedload.results.steps import step_labels, step_metrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from wedload.plan.metric import StepMetrics
    from wedload.results.model import Result

_WIDTHS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_BINS: Final = 720  # of a chart: it has no room for more
_LEAST_BINS: Final = 120
_ALL_BINS: Final = 9000  # of all steps' charts of a kind together, or the page gets too large
_LEAST_STRETCHES: Final = 12  # longer ones show no course; then percentiles are rather withheld
_LONG_ENOUGH_S: Final = 10  # but of short runs

StepKey = tuple[str, str | None, str]  # scenario, workflow, step


@dataclass(frozen=True, slots=True, eq=False)
class StepSeconds:
    """One step, or all of them, by second of load."""

    label: str
    requests: NDArray[np.int64]  # (seconds,); of whatever verb, see `noun`
    failed: NDArray[np.int64]  # (seconds,)
    durations: tuple[tuple[int, Histogram], ...]  # (second, histogram), none of them empty
    whole: Histogram  # all samples; of one step to three digits
    noun: str = REQUESTS  # what its samples are


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """A run by second of load."""

    length: int  # seconds
    most_bins: int  # that a chart may have
    vus: NDArray[np.int64]  # (seconds,), -1 where unknown
    everything: StepSeconds
    steps: tuple[StepSeconds, ...]

    def of(self, label: str | None) -> StepSeconds | None:
        """One step's, or all; None where this run has no such step."""
        if label is None:
            return self.everything
        return next((one for one in self.steps if one.label == label), None)


def seconds_of(result: Result) -> Seconds:
    """Decode a result's series. O(histograms)."""
    series = result.series
    places = np.array(series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
    vus = np.full(length, -1, np.int64)
    vus[places] = series.vus
    names = _steps(result)
    made = [
        _step(result, key, step_metrics(names[key]), label, places, length)
        for key, label in zip(names, step_labels(list(names)), strict=True)
    ]
    what = together(one.noun for one in made)
    everything = StepSeconds(
        f"All {what}",
        sum((one.requests for one in made), np.zeros(length, np.int64)),
        sum((one.failed for one in made), np.zeros(length, np.int64)),
        tuple(sorted(merged_by_second(pair for one in made for pair in one.durations).items())),
        Histogram.merge(one.whole for one in made),
        what,
    )
    most_bins = min(max(_ALL_BINS // (len(made) + 1), _LEAST_BINS), _MOST_BINS)
    return Seconds(length, most_bins, vus, everything, tuple(made))


def _steps(result: Result) -> dict[StepKey, set[str]]:
    """Steps under load that have samples, in the order of the result, and what is known of them."""
    names: dict[StepKey, set[str]] = {}
    for one in result.steps:
        names.setdefault((one.scenario, one.workflow, one.step), set()).update(one.metrics)
    for trend in result.series.trends:  # a partial result may have seconds without totals
        timed = trend.metric == step_metrics((trend.metric,)).duration
        if timed and trend.step is not None and trend.check is None:
            key = trend.scenario, trend.workflow, trend.step
            names.setdefault(key, set()).add(trend.metric)
    return {key: found for key, found in names.items() if key[0] not in OUTSIDE_LOAD}


def _step(
    result: Result,
    key: StepKey,
    measured: StepMetrics,
    label: str,
    places: NDArray[np.int64],
    length: int,
) -> StepSeconds:
    requests, failed = np.zeros(length, np.int64), np.zeros(length, np.int64)
    for rate in result.series.rates:
        if rate.metric == measured.failed and (rate.scenario, rate.workflow, rate.step) == key:
            requests[places] += np.array(rate.total, np.int64)
            failed[places] += np.array(rate.yes, np.int64)
    durations = merged_by_second(
        (second, codec.decode(encoded))
        for trend in result.series.trends
        if trend.metric == measured.duration and (trend.scenario, trend.workflow, trend.step) == key
        for second, encoded in zip(result.series.second, trend.histograms, strict=True)
        if encoded is not None
    )
    whole = Histogram.merge(
        codec.decode(one.encoded)
        for one in result.histograms
        if one.metric == measured.duration and (one.scenario, one.workflow, one.step) == key
    )
    by_second = tuple(sorted(durations.items()))
    return StepSeconds(label, requests, failed, by_second, whole, noun(measured.count))


def merged_by_second(pairs: Iterable[tuple[int, Histogram]]) -> dict[int, Histogram]:
    """Histograms of the same second in one; without those that hold nothing."""
    parts: defaultdict[int, list[Histogram]] = defaultdict(list)
    for place, histogram in pairs:
        if histogram.count:
            parts[place].append(histogram)
    return {place: Histogram.merge(found) for place, found in parts.items()}


def bins_of(step: StepSeconds, width_s: int) -> dict[int, Histogram]:
    """Durations in stretches of so many seconds; those without samples are not there."""
    return merged_by_second((second // width_s, histogram) for second, histogram in step.durations)


def narrowest_s(length: int, most_bins: int) -> int:
    """Seconds that a bin must have at least, for a run of this length to have at most so many."""
    return next((w for w in _WIDTHS_S if length <= w * most_bins), _WIDTHS_S[-1])


def stretches(
    step: StepSeconds, length: int, needed: int, narrowest: int
) -> list[tuple[int, int, Histogram | None]]:
    """Begin, end and durations of stretches, each as short as `needed` samples allow.

    `length` is the run's, `narrowest` the shortest that a stretch may be, s. One that has too few
    samples when it is as long as one may be has None.
    """
    longest = max(length // _LEAST_STRETCHES, _LONG_ENOUGH_S, narrowest)
    by_second = dict(step.durations)
    found: list[tuple[int, int, Histogram | None]] = []
    begin, parts = 0, list[Histogram]()
    for second in range(length):
        if second in by_second:
            parts.append(by_second[second])
        lasted = second + 1 - begin
        enough = sum(part.count for part in parts) >= needed or lasted >= longest
        if second + 1 < length and (lasted < narrowest or not enough):
            continue
        whole = Histogram.merge(parts)
        found.append((begin, second + 1, whole if whole.count >= needed else None))
        begin, parts = second + 1, []
    return found
