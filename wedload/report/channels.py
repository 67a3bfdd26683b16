"""Channels in a terminal: the tables of the final report and the live view, words of a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.report.channel_words import besides, retry_words
from wedload.report.columns import BareTable, Name, fitted_middle
from wedload.report.counts import short_count
from wedload.results.channels import channel_counts, took, took_to_last
from wedload.results.figures import known_quantile_ns
from wedload.units import NS_PER_MS, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import Summary
    from wedload.report.channel_words import Ear
    from wedload.results.channels import ChannelCounts

_NAME: Final = 16  # columns of it in the line of a log
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


def has_last_subscribers(channels: Sequence[ChannelFigures]) -> bool:
    """Whether any has messages of which it is known when the last subscriber had them."""
    return any(one.to_last.count for one in channels)


def channel_legend(channels: Sequence[ChannelFigures]) -> str:
    """What columns of the table mean."""
    last = f"; {_LAST}: last subscriber" if has_last_subscribers(channels) else ""
    return f"delivered: in time / expected; missed: late + lost{last}"


def channel_table(channels: Sequence[ChannelFigures], *, live: bool = False) -> BareTable:
    """What was expected, what came of it, and how long it took; live less of why it is missed."""
    table = BareTable(gives_way=("p50", "p99", _LAST, "late", "lost", "expected"))
    table.add_column(" channel", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("expected", "delivered", "missed", *(() if live else ("late", "lost"))):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("p50", "p95", "p99"):
        table.add_column(name, justify="right", no_wrap=True, min_width=6)
    has_last = not live and has_last_subscribers(channels)
    if has_last:
        table.add_column(_LAST, justify="right", no_wrap=True, min_width=6)
    for one in channels:
        counts = one.counts
        red = "red" if counts.missed else ""
        table.add_row(
            Name(f" {one.name}"),
            short_count(counts.expected),
            Text(format_ratio(one.delivered), style=red),
            Text(short_count(counts.missed), style=red),
            *(() if live else map(short_count, (counts.late, counts.lost))),
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


def channels_words(channels: Sequence[ChannelFigures], most: int) -> Iterator[str]:
    """Channels in the line of a log, so many at most: `notices 2,410 of 2,412`."""
    for one in channels[:most]:
        name = fitted_middle(one.name, _NAME)
        yield f"{name} {one.counts.delivered:,} of {one.counts.expected:,}"
    if (more := len(channels) - most) > 0:
        yield f"… and {more} more channels"


def _quantile(histogram: Histogram, q: float) -> str:
    value = known_quantile_ns(histogram, q)
    return format_ms(None if value is None else value / NS_PER_MS)
