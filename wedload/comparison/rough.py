"""A rough comparison of figures that come without seconds: points, and no decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from wedload.comparison.k6 import Point
from wedload.comparison.model import Comparison, Row
from wedload.comparison.words import headline, sentence
from wedload.plan.metric_table import METRICS
from wedload.results.figures_model import PERCENTILES, CounterFigures, RateFigures, TrendFigures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.comparison.model import RowUnit, Settings, SideOf
    from wedload.plan.metric import Metric
    from wedload.results.model import Result


@dataclass(frozen=True, slots=True)
class Points:
    """What one file says."""

    figures: Mapping[Point, float]
    origin: str  # "k6's summary", "a result without seconds"


def points_of_result(result: Result) -> dict[Point, float]:
    """The figures of a whole run: ms, shares, per second."""
    points = {}
    for metric, figures in result.metrics.items():
        match figures:
            case TrendFigures():
                for aggregation in ("avg", *PERCENTILES):
                    if (value := figures.of(aggregation)) is not None:
                        points[Point(metric, aggregation)] = value
            case RateFigures():
                points[Point(metric, "rate")] = figures.rate
            case CounterFigures(rate=float() as rate, unit="count"):
                points[Point(metric, "rate")] = rate
            case _:
                pass  # bytes have no counterpart to be compared with
    return points


def rough_comparison(
    base: Sequence[Points], current: Sequence[Points], sides: tuple[SideOf, SideOf],
    settings: Settings,
) -> Comparison:  # fmt: skip
    """Compare the medians of what both sides have; the outcome is always inconclusive."""
    shared = [
        point for point in base[0].figures if all(point in one.figures for one in (*base, *current))
    ]
    rows = [_row(point, base, current) for point in shared]
    origins = list(dict.fromkeys(one.origin for one in (*base, *current) if one.origin))
    reason = (
        f"{' and '.join(origins)}: without figures by second nobody can say how far these can be"
        " off, so they are shown and not decided"
    )
    made = Comparison(
        outcome="inconclusive", comparable=True, method="points", headline="", base=sides[0],
        current=sides[1], settings=settings, reasons=[reason], rows=rows,
        notes=["nothing says that these runs had the same load"],
    )  # fmt: skip
    return replace(made, headline=headline(made))


def _unit(metric: Metric | None) -> RowUnit:
    match None if metric is None else metric.kind:
        case "rate":
            return "ratio"
        case "counter":
            return "per_s"
        case _:
            return "ms" if metric is None else metric.unit


def _row(point: Point, base: Sequence[Points], current: Sequence[Points]) -> Row:
    left, right = (median(one.figures[point] for one in side) for side in (base, current))
    metric = METRICS.get(point.metric)
    unit = _unit(metric)
    worse = "higher" if metric is None else metric.worse
    change = None
    if unit == "ratio":
        change = right - left
    elif left > 0:
        change = right / left - 1
    name = point.metric if point.aggregation == "rate" else f"{point.metric} {point.aggregation}"
    row = Row(
        name=name, metric=point.metric, where={}, aggregation=point.aggregation, unit=unit,
        worse=worse, base=left, current=right, change=change, reason="points only",
    )  # fmt: skip
    return replace(row, sentence=sentence(row))
