"""Figures of metrics, as a result has them: ms, shares, counts. Pure.

A percentile of fewer samples than it needs is not there, rather than wrong.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.histogram import EMPTY
from wedload.plan.measure import quantile_of
from wedload.plan.metric_table import METRICS
from wedload.results.dependencies import ATTEMPTS, amplification
from wedload.results.figures_model import PERCENTILES
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram
    from wedload.metrics.signed import Signed
    from wedload.metrics.summary import Summary, Where

DIGITS: Final = 4  # after the point
#: figure of a trend -> the quantile that it is
_QUANTILES: Final = {field: quantile_of(name) or 0.0 for name, field in PERCENTILES.items()}


def known_quantile_ns(histogram: Histogram | Signed, q: float) -> float | None:
    """A quantile, ns; None if the samples are too few for it."""
    if histogram.count < samples_for_quantile(q):
        return None
    return histogram.quantile_ns(q)


def trend_figures(histogram: Histogram | Signed, *, durations: bool = True) -> dict[str, Any]:
    """A trend's figures; null where the samples are too few to say.

    `durations`: in ms of the ns that were recorded, else of numbers that are as they were recorded.
    """
    unit, scale = ("ms", ms) if durations else ("number", _number)
    if not histogram.count:
        return {"unit": unit, "count": 0}
    figures = {
        "unit": unit,
        "count": histogram.count,
        "min": scale(histogram.min_ns),
        "avg": scale(histogram.mean_ns),
        "max": scale(histogram.max_ns),
    }
    for name, q in _QUANTILES.items():
        value = known_quantile_ns(histogram, q)
        figures[name] = None if value is None else scale(value)
    return figures


def _number(value: float) -> float:
    return round(value, DIGITS)


def metrics_of(summary: Summary, where: Where, load_s: float) -> dict[str, Any]:
    """Every metric that has data under some selectors, of a load that lasted `load_s`."""
    seconds = summary.seconds(where, load_s)
    found: dict[str, Any] = {}
    for name, metric in METRICS.items():
        match metric.kind:
            case "trend":
                seen: Histogram | Signed = (
                    summary.differences(name, where)
                    if metric.of == "difference"
                    else summary.trend(name, where)
                )
                if seen.count:
                    found[name] = trend_figures(seen, durations=metric.in_time)
            case "counter":
                count = summary.count(name, where)
                if count:
                    found[name] = {
                        "unit": "bytes" if metric.in_bytes else "count",
                        "count": count,
                        "rate": round(count / seconds, DIGITS) if seconds else None,
                    }
            case "rate":
                rate = summary.rate(name, where)
                if rate.total:
                    found[name] = {
                        "unit": "ratio",
                        "count": rate.total,
                        "yes": rate.yes,
                        "rate": round(rate.ratio, 6),
                    }
            case "value":
                attempts = summary.trend(ATTEMPTS, where) if metric.of == "factor" else EMPTY
                if (value := amplification(attempts)) is not None:
                    found[name] = {
                        "unit": "factor",
                        "count": attempts.count,
                        "value": round(value, 6),
                    }  # of faults, other values are in `faults`
            case "gauge":
                pass  # levels are in `series` and in `validity.generator`
    return found


def ms(duration_ns: float) -> float:
    """A duration in ms, to a tenth of a µs."""
    return round(duration_ns / NS_PER_MS, DIGITS)


def rounded(value: float | None) -> float | None:
    """A number as JSON has it."""
    return None if value is None or math.isnan(value) else round(value, 6)
