"""What dashboards let one choose – plans, targets, runs –, and panels that several have."""

from __future__ import annotations

from typing import Final

from scripts.build.dashboards.panels import Panel, Query, Variable
from scripts.build.dashboards.queries import exported, per_second, quantile, values

PLAN: Final = Variable("plan", "Plan", values("plan"), many=True)
TARGET: Final = Variable("target", "Target", values("target", 'plan=~"$plan"'), many=True)
_OF_BOTH: Final = ('plan=~"$plan"', 'target=~"$target"')
RUN: Final = Variable("run", "Run", values("run", *_OF_BOTH))  # the newest
BASE: Final = Variable("base", "Before", values("run", *_OF_BOTH))
CURRENT: Final = Variable("current", "After", values("run", *_OF_BOTH))


def percentile(
    title: str, metric: str, by: str, legend: str, limit_s: float | None = None, width: int = 12
) -> Panel:
    """p50 and p95 of a duration, with what the benchmark table requires of the latter."""
    queries = tuple(
        Query(quantile(q, metric, by), f"{legend}, p{q * 100:g}".removeprefix(", "))
        for q in (0.5, 0.95)
    )
    return Panel(
        "timeseries", title, _about(metric), queries, unit="s", width=width, bad_above=limit_s
    )


def speed(title: str, metric: str, by: str, legend: str, width: int = 12) -> Panel:
    """How fast a counter counts."""
    query = Query(per_second(metric, by), legend)
    return Panel("timeseries", title, _about(metric), (query,), unit="cps", width=width)


def _about(metric: str) -> str:
    one = exported(metric)
    return f"{one.name}: {one.meaning}."
