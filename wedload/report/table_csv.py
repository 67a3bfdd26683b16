"""A result as one table for spreadsheets: a row for the run, and for each part of it.

Parts are workflows, stages, steps, channels, third parties, and resources.

Knows the result and nothing of files. RFC 4180: CRLF, quotes where needed, a header with units.
Text that a spreadsheet would take for a formula is defused by an apostrophe before it.
Source: https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.metric_table import METRICS, STEP_METRICS
from wedload.results.figures import trend_figures
from wedload.results.figures_model import CounterFigures, FactorFigures, RateFigures, TrendFigures
from wedload.results.resources_model import ResourceFigures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.results.figures_model import Figures
    from wedload.results.model import Result

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PLACE: Final = (
    "run", "started_at", "plan", "target", "verdict",
    "level", "scenario", "workflow", "stage", "step", "channel", "dependency", "resource",
)  # fmt: skip
_HTTP: Final = STEP_METRICS["http"]
#: there in every file, whatever the run has measured; others follow where there is data
_ALWAYS: Final = (_HTTP.count, _HTTP.failed, _HTTP.duration)
_TREND: Final = {
    "min": "min", "avg": "avg", "med": "p50", "p90": "p90", "p95": "p95", "p99": "p99",
    "p99_9": "p99.9", "max": "max",
}  # fmt: skip

_LEVELS: Final = ("min", "avg", "p95", "max", "last")
_UNITS: Final = {"ms": " (ms)", "bytes": " (bytes)", "bytes_per_s": " (bytes/s)", "per_s": " (1/s)"}

Row = tuple[dict[str, str], "Mapping[str, Figures | ResourceFigures]"]


def table_csv(result: Result) -> str:
    """The table. A percentile with too few samples behind it is an empty cell."""
    rows = list(_rows(result))
    names = _columns([metrics for _, metrics in rows])
    run = result.run
    about = {
        "run": run.id, "started_at": run.started_at.isoformat(timespec="seconds"),
        "plan": run.plan, "target": run.target, "verdict": result.verdict,
    }  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_PLACE, *(title for name in names for title in _titles(name))])
    for place, metrics in rows:
        cells = [_safe((about | place).get(key, "")) for key in _PLACE]
        for name in names:
            cells += _cells(name, metrics.get(name))
        writer.writerow(cells)
    return text.getvalue()


def _rows(result: Result) -> Iterator[Row]:
    yield {"level": "run"}, result.metrics
    yield from _workflows(result)
    for stage in result.stages:
        place = {"level": "stage", "scenario": stage.scenario, "stage": stage.stage or ""}
        yield place, stage.metrics
    for step in result.steps:
        place = {
            "level": "step", "scenario": step.scenario, "workflow": step.workflow or "",
            "step": step.step,
        }  # fmt: skip
        yield place, step.metrics
    for channel in result.channels:
        yield {"level": "channel", "channel": channel.name}, channel.metrics
    for one in result.dependencies:
        yield {"level": "dependency", "dependency": one.name}, one.metrics
    for resource in result.resources:
        levels = {of.metric: of for of in resource.figures if of.metric in METRICS}
        yield {"level": "resource", "resource": resource.name}, levels


def _workflows(result: Result) -> Iterator[Row]:
    """What a workflow took in all its stages: only the histograms know it."""
    found: defaultdict[tuple[str, str], list[Histogram]] = defaultdict(list)
    for one in result.histograms:
        if one.metric == "workflow_duration" and one.step is None:
            found[one.scenario, one.workflow or ""].append(codec.decode(one.encoded))
    for (scenario, workflow), histograms in found.items():
        place = {"level": "workflow", "scenario": scenario, "workflow": workflow}
        yield (
            place,
            {
                "workflow_duration": TrendFigures.model_validate(
                    trend_figures(Histogram.merge(histograms))
                )
            },
        )


def _columns(found: list[Mapping[str, Any]]) -> list[str]:
    """Metrics with columns: those that always have, then those with data, in their usual order."""
    there = {name for metrics in found for name in metrics}
    others = [name for name in METRICS if name in there and name not in _ALWAYS]
    return [*_ALWAYS, *others]


def _titles(name: str) -> list[str]:
    match METRICS[name].kind:
        case "trend":
            unit = " (ms)" if METRICS[name].in_time else ""
            return [f"{name} count", *(f"{name} {title}{unit}" for title in _TREND.values())]
        case "value":
            return [name]
        case "gauge":
            unit = _UNITS.get(METRICS[name].unit, "")
            return [f"{name} samples", *(f"{name} {title}{unit}" for title in _LEVELS)]
        case "rate":
            return [f"{name} yes", f"{name} of", f"{name} (%)"]
        case _:
            unit = " (bytes)" if name.startswith("data_") else ""
            return [f"{name}{unit}", f"{name} ({'bytes' if unit else '1'}/s)"]


def _cells(name: str, figures: Figures | ResourceFigures | None) -> list[str]:
    match figures:
        case None:
            return [""] * len(_titles(name))
        case TrendFigures():
            return [str(figures.count), *(_number(getattr(figures, key)) for key in _TREND)]
        case RateFigures():
            return [str(figures.yes), str(figures.count), _number(figures.rate * 100)]
        case CounterFigures():
            return [str(figures.count), _number(figures.rate)]
        case FactorFigures():
            return [_number(figures.value)]
        case ResourceFigures():
            return [str(figures.samples), *(_number(getattr(figures, key)) for key in _LEVELS)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
