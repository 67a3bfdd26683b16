"""Rows of the benchmark table that both sides of a comparison have. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.comparison.row_spec import RowKind, RowSpec
from wedload.plan.fault_times import FAULT_DIMENSIONS
from wedload.plan.measure import quantile_of
from wedload.plan.metric_table import METRICS
from wedload.results.seconds import SeriesPick

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.model import Benchmark, Result


def rows_of_one_side(base: Sequence[Result], current: Sequence[Result]) -> list[str]:
    """Names of benchmark rows that not every run has, and that are left out for it."""
    every = [row for result in (*base, *current) for row in result.benchmarks]
    return list(
        dict.fromkeys(
            row.name
            for row in every
            if any(_same_row(row, result) is None for result in (*base, *current))
        )
    )


def benchmark_rows(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    """Rows that all runs have, in the order of the base's table."""
    sides = (base, current)
    for first in base[0].benchmarks:
        found = [[_same_row(first, one) for one in side] for side in sides]
        left, right = ([row for row in side if row is not None] for side in found)
        if len(left) < len(base) or len(right) < len(current):
            continue
        kind = _kind(first)
        name = f"{first.name} {first.aggregation}" if kind == "trend" else first.name
        yield RowSpec(
            name=name, benchmark=first.name, metric=first.metric,
            where=tuple(first.where.items()), aggregation=first.aggregation, kind=kind,
            unit=first.unit, worse=first.worse,
            base=tuple(map(SeriesPick.of, left)), current=tuple(map(SeriesPick.of, right)),
            observed=(
                tuple(row.observed for row in left), tuple(row.observed for row in right),
            ),
            window=first.window_s is not None,
        )  # fmt: skip


def _same_row(wanted: Benchmark, result: Result) -> Benchmark | None:
    return next((row for row in result.benchmarks if row.subject == wanted.subject), None)


def _kind(row: Benchmark) -> RowKind:
    metric = METRICS.get(row.metric)
    if metric is None or not row.series or not FAULT_DIMENSIONS.isdisjoint(row.where):
        return "shown"  # seconds do not say which of their samples began while a fault was there
    match metric.kind:
        case "trend" if metric.of != "duration":
            return "shown"
        case "trend" if row.aggregation == "avg" or quantile_of(row.aggregation) is not None:
            return "trend"
        case "rate" if row.aggregation == "rate":
            return "share"
        case "counter" if row.aggregation == "rate":
            return "throughput"
        case _:
            return "shown"
