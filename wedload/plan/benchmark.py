"""Benchmark rows as a plan writes them: `http_req_duration{stage=peak}: p95 < 200ms`.

The requirement language, and what a row says of time; wedload.verdict judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from wedload.plan.expressions.expression import suggest
from wedload.plan.metric_table import METRICS, METRICS_TO_COME
from wedload.units import (
    NS_PER_MS,
    NS_PER_S,
    format_duration_ns,
    parse_duration_ns,
    parse_rate_per_s,
    parse_ratio,
)

if TYPE_CHECKING:
    from wedload.plan.metric import MetricKind

Operator = Literal["<", "<=", ">", ">=", "=="]
Unit = Literal["ms", "ratio", "per_s", "count"]

_REQUIREMENT = re.compile(
    r"""\s*(?P<metric>[a-z_0-9]+)\s*
        (?:\{(?P<where>(?:'[^']*'|"[^"]*"|[^'"}])*)\})?\s*
        :\s*(?P<aggregation>[a-z]+(?:\d+(?:\.\d+)?)?)\s*
        (?P<operator><=|>=|==|<|>|=)\s*(?P<threshold>\S.*?)\s*""",
    re.VERBOSE,
)
_SELECTOR = re.compile(
    r"""\s*(?P<key>[\w-]+)\s*=\s*(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\s,'"{}=]+))\s*(?:,|$)"""
)
_OPERATORS: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=", "==")
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")
_AGGREGATIONS: Final[dict[MetricKind, tuple[str, ...]]] = {
    "trend": ("min", "avg", "med", "max", "count"),  # and p1 … p99.99
    "rate": ("rate", "count"),
    "counter": ("count", "rate"),
    "gauge": ("min", "avg", "max"),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a row demands: `metric{where}: aggregation operator threshold`, and when.

    Without `after_s` and `window_s` (whole seconds of the load) it is about the whole run.
    """

    source: str
    metric: str
    where: tuple[tuple[str, str], ...]  # (dimension, value) pairs
    aggregation: str  # min avg med max count rate, or p95, p99.9 …
    operator: Operator
    threshold: float  # in `unit`
    unit: Unit
    after_s: int = 0  # what ended in earlier seconds does not count
    window_s: int | None = None  # every stretch of this length must meet it
    abort: bool = False  # a certain miss ends the run

    @property
    def kind(self) -> MetricKind:
        """The kind of its metric."""
        return METRICS[self.metric].kind

    @property
    def quantile(self) -> float | None:
        """The quantile in 0..1 that it asks for, if its aggregation is one."""
        return quantile_of(self.aggregation)

    @property
    def words(self) -> str:
        """The demand alone, as written: `p95 < 5s`."""
        match = _REQUIREMENT.fullmatch(self.source)
        return self.source[match.start("aggregation") :] if match is not None else self.source

    @property
    def timed(self) -> bool:
        """Whether it is about a part of the load, and not about the whole run."""
        return self.after_s > 0 or self.window_s is not None

    @property
    def upper(self) -> bool:
        """Whether a high value is on the bad side, as for `<`; of `==` neither side is good."""
        return self.operator in {"<", "<="}

    @property
    def when(self) -> str:
        """`in each 1m after 30s`; empty if it is about the whole run."""
        parts = []
        if self.window_s is not None:
            parts.append(f"in each {format_duration_ns(self.window_s * NS_PER_S)}")
        if self.after_s:
            parts.append(f"after {format_duration_ns(self.after_s * NS_PER_S)}")
        return " ".join(parts)

    @property
    def terms(self) -> str:
        """The demand with what it says of time: `p95 < 5s in each 1m`."""
        return f"{self.words} {self.when}".rstrip()

    def scaled(self, time_scale: float) -> Requirement:
        """The same for a load whose stages last `time_scale` times as long.

        Whole seconds, and never below one: a warm-up that is left out is left out as a whole, a
        window is rounded to the nearest second.
        """
        scale = Fraction(str(time_scale))  # 0.1 is a tenth
        after_s = -int(-self.after_s * scale // 1)
        window_s = None if self.window_s is None else max(round(self.window_s * scale), 1)
        return replace(self, after_s=after_s, window_s=window_s)

    def shortest(self, time_scale: float) -> bool:
        """Whether one of its times would be below a second, and is taken as one."""
        times_s = [self.after_s, self.window_s or 0]
        return any(0 < one * time_scale < 1 for one in times_s)

    @staticmethod
    def parse(source: str) -> Requirement:
        """Read a requirement.

        Raises:
            ValueError: what is wrong with it, and what would be right.
        """
        match = _REQUIREMENT.fullmatch(source) if isinstance(source, str) else None
        if match is None:
            raise ValueError(
                f"{source!r} is not a requirement; write metric{{selector=value}}: p95 < 2s"
            )
        metric = _metric(match["metric"])
        kind = METRICS[metric].kind
        aggregation = match["aggregation"]
        _check_aggregation(metric, kind, aggregation)
        operator = next((known for known in _OPERATORS if known == match["operator"]), None)
        if operator is None:
            raise ValueError("write == for equality")
        threshold, unit = _threshold(kind, aggregation, match["threshold"])
        return Requirement(
            source.strip(), metric, _selectors(match["where"] or ""), aggregation,
            operator, threshold, unit,
        )  # fmt: skip


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
    if kind == "trend" and quantile is not None:
        if not 0 < quantile < 1:
            raise ValueError(f"{aggregation} is not a percentile between 0 and 100; use min or max")
        return
    known = ", ".join((*_AGGREGATIONS[kind], *(("p50, p95, p99.9 …",) if kind == "trend" else ())))
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


def _threshold(kind: MetricKind, aggregation: str, text: str) -> tuple[float, Unit]:
    if aggregation == "count":
        return _plain(text), "count"
    match kind:
        case "trend":
            return parse_duration_ns(text) / NS_PER_MS, "ms"
        case "rate":
            ratio = parse_ratio(text)
            if not 0 <= ratio <= 1:
                raise ValueError(f"{text!r}: a rate lies between 0% and 100%")
            return ratio, "ratio"
        case "counter":
            return parse_rate_per_s(text), "per_s"
        case "gauge":
            return parse_ratio(text) if text.endswith("%") else _plain(text), "count"


def _plain(text: str) -> float:
    if re.fullmatch(r"[0-9][0-9,]{0,15}(?:\.[0-9]{1,15})?", text) is None:
        raise ValueError(f"{text!r} is not a number; write 42 or 1,000")
    return float(text.replace(",", ""))
