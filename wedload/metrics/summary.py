"""The summary: all snapshots of a run merged, and the one way to ask it.

`trend`, `count` and `rate` answer every selector of a benchmark row, every table line and every
figure of the result by merging cells; percentiles are never averaged.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.metrics.catalogue import PHASE_DIMENSIONS
from wedload.metrics.histogram import Histogram
from wedload.metrics.signed import ABOVE, BELOW, Signed
from wedload.metrics.snapshot import OTHER_NOTES
from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from wedload.metrics.catalogue import Catalogue, Phase, Series
    from wedload.metrics.snapshot import CellKey, Snapshot

Where = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RateCount:
    """A share: how many of how many."""

    yes: int
    total: int

    @property
    def ratio(self) -> float:
        """What share `yes` is of the total; NaN if there is nothing."""
        return self.yes / self.total if self.total else float("nan")


_IS_YES: Final[dict[str, Callable[[str], bool]]] = {
    "failed": lambda outcome: outcome != "ok",
    "passed": lambda outcome: outcome == "pass",
    "ok": lambda outcome: outcome == "ok",
    "used": lambda outcome: outcome == "used",
}
#: rate metric -> (counter whose counts it is made of, which outcomes are a yes)
RATES: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    one.name: (one.counted, _IS_YES[one.yes]) for one in METRICS.values() if one.kind == "rate"
}
#: rate metric -> the counter of its yes, where these are no outcomes of the other
YES_COUNTERS: Final = {one.name: one.yes_counter for one in METRICS.values() if one.yes_counter}

_MOST_PARTS = 16  # of a cell that wait to be merged
_MOST_NOTES = 500  # different texts; a plan's mistake repeats itself
_Cells = dict["CellKey", list[Histogram]]


class Selection:
    """What selectors pick of a catalogue; each answer is kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        #: selectors, and how much the catalogue had in it -> series and phases
        self._known: dict[tuple[Where, int, int], tuple[set[int], set[int]]] = {}

    def picker(self, where: Where) -> Callable[[CellKey], bool]:
        """Whether a cell is picked."""
        asked = (where, len(self._catalogue.series), len(self._catalogue.phases))
        if asked not in self._known:
            self._known[asked] = self.series_numbers(where), self._phases(where)
        series, phases = self._known[asked]
        return lambda key: key.series in series and key.phase in phases

    def series_numbers(self, where: Where) -> set[int]:
        """Numbers of the series that the selectors pick; those of phases say nothing of it."""
        series_where = [pair for pair in where if pair[0] not in PHASE_DIMENSIONS]
        fitting = {
            number: one.judged
            for number, one in enumerate(self._catalogue.series)
            if all(one.matches(*pair) for pair in series_where)
        }
        # asked for: by name, or by a label that nothing else has
        asked = any(dimension in {"scenario", "step"} for dimension, _ in where) or (
            bool(series_where) and not any(fitting.values())
        )
        return {number for number, judged in fitting.items() if judged or asked}

    def seconds(self, where: Where, load_s: float, *, after_s: float = 0.0) -> float:
        """How many seconds of a load, from `after_s` on, what the selectors pick is about, s.

        Of selectors those of the schedule: in which one of their stages is in force, or any stage
        of their scenarios. Without selectors the whole load, and so of what has no schedule.
        """
        whole = max(load_s - after_s, 0.0)
        if not where:
            return whole
        series = self._catalogue.series
        scenarios = {series[number].scenario for number in self.series_numbers(where)}
        phases = (self._catalogue.phases[number] for number in self._phases(where))
        own = [one for one in phases if one.scenario in scenarios and one.duration_s > 0]
        if not own and PHASE_DIMENSIONS.isdisjoint(dimension for dimension, _ in where):
            return whole
        spans = (
            (max(one.begin_s, after_s), min(one.begin_s + one.duration_s, load_s)) for one in own
        )
        return _covered_s(spans)

    def _phases(self, where: Where) -> set[int]:
        phase_where = [pair for pair in where if pair[0] in PHASE_DIMENSIONS]
        return {
            number
            for number, phase in enumerate(self._catalogue.phases)
            if all(phase.has(*pair) for pair in phase_where)
        }


def _covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """How much spans cover; what several of them cover counts once."""
    covered_s, until = 0.0, -math.inf
    for begin, end in sorted(spans):
        covered_s += max(end - max(begin, until), 0.0)
        until = max(until, end)
    return covered_s


class Summary:
    """Everything recorded so far. `add` is cheap; merging happens when something is asked."""

    def __init__(self, catalogue: Catalogue, *, selection: Selection | None = None) -> None:
        """`selection`: of the same catalogue, where many summaries are asked the same."""
        self.catalogue = catalogue
        self._selection = selection or Selection(catalogue)
        self.notes: Counter[str] = Counter()
        self._trends: _Cells = defaultdict(list)
        self._counts: Counter[CellKey] = Counter()

    def add(self, snapshot: Snapshot) -> None:
        """Take in what a load process recorded."""
        for key, histogram in snapshot.trends.items():
            parts = self._trends[key]
            parts.append(histogram)
            if len(parts) >= _MOST_PARTS:
                self._trends[key] = [Histogram.merge(parts)]
        self._counts.update(snapshot.counts)
        for text, times in snapshot.notes.items():
            known = text in self.notes or len(self.notes) < _MOST_NOTES
            self.notes[text if known else OTHER_NOTES] += times

    def with_more(self, snapshot: Snapshot) -> Summary:
        """All of this and a snapshot besides; this one stays as it is."""
        other = Summary(self.catalogue, selection=self._selection)
        for key, parts in self._trends.items():
            other._trends[key] = list(parts)
        other._counts.update(self._counts)
        other.add(snapshot)
        return other

    def cells(self, metric: str) -> Iterator[tuple[CellKey, Histogram]]:
        """The cells of a trend, one by one."""
        for key, parts in self._trends.items():
            if key.metric == metric:
                yield key, Histogram.merge(parts)

    def counted(self, metric: str) -> Iterator[tuple[CellKey, int]]:
        """The cells of a counter, one by one."""
        for key, count in self._counts.items():
            if key.metric == metric:
                yield key, count

    def trend(self, metric: str, where: Where = ()) -> Histogram:
        """All samples of a trend that the selectors pick."""
        picked = self._selection.picker(where)
        found: list[Histogram] = []
        for key, parts in self._trends.items():
            if key.metric == metric and picked(key):
                if len(parts) > 1:
                    parts[:] = [Histogram.merge(parts)]
                found.extend(parts)
        return Histogram.merge(found)

    def differences(self, metric: str, where: Where = ()) -> Signed:
        """All differences of a metric of such that the selectors pick."""
        return Signed(self.trend(metric + BELOW, where), self.trend(metric + ABOVE, where))

    def count(self, metric: str, where: Where = (), outcome: str | None = None) -> int:
        """A counter's value over the cells that the selectors pick."""
        picked = self._selection.picker(where)
        return sum(
            count
            for key, count in self._counts.items()
            if key.metric == metric and picked(key) and outcome in (None, key.outcome)
        )

    def rate(self, metric: str, where: Where = ()) -> RateCount:
        """A rate over the cells that the selectors pick."""
        source, is_yes = RATES[metric]
        if (counter := YES_COUNTERS.get(metric)) is not None:
            return RateCount(self.count(counter, where), self.count(source, where))
        outcomes = self.outcomes(source, where)
        yes = sum(count for outcome, count in outcomes.items() if is_yes(outcome))
        return RateCount(yes, sum(outcomes.values()))

    def seconds(self, where: Where, load_s: float) -> float:
        """The seconds that a rate per second is over, of a load that lasted so long."""
        return self._selection.seconds(where, load_s)

    def outcomes(self, metric: str, where: Where = ()) -> Counter[str]:
        """A counter's value by outcome."""
        picked = self._selection.picker(where)
        found: Counter[str] = Counter()
        for key, count in self._counts.items():
            if key.metric == metric and picked(key):
                found[key.outcome] += count
        return found

    def histograms(
        self, metrics: Collection[str]
    ) -> Iterator[tuple[Series, str, Phase, Histogram]]:
        """Trends by series, metric and phase, outcomes merged."""
        cells: dict[tuple[int, str, int], list[Histogram]] = defaultdict(list)
        for key, parts in self._trends.items():
            if key.metric in metrics:
                cells[key.series, key.metric, key.phase].extend(parts)
        for (series, metric, phase), parts in sorted(cells.items(), key=lambda item: item[0]):
            yield (
                self.catalogue.series[series],
                metric,
                self.catalogue.phases[phase],
                Histogram.merge(parts),
            )

    def series_numbers(self, where: Where) -> set[int]:
        """Numbers of the series that the selectors pick; those of phases say nothing of it."""
        return self._selection.series_numbers(where)
