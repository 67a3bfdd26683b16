"""p50 and p95 over time. Pure.

A point covers a second, or as many as it takes to have the samples that a p95 needs; where even a
long stretch has too few, there is a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.report.html.charts.bands import shade
from wedload.report.html.charts.figure import (
    Figure,
    Side,
    base_layout,
    line,
    ms,
    time_axis,
    value_axis,
)
from wedload.report.html.charts.load import length_of, width_of
from wedload.report.html.seconds import stretches
from wedload.report.html.wording import lasting
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS, format_clock, format_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.metrics.histogram import Histogram

_LINES: Final = (("p95", 0.95, "c-p95", 2.0), ("p50", 0.5, "c-p50", 1.5))
_FEW: Final = 60  # points that are marked
NEEDED: Final = samples_for_quantile(0.95)

Stretch = tuple[int, int, "Histogram | None"]  # begin, end, s; None: too few samples


def percentiles(sides: Sequence[Side], step: str | None) -> Figure:
    """The two lines of each run."""
    length = length_of(sides)
    data: list[dict[str, Any]] = []
    said = []
    for side in sides:
        found = side.seconds.of(step)
        if found is None:
            continue
        course = stretches(found, side.length, NEEDED, width_of(sides))
        for name, q, colour, thick in _LINES:
            data.append(course_line(course, side, sides, name, q, colour, thick))
        words = course_words(course)
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    layout = base_layout(300) | {"xaxis": time_axis(length), "yaxis": value_axis("ms")}
    bands = sides[-1].bands if sides else ()
    shade(layout, bands)
    return Figure(data, layout, " ".join(said) or "No sample.", bands)


def course_line(
    course: Sequence[Stretch],
    side: Side,
    sides: Sequence[Side],
    name: str,
    q: float,
    colour: str,
    thick: float,
) -> dict[str, Any]:
    """The line of a quantile over time, of one run."""
    x = [ms((begin + end) / 2) for begin, end, _ in course]
    y = [None if one is None else _ms(one, q) for _, _, one in course]
    style = {"dash": side.dash(sides), "width": thick}
    trace = line(side.trace_name(name, sides), x, y, colour, "ms", line=style)
    if len(x) <= _FEW:  # one between gaps has no line
        trace |= {"mode": "lines+markers", "marker": {"size": 4}}
    return trace


def _ms(histogram: Histogram, q: float) -> float:
    return float(f"{histogram.quantile_ns(q) / NS_PER_MS:.4g}")


def course_words(course: Sequence[Stretch]) -> str:
    """Between what a p95 was, when it was highest, and what a point covers."""
    known = [(_ms(one, 0.95), begin) for begin, _, one in course if one is not None]
    if not known:
        return f"No stretch has the {NEEDED} samples that a p95 needs."
    (lowest, _), (highest, at) = min(known), max(known)
    lengths = [end - begin for begin, end, one in course if one is not None]
    shortest, longest = lasting(min(lengths)), lasting(max(lengths))
    each = shortest if shortest == longest else f"{shortest} to {longest}"
    gaps = " Gaps have too few samples." if any(one is None for *_, one in course[:-1]) else ""
    return (
        f"p95 is between {format_ms(lowest)} and {format_ms(highest)}, the highest at "
        f"{format_clock(at)}. A point covers {each}: at least {NEEDED} samples.{gaps}"
    )
