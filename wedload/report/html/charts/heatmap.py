"""Where the samples lie: seconds by duration, the darker the more samples. Pure.

Shows what percentiles hide: several modes, stalls, time-outs. Rows are spaced by a constant
factor, as durations spread over decades; so are colours, as counts do, too.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wedload.metrics.histogram import bucket_edges
from wedload.report.html.charts.bands import shade
from wedload.report.html.charts.figure import (
    DIGITS,
    Figure,
    Side,
    base_layout,
    ms,
    time_axis,
    value_axis,
)
from wedload.report.html.seconds import bins_of, narrowest_s
from wedload.report.html.wording import lasting
from wedload.units import NS_PER_MS, format_clock, format_count, format_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wedload.metrics.histogram import Histogram

_ROWS_PER_DECADE: Final = 12
_COLOURS: Final = 6  # --heat-0 … of style.css


def heatmap(side: Side, step: str | None) -> Figure:
    """Counts of samples by moment and duration, of one run."""
    length = side.length
    found = side.seconds.of(step)
    # a cell must be wider than a point of a line to be seen
    width = narrowest_s(length, side.seconds.most_bins // 2)
    bins = {} if found is None else bins_of(found, width)
    layout = base_layout(320) | {
        "xaxis": time_axis(length),
        "yaxis": value_axis("ms", type="log", dtick="D2", gridcolor="rgba(0,0,0,0)", nticks=0),
        "hovermode": "closest",
        "showlegend": False,
    }
    layout["margin"] = layout["margin"] | {"b": 32}
    shade(layout, side.bands)
    if found is None or not bins:
        return Figure([], layout, "No sample.", side.bands)
    edges, counts = _counts(bins, -(-length // width))
    most = int(counts.max())
    data = [
        {
            "type": "heatmap",
            "x": [ms(place * width) for place in range(counts.shape[1] + 1)],
            "y": [float(f"{edge:.4g}") for edge in edges],
            "z": counts.tolist(),
            "zmin": 0,
            "zmax": most,
            "colorscale": _scale(most),
            "showscale": False,
            "hovertemplate": f"%{{x|%H:%M:%S}}, about %{{y:{DIGITS}}} ms: "
            f"<b>%{{z:,}}</b> {found.noun}<extra></extra>",
        }
    ]
    return Figure(data, layout, _words(counts, edges, width, found.noun), side.bands)


def _counts(bins: Mapping[int, Histogram], columns: int) -> tuple[list[float], NDArray[np.int64]]:
    """Edges of the rows, ms, and counts: (rows, columns)."""
    middles = {place: _middles_ms(one) for place, one in bins.items()}
    lowest = min(float(one[0]) for one in middles.values())
    highest = max(float(one[-1]) for one in middles.values())
    first = math.floor(math.log10(lowest) * _ROWS_PER_DECADE)
    last = math.floor(math.log10(highest) * _ROWS_PER_DECADE)
    counts = np.zeros((last - first + 1, columns), np.int64)
    for place, histogram in bins.items():
        rows = np.floor(np.log10(middles[place]) * _ROWS_PER_DECADE).astype(np.int64) - first
        np.add.at(counts[:, place], rows, histogram.counts)
    edges = [10 ** (row / _ROWS_PER_DECADE) for row in range(first, last + 2)]
    return edges, counts


def _middles_ms(histogram: Histogram) -> NDArray[np.float64]:
    low, high = bucket_edges(histogram.indices)
    return np.maximum((low + high) / 2, 1.0) / NS_PER_MS


def _scale(most: int) -> list[list[Any]]:
    """Colours from one sample on, each step of them as many times more; nothing has none."""
    least = 0.5 / most
    scale: list[list[Any]] = [[0, "rgba(0,0,0,0)"], [least, "rgba(0,0,0,0)"]]
    for place in range(_COLOURS):
        position = least * (1 / least) ** (place / (_COLOURS - 1))
        scale.append([min(position, 1.0), f"var(--heat-{place})"])
    scale[-1][0] = 1
    return scale


def _words(counts: NDArray[np.int64], edges: list[float], width_s: int, what: str) -> str:
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    shown = format_count(int(counts[row, column]))
    return (
        f"Durations from {format_ms(edges[0])} to {format_ms(edges[-1])}; most {what}, "
        f"{shown} in {lasting(width_s)}, took {format_ms(edges[row])} to "
        f"{format_ms(edges[row + 1])} at {format_clock(float(column) * width_s)}. The stronger "
        f"the colour, the more {what}."
    )
