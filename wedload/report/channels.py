"""Channels in a terminal: the table of the final report, and a line of the live view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.report.channel_words import besides, retry_words
from wedload.report.columns import BareTable, fitted
from wedload.report.figures import short_count
from wedload.results.channels import channel_counts, took, took_to_last
from wedload.results.figures import known_quantile_ns
from wedload.units import NS_PER_MS, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import Summary
    from wedload.report.channel_words import Ear
    from wedload.results.channels import ChannelCounts

_NAME: Final = 12  # columns of it in a line
_LAST: Final = "last p95"


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """One channel over the whole run so far."""

    name: str
    counts: ChannelCounts
    took: Histogram
    to_last: Histogram  # until the last subscriber had it

    @property
    def delivered(self) -> float | None:
        """The share that came in time; None: nothing was expected."""
        counts = self.counts
        return counts.delivered / counts.expected if counts.expected else None


def channel_figures(summary: Summary, channels: Mapping[str, str]) -> list[ChannelFigures]:
    """Each channel's, in the order of the plan; `channels`: name -> kind."""
    return [
        ChannelFigures(
            name, channel_counts(summary, name, kind), took(summary, name, kind),
            took_to_last(summary, name),
        )
        for name, kind in channels.items()
    ]  # fmt: skip


def channel_table(channels: Sequence[ChannelFigures]) -> BareTable:
    """What was expected, what came of it, and how long it took."""
    table = BareTable(gives_way=(_LAST, "late", "p50", "p99"))
    table.add_column(" channel", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("expected", "delivered", "missed", "late"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("p50", "p95", "p99"):
        table.add_column(name, justify="right", no_wrap=True, min_width=6)
    has_last = any(one.to_last.count for one in channels)
    if has_last:
        table.add_column(_LAST, justify="right", no_wrap=True, min_width=6)
    for one in channels:
        counts = one.counts
        red = "red" if counts.missed else ""
        table.add_row(
            Text(f" {one.name}"),
            short_count(counts.expected),
            Text(format_ratio(one.delivered), style=red),
            Text(short_count(counts.missed), style=red),
            short_count(counts.late),
            *(_quantile(one.took, q) for q in (0.5, 0.95, 0.99)),
            *([_quantile(one.to_last, 0.95)] if has_last else []),
        )
    return table


def channel_notes(
    channels: Sequence[ChannelFigures], ears: Mapping[str, Ear | None]
) -> Iterator[str]:
    """What the table does not say: what else was heard, and how the sender retried."""
    for one in channels:
        ear = ears.get(one.name)
        if heard := besides(one.counts, ear):
            yield f"{one.name}: {heard}"
        if retried := retry_words(ear):
            yield f"{one.name}: {retried}"


def channel_line(one: ChannelFigures) -> Text:
    """A channel in one line: `deliveries  2,412 expected  99.92 % delivered  2 missed  p95 …`."""
    counts = one.counts
    line = Text(f" {fitted(one.name, _NAME)}", no_wrap=True, overflow="ellipsis")
    line.append(f"  {short_count(counts.expected)} expected")
    line.append(f"  {format_ratio(one.delivered)} delivered")
    line.append(f"  {short_count(counts.missed)} missed", style="red" if counts.missed else "")
    line.append(f"  p95 {_quantile(one.took, 0.95)}")
    return line


def channel_words(one: ChannelFigures) -> str:
    """The same as a part of a plain line: `notices 2,410 of 2,412`."""
    return f"{one.name} {one.counts.delivered:,} of {one.counts.expected:,}"


def _quantile(histogram: Histogram, q: float) -> str:
    value = known_quantile_ns(histogram, q)
    return format_ms(None if value is None else value / NS_PER_MS)
