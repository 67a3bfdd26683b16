"""What a chart is to the page, and what charts have in common. Pure; knows no metric.

Colours are CSS variables, `var(--name)`: the page's script looks them up when it draws, so light,
dark and print have one palette, that of style.css. Texts are escaped here, as Plotly takes a
subset of HTML. Moments are ms since the load began, plus a day, on an axis of dates, which has good
ticks at every zoom. Source: https://plotly.com/javascript/reference/
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.channel_seconds import ChannelSeconds
    from wedload.report.html.charts.bands import Band
    from wedload.report.html.goodput_seconds import GoodputSeconds
    from wedload.report.html.resource_seconds import LevelSeconds
    from wedload.report.html.seconds import Seconds, StepSeconds
    from wedload.results.analysis_model import Analysis
    from wedload.results.faults_model import Fault

_HOUR_S: Final = 3600
#: midnight; from 0 on, Plotly would take numbers of up to four digits for years
_ORIGIN_MS: Final = 86_400_000
#: shorter durations stand at the lower end of a logarithmic axis, which else had none
LEAST_NS: Final = 1_000
#: three digits, with separators and without zeros at the end
DIGITS: Final = ",.3~r"


@dataclass(frozen=True, slots=True)
class Side:
    """One run in a chart, and what to call it where there are several."""

    label: str
    seconds: Seconds
    bands: tuple[Band, ...] = ()
    channels: tuple[ChannelSeconds, ...] = ()
    dependencies: tuple[StepSeconds, ...] = ()
    faults: tuple[Fault, ...] = ()
    goodput: GoodputSeconds | None = None
    levels: tuple[LevelSeconds, ...] = ()
    analysis: Analysis | None = None

    def dependency(self, name: str) -> StepSeconds | None:
        """One third party's; None where this run has no such one."""
        return next((one for one in self.dependencies if one.label == name), None)

    def channel(self, name: str) -> ChannelSeconds | None:
        """One channel's; None where this run has no such channel."""
        return next((one for one in self.channels if one.name == name), None)

    def trace_name(self, what: str, sides: Sequence[Side]) -> str:
        """What the legend calls a line of this run."""
        return text(what if len(sides) == 1 else f"{what}, {self.label}")

    @property
    def length(self) -> int:
        """Seconds of the run."""
        return self.seconds.length

    def dash(self, sides: Sequence[Side]) -> str:
        """The last run is drawn solid, those that it is compared with dotted."""
        return "solid" if self is sides[-1] else "dot"


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: traces and layout for Plotly, and what it shows in words."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    summary: str
    bands: tuple[Band, ...] = field(default=())  # in the order of the layout's annotations


def chart_json(figures: Sequence[Figure]) -> dict[str, Any]:
    """Figures of one chart, as the page's script reads them.

    Their layouts and bands are nearly the same: each has only what the first one has not.
    """
    first = figures[0]
    return {
        "layout": first.layout,
        "bands": [{"begin": ms(one.begin_s), "end": ms(one.end_s)} for one in first.bands],
        "figures": [
            {
                "data": one.data,
                "summary": one.summary,
                "layout": {
                    key: value
                    for key, value in one.layout.items()
                    if first.layout.get(key) != value
                },
            }
            for one in figures
        ],
    }


def short_ms(ns: float) -> float:
    """A duration on a logarithmic axis, ms, four digits: of less than 1 µs nothing is known."""
    return float(f"{max(ns, LEAST_NS) / NS_PER_MS:.4g}")


def text(words: str) -> str:
    """A text of the user's, as Plotly shows it unchanged."""
    return html.escape(words, quote=False)


def ms(seconds: float) -> int:
    """A moment on the axis of time."""
    return _ORIGIN_MS + round(seconds * 1000)


def base_layout(height: int) -> dict[str, Any]:
    """A quiet frame: no background, a legend below, one hover label for all lines."""
    return {
        "height": height,
        "margin": {"l": 56, "r": 12, "t": 24, "b": 64},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "var(--muted)"},
        "hovermode": "x unified",
        "hoverlabel": {
            "namelength": -1,
            "bgcolor": "var(--panel)",
            "bordercolor": "var(--line)",
            "font": {"color": "var(--fg)"},
        },
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yref": "container",
            "yanchor": "bottom", "maxheight": 1000, "font": {"color": "var(--fg)"},
        },
        "uirevision": "keep",
        "showlegend": True,
    }  # fmt: skip


def value_axis(unit: str, **more: Any) -> dict[str, Any]:
    """The axis of values, from 0."""
    return {
        "title": {"text": unit, "standoff": 8},
        "rangemode": "tozero",
        "gridcolor": "var(--grid)",
        "zeroline": False,
        "tickformat": DIGITS,
        "nticks": 6,
        "fixedrange": True,
        **more,
    }


def time_axis(length_s: float) -> dict[str, Any]:
    """The axis of time since the load began."""
    form = "%H:%M:%S" if length_s >= _HOUR_S else "%M:%S"
    return {
        "type": "date",
        "range": [ms(0), ms(max(length_s, 1))],
        "tickformat": form,
        "hoverformat": form,
        "gridcolor": "var(--grid)",
        "showgrid": False,
        "zeroline": False,
        "linecolor": "var(--line)",
        "showline": True,
        "ticks": "outside",
        "tickangle": 0,
        "tickcolor": "var(--line)",
        "nticks": 10,
        "spikecolor": "var(--muted)",
        "spikethickness": -2,  # negative: without a halo
        "spikedash": "solid",
    }


def regular_line(
    name: str, width_s: float, y: Sequence[Any], colour: str, unit: str, **more: Any
) -> dict[str, Any]:
    """A line whose points are the middles of stretches of one length, from the start on."""
    trace = line(name, (), y, colour, unit, **more)
    del trace["x"]
    return trace | {"x0": ms(width_s / 2), "dx": round(width_s * 1000)}


def line(
    name: str, x: Sequence[float], y: Sequence[Any], colour: str, unit: str, **more: Any
) -> dict[str, Any]:
    """A line; None in `y` is a gap. `more` may hold `line` and `hovertemplate`, too."""
    style = {"color": f"var(--{colour})", "width": 1.75} | more.pop("line", {})
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": style,
        "connectgaps": False,
        "hovertemplate": f"%{{y:{DIGITS}}} {unit}".rstrip(),
        **more,
    }
