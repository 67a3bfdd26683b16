"""The rate over the requests in flight, with the law that was fitted to it, and the knee. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wedload.analysis.scalability import rate
from wedload.report.html.charts.figure import (
    DIGITS,
    Figure,
    base_layout,
    line,
    text,
    value_axis,
)
from wedload.units import format_number, format_per_s

if TYPE_CHECKING:
    from wedload.results.analysis_model import Analysis

_POINTS: Final = 80  # of the law's line


def scalability(found: Analysis) -> Figure:
    """A point for each level; the law as a line, to twice the highest load if its peak is there."""
    levels = [one for one in found.levels if one.in_flight > 0]
    points = line(
        "levels",
        [_short(one.in_flight) for one in levels],
        [_short(one.rate_per_s) for one in levels],
        "c-requests",
        "/s",
        mode="markers",
        marker={"color": "var(--c-requests)", "size": 8},
        text=[text(one.name) for one in levels],
        hovertemplate=f"%{{text}}: %{{y:{DIGITS}}}/s",
    )
    data: list[dict[str, Any]] = [points]
    law = found.scalability
    if law is not None:
        highest = max(one.in_flight for one in levels)
        reach = max(highest, min(law.peak_n or highest, 2 * highest))
        n = np.linspace(1, reach, _POINTS)
        x = [_short(rate(float(at), law.gamma_per_s, law.alpha, law.beta)) for at in n]
        data.append(
            line("scalability law", [_short(float(at)) for at in n], x, "c-p95", "/s",
                 line={"dash": "dash"})
        )  # fmt: skip
    if found.knee is not None:
        knee = line(
            "knee", [_short(found.knee.in_flight)], [_short(found.knee.rate_per_s)], "c-failed",
            "/s", mode="markers",
            marker={"color": "var(--c-failed)", "size": 12, "symbol": "diamond"},
        )  # fmt: skip
        data.append(knee)
    layout = base_layout(300) | {
        "xaxis": value_axis("requests in flight", showline=True, linecolor="var(--line)"),
        "yaxis": value_axis("per second"),
        "hovermode": "closest",
    }
    layout["margin"] = layout["margin"] | {"b": 84}
    return Figure(data, layout, _words(found))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _words(found: Analysis) -> str:
    low, high = found.levels[0], found.levels[-1]
    ends = (
        f"{format_per_s(low.rate_per_s)} with {format_number(low.in_flight)} requests in flight, "
        f"{format_per_s(high.rate_per_s)} with {format_number(high.in_flight)}."
    )
    said = [ends]
    law = found.scalability
    if law is not None and law.peak_n is not None:
        most, at = format_per_s(law.peak_per_s), format_number(law.peak_n)
        said.append(f"By the law at most {most}, with {at}.")
    if found.knee is not None:
        said.append(f"The knee is at {format_number(found.knee.in_flight)}.")
    return " ".join(said)
