"""Which share of what was expected of a channel was there how soon, and what rows demand. Pure.

The share is of all that was expected, so a line that ends early tells of what never came. Its axis
stretches as the rest gets smaller, as that of the percentile curve does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.report.html.charts.curve import DECADES, percentile_name, quantiles
from wedload.report.html.charts.figure import (
    DIGITS,
    Figure,
    Side,
    base_layout,
    line,
    short_ms,
    text,
    value_axis,
)
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import format_count, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.channel_seconds import ChannelSeconds, Mark

_TICKS: Final = {
    1: "0 %", 2: "50 %", 10: "90 %", 100: "99 %", 1000: "99.9 %", 10_000: "99.99 %",
}  # fmt: skip
_TOLD: Final = (0.5, 0.95, 0.99, 0.999)
_COLOURS: Final = 8  # --s1 … of style.css, for rows
_DASHES: Final = ("dash", "dashdot", "longdash")


def arrivals(sides: Sequence[Side], name: str) -> Figure:
    """A line for each run, and the rows of the last one that say something of it."""
    data: list[dict[str, Any]] = []
    said = []
    marks: tuple[Mark, ...] = ()
    for side in sides:
        channel = side.channel(name)
        if channel is None:
            continue
        data.append(_line(side, channel, sides))
        marks = channel.marks
        words = _words(channel)
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    ends = [one for trace in data for one in trace["x"]]
    ends += [mark.ms for mark in marks if mark.ms is not None]
    data += [_mark(place, mark, min(ends), max(ends)) for place, mark in enumerate(marks) if ends]
    said += [_demand(mark) for mark in marks]
    layout = base_layout(320) | {
        "xaxis": value_axis("ms", type="log", dtick="D2", nticks=0),
        "yaxis": {
            "type": "log",
            "range": [0, DECADES + 0.02],
            "tickvals": list(_TICKS),
            "ticktext": list(_TICKS.values()),
            "gridcolor": "var(--grid)",
            "zeroline": False,
            "fixedrange": True,
        },
        "hovermode": "closest",
    }
    layout["margin"] = layout["margin"] | {"t": 12, "b": 80}
    return Figure(data, layout, " ".join(said) or "Nothing was expected.")


def _all(channel: ChannelSeconds) -> int:
    """What the shares are of; what had time left when the run ended may have come, too."""
    return max(channel.expected, channel.took.whole.count)


def _within_ms(channel: ChannelSeconds, share: float) -> float | None:
    """When so large a share of what was expected was there; None: never, or nobody can say."""
    whole, of = channel.took.whole, _all(channel)
    if not whole.count or of < samples_for_quantile(share) or share * of > whole.count:
        return None
    return short_ms(whole.quantile_ns(share * of / whole.count))


def _line(side: Side, channel: ChannelSeconds, sides: Sequence[Side]) -> dict[str, Any]:
    known = [(q, ms) for q in quantiles() if (ms := _within_ms(channel, q)) is not None]
    style = {"width": 2.5, "dash": side.dash(sides)}
    made = line(
        side.trace_name("there", sides), [ms for _, ms in known],
        [round(1 / (1 - q), 4) for q, _ in known], "fg", "", line=style,
    )  # fmt: skip
    words = [f"{percentile_name(q).removeprefix('p')} %" for q, _ in known]
    return made | {"text": words, "hovertemplate": f"%{{text}} within %{{x:{DIGITS}}} ms"}


def _mark(place: int, mark: Mark, lowest: float, highest: float) -> dict[str, Any]:
    """Lines to the point that a row demands: so much by then."""
    top = 10.0**DECADES if mark.share is None else min(1 / max(1 - mark.share, 1e-9), 10.0**DECADES)
    if mark.ms is None:
        x, y = [lowest, highest], [top, top]
    elif mark.share is None:
        x, y = [mark.ms, mark.ms], [1, top]
    else:
        x, y = [lowest, mark.ms, mark.ms], [top, top, 1]
    style = {"width": 1.5, "dash": _DASHES[place // _COLOURS % len(_DASHES)]}
    colour = f"s{place % _COLOURS + 1}"
    name = text(f"{mark.name}: {mark.require}")
    return line(name, x, y, colour, "", line=style) | {"hovertemplate": "%{fullData.name}"}


def _words(channel: ChannelSeconds) -> str:
    of = _all(channel)
    if not of:
        return "Nothing was expected."
    known = [
        f"{format_ratio(share)} within {format_ms(ms)}"
        for share in _TOLD
        if (ms := _within_ms(channel, share)) is not None
    ]
    words = f"Of {format_count(of)} that were expected, "
    words += f"{', '.join(known)}." if known else "too few came to say how soon."
    return (
        f"{words} {format_count(channel.lost)} never came."
        if channel.lost
        else f"{words} All came."
    )


def _demand(mark: Mark) -> str:
    return f"Demanded by “{mark.name}”: {mark.require}."
