"""Benchmark rows as a plan writes them: `http_req_duration{stage=peak}: p95 < 200ms`.

The requirement language, and what a row says of time; wedload.verdict judges.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from wedload.plan.fields import parse_size_bytes
from wedload.plan.measure import FORM, measure_in, quantile_of
from wedload.plan.metric_table import METRICS
from wedload.units import (
    NS_PER_MS,
    NS_PER_S,
    format_duration_ns,
    parse_duration_ns,
    parse_rate_per_s,
    parse_ratio,
)

if TYPE_CHECKING:
    from wedload.plan.measure import Measure, Unit
    from wedload.plan.metric import MetricKind

Operator = Literal["<", "<=", ">", ">=", "=="]

_REQUIREMENT: Final = re.compile(
    rf"{FORM}(?P<operator><=|>=|==|<|>|=)\s*(?P<threshold>\S.*?)\s*", re.VERBOSE
)
_OPERATORS: Final[tuple[Operator, ...]] = ("<", "<=", ">", ">=", "==")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a row demands: `metric{where}: aggregation operator threshold`, and when.

    Without `after_s` and `window_s` (whole seconds of the load) it is about the whole run.
    """

    source: str
    metric: str
    where: tuple[tuple[str, str], ...]  # (dimension, value) pairs
    aggregation: str  # min avg med max last count rate value, or p95, p99.9 …
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
    def claims(self) -> bool:
        """Whether it demands a share that must be proven: a reliability."""
        share = self.unit == "ratio" and self.operator in {">", ">="}
        return share and METRICS[self.metric].proven

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
        asked = measure_in(match)
        operator = next((known for known in _OPERATORS if known == match["operator"]), None)
        if operator is None:
            raise ValueError("write == for equality")
        threshold = _threshold(asked, match["threshold"])
        return Requirement(
            source.strip(), asked.metric, asked.where, asked.aggregation,
            operator, threshold, asked.unit,
        )  # fmt: skip


def _threshold(asked: Measure, text: str) -> float:
    match asked.unit:
        case "ms":
            return parse_duration_ns(text) / NS_PER_MS
        case "ratio":
            return _level(text) if asked.kind == "gauge" else _ratio(text)
        case "per_s":
            return parse_rate_per_s(text)
        case "number":
            return _plain(text)
        case "count":
            return _plain(text)
        case "bytes":
            return float(parse_size_bytes(text))
        case "bytes_per_s":
            return _bytes_per_s(text)


def _ratio(text: str) -> float:
    """A share that cannot be misread: whoever writes a bare 1 may mean 1 % as well as 100 %."""
    ratio = parse_ratio(text)
    bare = not text.endswith("%")
    if bare and ratio == 1 and "." not in text:
        raise ValueError(f"'{text}' may mean 1 % or 100 %; write 1% or 100%")
    if bare and 1 < ratio <= 100:
        raise ValueError(f"'{text}' is more than 1, which is 100 %; did you mean {text}%?")
    if not 0 <= ratio <= 1:
        raise ValueError(f"{text!r}: a rate lies between 0% and 100%")
    return ratio


def _level(text: str) -> float:
    """A level in shares of one, of which there may be more than one: two cores are 200 %."""
    ratio = parse_ratio(text)
    if not text.endswith("%") and "." not in text and ratio:
        raise ValueError(f"'{text}' may mean {ratio:g} % or {ratio:.0%}; write one with its %")
    if not 0 <= ratio < math.inf:
        raise ValueError(f"{text!r}: a level lies at 0% or above")
    return ratio


def _bytes_per_s(text: str) -> float:
    size, slash, per = (part.strip() for part in text.partition("/"))
    if not slash or per != "s":
        raise ValueError(f"{text!r} is no size per second; write 10MB/s")
    return float(parse_size_bytes(size))


def _plain(text: str) -> float:
    if re.fullmatch(r"[0-9][0-9,]{0,15}(?:\.[0-9]{1,15})?", text) is None:
        raise ValueError(f"{text!r} is not a number; write 42 or 1,000")
    return float(text.replace(",", ""))
