"""The percentile curve, as HdrHistogram draws it: the axis stretches as the tail gets rarer. Pure.

A percentile is drawn only if there are samples enough for it. Source: HdrHistogram's percentile
plots (G. Tene), where x is 1 / (1 - q).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from wedload.report.html.charts.figure import DIGITS, Figure, Side, base_layout, line, value_axis
from wedload.report.html.charts.load import noun_of
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS, format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.seconds import StepSeconds

_PER_DECADE: Final = 24
DECADES: Final = 4  # to p99.99
_TICKS: Final = {2: "50 %", 10: "90 %", 100: "99 %", 1000: "99.9 %", 10_000: "99.99 %"}
_MOST_LINES: Final = 12  # of steps; more are a tangle, and each can be selected
_NAMED: Final = 3  # lines that end early, before only the first of all is named
_STEP_COLOURS: Final = 8  # --s1 … of style.css
_DASHES: Final = ("solid", "dash", "dashdot", "longdash")


def quantiles() -> list[float]:
    """Those that are drawn, and p95 among them; ascending."""
    spaced = {1 - 10 ** (-place / _PER_DECADE) for place in range(1, DECADES * _PER_DECADE + 1)}
    return sorted({round(q, 8) for q in spaced} | {0.5, 0.95})


def curve(sides: Sequence[Side], step: str | None) -> Figure:
    """Of every step, or of one."""
    data: list[dict[str, Any]] = []
    ends: list[tuple[int, str, str]] = []
    for side in sides:
        for place, one in _chosen(side, step, several=len(sides) > 1):
            x, y, words = _points(one)
            name = side.trace_name(one.label, sides)
            trace = line(name, x, y, _colour(place), "ms", line=_style(place, side, sides))
            data.append(trace | {"text": words, "hovertemplate": f"%{{text}}: %{{y:{DIGITS}}} ms"})
            if one.whole.count < samples_for_quantile(1 - 10**-DECADES):
                where = one.label if len(sides) == 1 else f"{one.label}, {side.label},"
                ends.append((one.whole.count, where, words[-1] if words else ""))
    layout = base_layout(380) | {
        "xaxis": {
            "type": "log",
            "range": [0, DECADES + 0.02],
            "tickvals": list(_TICKS),
            "ticktext": list(_TICKS.values()),
            "tickangle": 0,
            "gridcolor": "var(--grid)",
            "zeroline": False,
            "fixedrange": True,
        },
        "yaxis": value_axis("ms", type="log", dtick="D2", nticks=0, fixedrange=True),
        "hovermode": "closest",
    }
    layout["margin"] = layout["margin"] | {"t": 12, "r": 28}
    said = _words(len(data), ends, noun_of(sides, step))
    missing = len(sides[-1].seconds.steps) - _MOST_LINES if step is None and len(sides) == 1 else 0
    if missing > 0:
        said += f" {missing} more steps, with fewer samples, are drawn where they are selected."
    return Figure(data, layout, said)


def _chosen(side: Side, step: str | None, *, several: bool) -> list[tuple[int, StepSeconds]]:
    """Lines to draw, with numbers for their colours: 0 for all together.

    Of many steps those with the most samples; of several runs no step at all.
    """
    steps = list(enumerate(side.seconds.steps, start=1))
    if step is not None:
        return [(place, one) for place, one in steps if one.label == step]
    if several:
        return [(0, side.seconds.everything)]
    if len(steps) == 1:
        return steps
    busiest = sorted(steps, key=lambda item: -item[1].whole.count)[:_MOST_LINES]
    return [(0, side.seconds.everything), *sorted(busiest, key=lambda item: item[0])]


def _points(one: StepSeconds) -> tuple[list[float], list[Any], list[str]]:
    x, y, words = [], [], []
    for q in quantiles():
        if one.whole.count and one.whole.count >= samples_for_quantile(q):
            x.append(round(1 / (1 - q), 4))
            y.append(float(f"{one.whole.quantile_ns(q) / NS_PER_MS:.4g}"))
            words.append(percentile_name(q))
    return x, y, words


def percentile_name(q: float) -> str:
    """`p50`, `p98.2`, `p99.97`, `p99.962`: rounded down, as a tail may not be overstated."""
    digits = 1 if q < 0.99 else 2 if q < 0.999 else 3
    scale = 10**digits
    return "p" + f"{math.floor(q * 100 * scale + 1e-6) / scale:.{digits}f}".rstrip("0").rstrip(".")


def _colour(place: int) -> str:
    return f"s{(place - 1) % _STEP_COLOURS + 1}" if place else "fg"


def _style(place: int, side: Side, sides: Sequence[Side]) -> dict[str, Any]:
    width = 1.75 if place else 2.5
    if len(sides) > 1:
        return {"width": width, "dash": side.dash(sides)}
    rounds = max(place - 1, 0) // _STEP_COLOURS  # colours are used again, dashed
    return {"width": width, "dash": _DASHES[rounds % len(_DASHES)]}


def _words(lines: int, ends: Sequence[tuple[int, str, str]], what: str) -> str:
    """`ends`: samples, name and last percentile of the lines that do not reach p99.99."""
    if len(ends) == lines and not any(last for *_, last in ends):
        return "No line has the samples that a percentile needs."
    words = (
        f"How long the given share of {what} took at most. A percentile is drawn only where there "
        f"are samples enough for it: {_needed(0.99)} for p99, {_needed(0.999)} for p99.9, "
        f"{_needed(0.9999)} for p99.99."
    )
    if not ends:
        return words
    if len(ends) <= _NAMED:
        return f"{words} {'; '.join(_end(*one) for one in ends)}."
    return f"{words} {len(ends)} of {lines} lines end before; first of all {_end(*min(ends))}."


def _needed(q: float) -> str:
    return format_count(samples_for_quantile(q))


def _end(samples: int, name: str, last: str) -> str:
    if not last:
        return f"{name} has too few samples to be drawn ({format_count(samples)})"
    return f"{name} ends at {last} ({format_count(samples)} samples)"
