"""What can be asked of a run without demanding anything of it: `http_req_duration{step=a}: p95`.

The left side of a benchmark row, which demands something of it (see benchmark).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wedload.plan.expressions.expression import suggest
from wedload.plan.metric_table import METRICS, METRICS_TO_COME

if TYPE_CHECKING:
    from wedload.plan.metric import MetricKind

Unit = Literal["ms", "ratio", "per_s", "count", "number", "bytes", "bytes_per_s"]

#: a measure as it stands in a longer pattern (verbose)
FORM: Final = r"""\s*(?P<metric>[a-z_0-9]+)\s*
    (?:\{(?P<where>(?:'[^']*'|"[^"]*"|[^'"}])*)\})?\s*
    :\s*(?P<aggregation>[a-z]+(?:\d+(?:\.\d+)?)?)\s*"""
_FORM: Final = re.compile(FORM, re.VERBOSE)
_SELECTOR: Final = re.compile(
    r"""\s*(?P<key>[\w-]+)\s*=\s*(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\s,'"{}=]+))\s*(?:,|$)"""
)
_PERCENTILE: Final = re.compile(r"p(\d+(?:\.\d+)?)")
_AGGREGATIONS: Final[dict[MetricKind, tuple[str, ...]]] = {
    "trend": ("min", "avg", "med", "max", "count"),  # and p1 … p99.99
    "rate": ("rate", "count"),
    "counter": ("count", "rate"),
    "gauge": ("min", "avg", "med", "max", "last"),  # and percentiles
    "value": ("value",),
}
#: the unit of every aggregation but `count`, where the metric does not say it itself
_UNITS: Final[dict[MetricKind, Unit]] = {"rate": "ratio", "counter": "per_s"}
#: kinds that have percentiles
_SAMPLED: Final = ("trend", "gauge")


@dataclass(frozen=True, slots=True)
class Measure:
    """`metric{where}: aggregation`."""

    metric: str
    where: tuple[tuple[str, str], ...]  # (dimension, value) pairs
    aggregation: str  # min avg med max last count rate value, or p95, p99.9 …
    unit: Unit

    @property
    def kind(self) -> MetricKind:
        """The kind of its metric."""
        return METRICS[self.metric].kind

    @property
    def quantile(self) -> float | None:
        """The quantile in 0..1 that it asks for, if it does."""
        return quantile_of(self.aggregation)

    def __str__(self) -> str:
        where = ",".join(f"{key}='{value}'" for key, value in self.where)
        return f"{self.metric}{f'{{{where}}}' if where else ''}: {self.aggregation}"


def parse_measure(text: str) -> Measure:
    """Read a measure.

    Raises:
        ValueError: what is wrong with it, and what would be right.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no metric; write http_req_duration{{step='submit form'}}: p95"
        )
    return measure_in(match)


def measure_in(match: re.Match[str]) -> Measure:
    """The measure in a match of a pattern with `FORM` in it; raises ValueError."""
    metric, aggregation = _metric(match["metric"]), match["aggregation"]
    kind = METRICS[metric].kind
    _check_aggregation(metric, kind, aggregation)
    unit = "count" if aggregation == "count" else _UNITS.get(kind, METRICS[metric].unit)
    return Measure(metric, _selectors(match["where"] or ""), aggregation, unit)


def quantile_of(aggregation: str) -> float | None:
    """The quantile in 0..1 of `p95`, `p99.9` or `med`; None for other aggregations."""
    if aggregation == "med":
        return 0.5
    match = _PERCENTILE.fullmatch(aggregation)
    return float(match[1]) / 100 if match is not None else None


def _metric(name: str) -> str:
    if name in METRICS:
        return name
    if name in METRICS_TO_COME:
        raise ValueError(f"the metric {name} is not measured by this version of wedload yet")
    raise ValueError(f"there is no metric {name}{suggest(name, METRICS)}")


def _check_aggregation(metric: str, kind: MetricKind, aggregation: str) -> None:
    if aggregation in _AGGREGATIONS[kind]:
        return
    quantile = quantile_of(aggregation)
    if kind in _SAMPLED and quantile is not None:
        if not 0 < quantile < 1:
            raise ValueError(f"{aggregation} is not a percentile between 0 and 100; use min or max")
        return
    known = ", ".join((*_AGGREGATIONS[kind], *(("p50, p95, p99.9 …",) if kind in _SAMPLED else ())))
    raise ValueError(f"{metric} is a {kind}: {aggregation} does not exist for it (known: {known})")


def _selectors(text: str) -> tuple[tuple[str, str], ...]:
    selectors: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _SELECTOR.match(text, at)
        if match is None:
            raise ValueError(f"{{{text}}}: write selectors as step='submit form', stage=peak")
        value = next(v for v in (match["single"], match["double"], match["bare"]) if v is not None)
        if match["key"] in selectors:
            raise ValueError(f"{{{text}}}: {match['key']} is given twice")
        selectors[match["key"]] = value
        at = match.end()
    return tuple(selectors.items())
