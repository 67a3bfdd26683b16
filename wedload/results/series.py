"""A run by second, as a result has it, and which seconds a benchmark row is about. Pure."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any

from wedload.metrics import codec
from wedload.metrics.summary import RATES, YES_COUNTERS
from wedload.plan.metric_table import METRICS, kept_by_second
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.metrics.catalogue import Series
    from wedload.metrics.summary import Summary
    from wedload.metrics.timeline import Timeline
    from wedload.plan.benchmark import Requirement


class SeriesTable:
    """The seconds of a run, and the places of its series in the lists that hold them."""

    def __init__(self, summary: Summary, timeline: Timeline, metrics: frozenset[str]) -> None:
        """`metrics`: those that rows ask for; of a timeline that is closed."""
        assert timeline.is_closed
        self._summary = summary
        self._seconds = timeline.newest + 1
        self._places: dict[tuple[str, int], int] = {}  # metric, series -> place in its list
        self.trends = list(self._trends(timeline))
        self.rates = list(self._rates(timeline, metrics))
        self.counters = list(self._counters(timeline, metrics))

    def part(self, vus: list[int]) -> dict[str, Any]:
        """The `series` part of a result."""
        return {
            "second": list(range(self._seconds)),
            "vus": vus,
            "counters": self.counters,
            "rates": self.rates,
            "trends": self.trends,
        }

    def places(self, requirement: Requirement) -> list[int]:
        """Places of the series that a row is about, in the list for the kind of its metric."""
        numbers = self._summary.series_numbers(requirement.where)
        return sorted(
            place
            for (metric, number), place in self._places.items()
            if metric == requirement.metric and number in numbers
        )

    def _trends(self, timeline: Timeline) -> Iterator[dict[str, Any]]:
        columns = sorted(timeline.trends.items(), key=lambda item: (item[0][1], item[0][0]))
        for place, ((metric, number), column) in enumerate(columns):
            self._places[metric, number] = place
            parts = [
                next(iter(column.parts(second, second + 1)), None)
                for second in range(self._seconds)
            ]
            yield {
                **self._of(metric, number),
                "p50": self._shown(metric, column.p50_ns),
                "p95": self._shown(metric, column.p95_ns),
                "histograms": [None if one is None else codec.encode(one, 2) for one in parts],
            }

    def _rates(self, timeline: Timeline, metrics: frozenset[str]) -> Iterator[dict[str, Any]]:
        """What is counted by itself is there where it was seen, and where rows ask for it."""
        place = 0
        for rate, (counter, _) in RATES.items():
            for (metric, number), column in sorted(timeline.counts.items()):
                own = YES_COUNTERS.get(rate)
                counted = None if own is None else timeline.counts.get((own, number))
                if metric != counter or (own and counted is None and rate not in metrics):
                    continue
                self._places[rate, number] = place
                place += 1
                if own is not None:
                    yes = array("q") if counted is None else counted.total
                else:
                    yes = column.yes
                yield {
                    **self._of(rate, number),
                    "yes": self._padded(yes),
                    "total": self._padded(column.total),
                }

    def _counters(self, timeline: Timeline, metrics: frozenset[str]) -> Iterator[dict[str, Any]]:
        """Those of any result, and those that rows ask for."""
        place = 0
        kept = kept_by_second("counter")
        for (metric, number), column in sorted(timeline.counts.items()):
            known = METRICS.get(metric)
            if known is None or known.kind != "counter":
                continue
            if metric not in kept and metric not in metrics:
                continue
            self._places[metric, number] = place
            place += 1
            yield {**self._of(metric, number), "count": self._padded(column.total)}

    def _of(self, metric: str, number: int) -> dict[str, Any]:
        one: Series = self._summary.catalogue.series[number]
        return {
            "metric": metric, "scenario": one.scenario, "workflow": one.workflow,
            "step": one.step, "group": one.group, "check": one.check,
            "channel": one.channel, "dependency": one.dependency,
        }  # fmt: skip

    def _padded(self, column: array[int]) -> list[int]:
        return column.tolist() + [0] * (self._seconds - len(column))

    def _shown(self, metric: str, column: array[float]) -> list[float | None]:
        """In ms; numbers as they are."""
        known = METRICS.get(metric)
        one_of = NS_PER_MS if known is None or known.in_time else 1
        values = [None if math.isnan(one) else round(one / one_of, 2) for one in column]
        return values + [None] * (self._seconds - len(column))
