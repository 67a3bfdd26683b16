"""Resources over time, beside the load: one quantity of several, or several of one. Pure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wedload.report.html.charts.bands import shade
from wedload.report.html.charts.figure import (
    Figure,
    Side,
    base_layout,
    regular_line,
    time_axis,
    value_axis,
)
from wedload.report.html.charts.load import length_of, width_of
from wedload.units import format_clock, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from wedload.report.html.resource_seconds import LevelSeconds

_COLOURS: Final = ("c-requests", "c-p95", "c-p50", "c-last", "c-good", "c-failed", "c-vus")
#: unit -> what the axis shows, and how much of the unit one of it is
_AXES: Final = {
    "ratio": ("%", 0.01), "bytes": ("MB", 1e6), "bytes_per_s": ("MB/s", 1e6), "per_s": ("/s", 1.0),
    "ms": ("ms", 1.0), "count": ("", 1.0), "number": ("", 1.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one chart of resources shows."""

    id: str
    title: str
    lines: tuple[tuple[str, str], ...]  # resource and quantity
    named: str  # what a line is called by: "resource" or "quantity"


#: of each PostgreSQL, one chart
_SESSIONS: Final = ("connections", "active", "waiting", "idle_in_transaction", "lock_waits")
#: of all, one chart each: quantity -> title
_TOGETHER: Final = {
    "cpu": "CPU (100 % is one core)",
    "memory": "Memory",
    "written": "Written to storage",
    "read": "Read from storage",
    "switches": "Context switches",
    "descriptors": "Open descriptors",
}


def drawn_of(sides: Sequence[Side]) -> Iterator[Drawn]:
    """The charts that there are levels for; of nothing but zeros there is none."""
    known = {(one.resource, one.quantity): one.kind for side in sides for one in side.levels}
    used = {
        (one.resource, one.quantity)
        for side in sides
        for one in side.levels
        if np.nansum(np.abs(one.levels)) > 0
    }
    for quantity, title in _TOGETHER.items():
        lines = tuple(key for key in known if key[1] == quantity and key in used)
        if lines:
            yield Drawn(f"resource-{quantity}", title, lines, "resource")
    place = 0
    for (name, quantity), kind in known.items():
        if quantity == "value" or (kind == "postgres" and quantity == "connections"):
            of = ("value",) if quantity == "value" else _SESSIONS
            lines = tuple((name, one) for one in of if (name, one) in known)
            title = name if quantity == "value" else f"{name}: sessions"
            yield Drawn(f"resource-own-{place}", title, lines, "quantity")
            place += 1


def resource(sides: Sequence[Side], drawn: Drawn) -> Figure:
    """Lines of levels by second, or of the means of some."""
    data: list[dict[str, Any]] = []
    said: list[str] = []
    unit = ""
    for side in sides:
        there = {(one.resource, one.quantity): one for one in side.levels}
        for place, key in enumerate(drawn.lines):
            if (found := there.get(key)) is None:
                continue
            unit, colour = found.unit, _COLOURS[place % len(_COLOURS)]
            name = found.resource if drawn.named == "resource" else _words(found.quantity)
            data.append(_line(sides, side, found, name, colour))
            said += _said(sides, side, found, name)
    layout = base_layout(240) | {
        "xaxis": time_axis(length_of(sides)),
        "yaxis": value_axis(_AXES.get(unit, ("", 1.0))[0]),
    }
    bands = sides[-1].bands if sides else ()
    shade(layout, bands)
    return Figure(data, layout, " ".join(said) or "Nothing was sampled.", bands)


def _words(quantity: str) -> str:
    return quantity.replace("_", " ")


def _line(
    sides: Sequence[Side], side: Side, found: LevelSeconds, name: str, colour: str
) -> dict[str, Any]:
    shown, one_of = _AXES.get(found.unit, ("", 1.0))
    width = width_of(sides)
    values = [
        None if np.isnan(mean) else float(f"{mean / one_of:.5g}")
        for mean in _means(found.levels, width).tolist()
    ]
    style = {"dash": side.dash(sides)}
    trace = regular_line(side.trace_name(name, sides), width, values, colour, shown, line=style)
    # one that is sampled every few seconds is a line, too
    return trace | {"connectgaps": True}


def _means(levels: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Means of bins of some seconds; NaN of one without a sample."""
    if not levels.size:
        return levels
    padded = np.full(-(-levels.size // width) * width, np.nan)
    padded[: levels.size] = levels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a bin without a sample
        return np.asarray(np.nanmean(padded.reshape(-1, width), axis=1), np.float64)


def _said(sides: Sequence[Side], side: Side, found: LevelSeconds, name: str) -> Iterator[str]:
    samples = found.levels[~np.isnan(found.levels)]
    if not samples.size:
        return
    at = int(np.nanargmax(found.levels))
    most = format_value(float(found.levels[at]), found.unit)
    average = format_value(float(samples.mean()), found.unit)
    whose = "" if len(sides) == 1 else f"{side.label}, "
    yield f"{whose}{name}: {average} on average, at most {most} at {format_clock(at)}."
