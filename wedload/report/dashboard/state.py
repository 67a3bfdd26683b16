"""What the dashboard shows of a run at a moment, ready for JSON. Pure; knows no browser.

Figures come from the functions of the terminal's live view, so that both agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.all_steps import all_counted, all_failed
from wedload.report.counts import short_count
from wedload.report.fault_words import left_words
from wedload.report.figures import (
    benchmark_rows,
    observed,
    overall_rates,
    stage_label,
    step_figures,
)
from wedload.report.foot import foot_lines
from wedload.results.figures import known_quantile_ns
from wedload.results.nouns import noun_of_load, per_s
from wedload.units import NS_PER_MS, NS_PER_S, format_clock, format_ms, format_ratio

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram
    from wedload.report.figures import StepFigures
    from wedload.report.view import RunView
    from wedload.verdict.model import Row

_QUANTILES: Final = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
_ENOUGH_LINES: Final = 24  # for the foot: the page has room for all of it


def state_of(view: RunView) -> dict[str, Any]:
    """The run as it stands: words as the terminal has them."""
    iterations, steps = overall_rates(view.timeline)
    failed = all_failed(view.summary)
    return {
        "plan": view.plan,
        "target": view.target,
        "stage": view.doing or stage_label(view.workload, view.elapsed_s),
        "clock": format_clock(view.elapsed_s),
        "end": format_clock(view.workload.end_ns / NS_PER_S),
        "vus": f"{view.timeline.active_vus():,}",
        "iterations": f"{short_count(iterations)} it/s",
        "rate": f"{short_count(steps)} {per_s(noun_of_load(view.summary))}",
        "failed": format_ratio(failed.ratio),
        "steps": [_step(one) for one in step_figures(view.summary, view.timeline, view.known_p95)],
        "benchmarks": [_row(one) for one in benchmark_rows(view)],
        "faults": left_words(view.faults, view.elapsed_s),
        "foot": [line.plain.strip() for line in foot_lines(view, "", _ENOUGH_LINES)],
    }


def seconds_since(view: RunView, begin: int) -> list[list[int]]:
    """Second, samples and virtual users of each second from `begin` that is over."""
    end = max(view.timeline.newest, 0)
    return [
        [
            second,
            all_counted(view.timeline, second, second + 1),
            sum(view.timeline.vus_at(second).values()),
        ]
        for second in range(begin, end)
    ]


def _step(one: StepFigures) -> dict[str, Any]:
    return {
        "step": one.step,
        "rate": f"{short_count(one.rate_per_s)}/s",
        **{name: _quantile(one.duration, q) for name, q in _QUANTILES.items()},
        "failed": format_ratio(one.failed.ratio),
        "any_failed": bool(one.failed.yes),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "require": row.requirement.terms,
        "status": row.status,
        "now": observed(row),
        "samples": f"{row.samples:,}",
    }


def _quantile(histogram: Histogram, q: float) -> str:
    value = known_quantile_ns(histogram, q)
    return format_ms(None if value is None else value / NS_PER_MS)
