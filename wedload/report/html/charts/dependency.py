"""A third party over time: its requests, what failed of them, how long answers took. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from wedload.units import format_count, format_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.seconds import StepSeconds


def dependency(sides: Sequence[Side], name: str) -> Figure:
    """Requests and failures per second above, p95 below."""
    width = width_of(sides)
    data: list[dict[str, Any]] = []
    said = []
    for side in sides:
        found = side.dependency(name)
        if found is None:
            continue
        style = {"dash": side.dash(sides)}
        for what, counts, colour in (
            ("requests", found.requests, "c-requests"),
            ("failed", found.failed, "c-failed"),
        ):
            label = side.trace_name(what, sides)
            values = means(counts, width)
            data.append(regular_line(label, width, values, colour, f"{what}/s", line=style))
        course = stretches(found, side.length, NEEDED, width)
        took = course_line(course, side, sides, "p95", 0.95, "c-p95", 2.0)
        data += [took | {"yaxis": "y2"}] if any(y is not None for y in took["y"]) else []
        words = f"{_words(found)} {course_words(course)}"
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    layout = base_layout(320) | {
        "xaxis": time_axis(length_of(sides)) | {"anchor": "y2"},
        "yaxis": value_axis("requests/s", domain=[0.5, 1]),
        "yaxis2": value_axis("p95, ms", domain=[0, 0.4], nticks=4),
        "hoversubplots": "axis",
    }
    bands = sides[-1].bands if sides else ()
    shade(layout, bands)
    return Figure(data, layout, " ".join(said) or "Nothing was asked of it.", bands)


def _words(found: StepSeconds) -> str:
    total, failed = int(found.requests.sum()), int(found.failed.sum())
    if not total:
        return "No request came."
    words = f"{format_count(total)} requests came;"
    return f"{words} {format_ratio(failed / total)} failed." if failed else f"{words} none failed."
