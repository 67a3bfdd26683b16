"""Third parties in a terminal: their table in the live view and in the final report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from wedload.report.columns import BareTable, Name
from wedload.report.counts import short_count
from wedload.report.fault_words import factor
from wedload.report.figures import recent_rate
from wedload.results.dependencies import REQUESTS, answered, dependency_counts, dependency_where
from wedload.results.figures import known_quantile_ns
from wedload.units import NS_PER_MS, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import Summary
    from wedload.metrics.timeline import Timeline
    from wedload.results.dependencies import DependencyCounts


@dataclass(frozen=True, slots=True)
class DependencyFigures:
    """One third party over the whole run so far."""

    name: str
    counts: DependencyCounts
    rate_per_s: float  # over the last seconds
    took: Histogram  # request read until its answer was written


def dependency_figures(
    summary: Summary, timeline: Timeline, names: Iterable[str]
) -> list[DependencyFigures]:
    """Each third party's, in the order of the plan."""
    return [
        DependencyFigures(
            name,
            dependency_counts(summary, name),
            recent_rate(timeline, REQUESTS, summary.series_numbers(dependency_where(name))),
            answered(summary, name),
        )
        for name in names
    ]


def dependency_table(found: Sequence[DependencyFigures], *, live: bool = False) -> BareTable:
    """What was asked of each and how it answered; live with its rate, else with counts."""
    table = BareTable(gives_way=("p50", "operations", "requests"))
    table.add_column(" third party", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("rate",) if live else ("requests", "operations"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("p50", "p95"):
        table.add_column(name, justify="right", no_wrap=True, min_width=6)
    for name in ("failed", "ampl."):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        counts = one.counts
        many = (
            [f"{short_count(one.rate_per_s)}/s"]
            if live
            else list(map(short_count, (counts.requests, counts.operations)))
        )
        table.add_row(
            Name(f" {one.name}"),
            *many,
            *(_quantile(one.took, q) for q in (0.5, 0.95)),
            Text(format_ratio(counts.failed.ratio), style="red" if counts.failed.yes else ""),
            factor(counts.amplification),
        )
    return table


def _quantile(histogram: Histogram, q: float) -> str:
    value = known_quantile_ns(histogram, q)
    return format_ms(None if value is None else value / NS_PER_MS)
