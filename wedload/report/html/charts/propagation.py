"""Propagation over time: how long messages of a channel took, and what was missed. Pure.

Points are as those of percentiles of steps: each has the samples that a p95 needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.report.html.charts.bands import shade
from wedload.report.html.charts.figure import (
    Figure,
    Side,
    base_layout,
    regular_line,
    time_axis,
    value_axis,
)
from wedload.report.html.charts.load import length_of, means, width_of
from wedload.report.html.charts.percentiles import NEEDED, course_line, course_words
from wedload.report.html.seconds import stretches
from wedload.units import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.channel_seconds import ChannelSeconds

#: what is drawn of all that heard a message: name, quantile, colour, width
_LINES: Final = (("p95", 0.95, "c-p95", 2.0), ("p50", 0.5, "c-p50", 1.5))
_LAST: Final = ("last subscriber, p95", 0.95, "c-last", 1.5)


def propagation(sides: Sequence[Side], name: str) -> Figure:
    """Percentiles of each run, of realtime also of the last subscriber; what was missed below."""
    data: list[dict[str, Any]] = []
    said = []
    any_missed = False
    for side in sides:
        channel = side.channel(name)
        if channel is None:
            continue
        data += _lines(side, channel, sides)
        said.append(_words(side, channel, sides))
        any_missed = any_missed or bool(channel.took.failed.any())
    if any_missed:
        data += [_missed(side, one, sides) for side in sides if (one := side.channel(name))]
    bands = sides[-1].bands if sides else ()
    layout = _layout(length_of(sides), missed=any_missed)
    shade(layout, bands)
    return Figure(data, layout, " ".join(said) or "Nothing was expected.", bands)


def _layout(length: int, *, missed: bool) -> dict[str, Any]:
    layout = base_layout(300)
    if not missed:
        return layout | {"xaxis": time_axis(length), "yaxis": value_axis("ms")}
    return layout | {
        "xaxis": time_axis(length) | {"anchor": "y2"},
        "yaxis": value_axis("ms", domain=[0.36, 1]),
        "yaxis2": value_axis("missed/s", domain=[0, 0.26], nticks=3),
        "hoversubplots": "axis",
    }


def _lines(side: Side, channel: ChannelSeconds, sides: Sequence[Side]) -> list[dict[str, Any]]:
    width = width_of(sides)
    course = stretches(channel.took, side.length, NEEDED, width)
    lines = [course_line(course, side, sides, *one) for one in _LINES]
    if channel.to_last is not None and channel.to_last.durations:
        last = stretches(channel.to_last, side.length, NEEDED, width)
        lines.append(course_line(last, side, sides, *_LAST))
    return [one for one in lines if any(y is not None for y in one["y"])]  # else just a legend


def _missed(side: Side, channel: ChannelSeconds, sides: Sequence[Side]) -> dict[str, Any]:
    width = width_of(sides)
    style = {"dash": side.dash(sides)}
    return regular_line(
        side.trace_name("missed", sides), width, means(channel.took.failed, width), "c-failed",
        "missed/s", line=style, yaxis="y2",
    )  # fmt: skip


def _words(side: Side, channel: ChannelSeconds, sides: Sequence[Side]) -> str:
    took = channel.took
    words = course_words(stretches(took, side.length, NEEDED, width_of(sides)))
    missed, expected = int(took.failed.sum()), int(took.requests.sum())
    of = f"{format_count(expected)} that were expected came"
    if expected:
        late = f" {format_count(missed)} of {of} late or not at all."
        words += late if missed else f" All {of} in time."
    return words if len(sides) == 1 else f"{side.label}: {words}"
