"""k6's `--summary-export` JSON as points: for a rough look, never for a decision. Pure.

It has no seconds, so nobody can say how far its figures can be off.
Source: k6's end-of-test summary export; figures stand in the metric itself or, as in what
`handleSummary` gets, in its `values`. Trends are ms, `rate` of a counter is per second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from wedload.plan.metric_table import METRICS

#: k6's name of a figure -> ours
_FIGURES: Final = {"avg": "avg", "med": "p50", "p(50)": "p50", "p(90)": "p90", "p(95)": "p95",
                   "p(99)": "p99", "p(99.9)": "p99.9"}  # fmt: skip
#: metrics that k6 has, too, and means the same by
_METRICS: Final = (
    "http_req_duration", "http_req_waiting", "iteration_duration", "http_req_failed", "checks",
    "http_reqs", "iterations", "dropped_iterations",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """What a figure is about."""

    metric: str
    aggregation: str


def is_k6_summary(data: Any) -> bool:
    """Whether parsed JSON looks like what k6 exports."""
    return (
        isinstance(data, dict)
        and "schema" not in data
        and isinstance(data.get("metrics"), dict)
        and any(name in data["metrics"] for name in ("http_reqs", "iterations", "vus"))
    )


def points_of_k6(data: dict[str, Any]) -> dict[Point, float]:
    """The figures that wedload has, too; ms, shares, per second. What is missing is left out."""
    points: dict[Point, float] = {}
    for metric in _METRICS:
        figures = _figures(data, metric)
        match METRICS[metric].kind:
            case "trend":
                for theirs, ours in _FIGURES.items():
                    _put(points, Point(metric, ours), figures.get(theirs))
            case "rate":
                _put(points, Point(metric, "rate"), figures.get("rate", figures.get("value")))
            case _:
                _put(points, Point(metric, "rate"), figures.get("rate"))
    return points


def _figures(data: dict[str, Any], metric: str) -> dict[str, Any]:
    found = data["metrics"].get(metric)
    if not isinstance(found, dict):
        return {}
    values = found.get("values")
    return values if isinstance(values, dict) else found


def _put(points: dict[Point, float], point: Point, value: Any) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        points.setdefault(point, float(value))
