"""A rough comparison of figures that come without seconds: points, and no decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Final

from wedload.comparison.k6 import Point
from wedload.comparison.model import Comparison, Row
from wedload.comparison.words import headline, sentence
from wedload.results.model import CounterFigures, RateFigures, TrendFigures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.comparison.model import Direction, RowUnit, Settings, SideOf
    from wedload.results.model import Result

_QUANTILES: Final = {"med": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "p99_9": "p99.9"}
_UNITS: Final[dict[str, RowUnit]] = {"http_req_failed": "ratio", "checks": "ratio"}
_HIGH_IS_GOOD: Final = frozenset({"checks", "http_reqs", "iterations"})
_COUNTERS: Final = frozenset({"http_reqs", "iterations", "dropped_iterations"})


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
                for name, ours in {"avg": "avg", **_QUANTILES}.items():
                    if (value := getattr(figures, name)) is not None:
                        points[Point(metric, ours)] = value
            case RateFigures():
                points[Point(metric, "rate")] = figures.rate
            case CounterFigures(rate=float() as rate) if metric in _COUNTERS:
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


def _row(point: Point, base: Sequence[Points], current: Sequence[Points]) -> Row:
    left, right = (median(one.figures[point] for one in side) for side in (base, current))
    unit = _UNITS.get(point.metric, "per_s" if point.metric in _COUNTERS else "ms")
    if point.metric.endswith("_failed"):
        unit = "ratio"
    worse: Direction = "lower" if point.metric in _HIGH_IS_GOOD else "higher"
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
