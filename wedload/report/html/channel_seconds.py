"""A result's channels, ready for charts: what each delivered by second, and the rows over it. Pure.

What was expected before the load or after it is left out, as it is of steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.plan.measure import quantile_of
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.report.html.seconds import StepSeconds, merged_by_second
from wedload.results.channels import DURATIONS, LAST
from wedload.units import NS_PER_MS, format_ms, parse_duration_ns, parse_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.results.channel_model import Channel
    from wedload.results.model import Benchmark, Result
    from wedload.results.series_model import EncodedHistogram, SecondsOf

#: `< 1s` at the end of a demand
_THRESHOLD: Final = re.compile(r"(?:<=|>=|==|<|>|=)\s*(\S+)\s*$")


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of the benchmark table over a channel: what it demands, where a chart can show it."""

    name: str
    require: str
    share: float | None  # that is to be there: p95 of a duration, or the threshold of a rate
    ms: float | None  # by when; of a rate the deadline, None: it is not known


@dataclass(frozen=True, slots=True, eq=False)
class ChannelSeconds:
    """One channel."""

    name: str
    kind: str
    #: `requests` are what was expected, `failed` what was missed of it
    took: StepSeconds
    to_last: StepSeconds | None  # until the last subscriber had a message
    expected: int  # over the whole load
    lost: int
    marks: tuple[Mark, ...]


def channels_of(result: Result) -> tuple[ChannelSeconds, ...]:
    """Decode what a result says of its channels. O(histograms)."""
    return tuple(_channel(result, one) for one in result.channels)


def _channel(result: Result, channel: Channel) -> ChannelSeconds:
    return ChannelSeconds(
        channel.name,
        channel.kind,
        _seconds(result, channel.name, DURATIONS[channel.kind], f"{channel.kind}_delivered"),
        _seconds(result, channel.name, LAST) if channel.kind == "realtime" else None,
        channel.expected,
        channel.lost,
        tuple(_marks(result, channel)),
    )


def _seconds(result: Result, name: str, trend: str, rate: str | None = None) -> StepSeconds:
    """One trend of a channel, all of its steps together."""

    def fits(one: SecondsOf | EncodedHistogram, metric: str | None) -> bool:
        return one.metric == metric and one.channel == name and one.scenario not in OUTSIDE_LOAD

    places = np.array(result.series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
    expected: NDArray[np.int64] = np.zeros(length, np.int64)
    missed: NDArray[np.int64] = np.zeros(length, np.int64)
    for one in result.series.rates:
        if fits(one, rate):
            total = np.array(one.total, np.int64)
            expected[places] += total
            missed[places] += total - np.array(one.yes, np.int64)
    durations = merged_by_second(
        (second, codec.decode(encoded))
        for one in result.series.trends
        if fits(one, trend)
        for second, encoded in zip(result.series.second, one.histograms, strict=True)
        if encoded is not None
    )
    whole = Histogram.merge(
        codec.decode(one.encoded) for one in result.histograms if fits(one, trend)
    )
    return StepSeconds(name, expected, missed, tuple(sorted(durations.items())), whole)


def _marks(result: Result, channel: Channel) -> list[Mark]:
    """Rows over the channel, or over all of its kind."""
    found = [
        _mark(row, channel.kind, result.run.within_ms.get(channel.name))
        for row in result.benchmarks
        if row.where.get("channel", channel.name) == channel.name
    ]
    return [one for one in found if one is not None]


def _mark(row: Benchmark, kind: str, within_ms: float | None) -> Mark | None:
    match = _THRESHOLD.search(row.require)
    if match is None:
        return None
    try:
        if row.metric == DURATIONS[kind] and row.unit == "ms":
            by_ms = parse_duration_ns(match[1]) / NS_PER_MS
            return Mark(row.name, row.require, quantile_of(row.aggregation), by_ms)
        if row.metric == f"{kind}_delivered" and row.unit == "ratio":
            within = "" if within_ms is None else f" within {format_ms(within_ms)}"
            return Mark(row.name, row.require + within, parse_ratio(match[1]), within_ms)
    except ValueError:  # of another version, perhaps
        return None
    return None
