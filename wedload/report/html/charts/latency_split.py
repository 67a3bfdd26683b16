"""Whose time a mean response is, stacked by service, at each level of load. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from wedload.report.html.charts.figure import DIGITS, Figure, base_layout, text, value_axis
from wedload.units import format_ms

if TYPE_CHECKING:
    from wedload.results.analysis_model import Analysis, Level

_MOST: Final = 7  # services with a colour of their own, of 8
_OTHERS: Final = "all others"


def latency_split(found: Analysis) -> Figure:
    """Of levels that have a split, lowest load first; the rate stands in the hover label."""
    levels = [one for one in found.levels if one.services]
    sums = [_by_service(one) for one in levels]
    names = sorted(
        {name for one in sums for name in one}, key=lambda name: -sum(one[name] for one in sums)
    )
    shown, rest = names[:_MOST], names[_MOST:]
    rows = [(name, [one[name] for one in sums]) for name in shown]
    if rest:
        rows.append((_OTHERS, [sum(one[name] for name in rest) for one in sums]))
    ticks = [text(one.name) for one in levels]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": text(name),
            "x": ticks,
            "y": [float(f"{ms:.4g}") for ms in values],
            "marker": {"color": f"var(--s{place})"},
            "hovertemplate": f"%{{y:{DIGITS}}} ms",
        }
        for place, (name, values) in enumerate(rows, start=1)
    ]
    layout = base_layout(340) | {
        "barmode": "stack",
        "xaxis": {"type": "category", "automargin": True, "fixedrange": True, "showgrid": False},
        "yaxis": value_axis("ms"),
    }
    return Figure(data, layout, _words(levels, sums))


def _by_service(level: Level) -> defaultdict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for one in level.services:
        sums[one.service] += one.self_ms
    return sums


def _words(levels: list[Level], sums: list[defaultdict[str, float]]) -> str:
    said = []
    for level, one in ((levels[0], sums[0]), (levels[-1], sums[-1]))[: len(levels)]:
        most = max(one, key=lambda name: one[name])
        said.append(
            f"“{level.name}”: {format_ms(level.mean_ms)} on average, most of it "
            f"{most}, {format_ms(one[most])}."
        )
    return " ".join(said)
