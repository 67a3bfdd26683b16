"""Goodput over time, beside what was to be expected of the load, and 95 % of that. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wedload.report.fault_words import of_expected, recovered_words
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
from wedload.units import WITHHELD
from wedload.verdict.goodput import RECOVERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.results.faults_model import Fault


def goodput(sides: Sequence[Side]) -> Figure:
    """A line for each run; of the last one also what was to be expected."""
    length, width = length_of(sides), width_of(sides)
    data: list[dict[str, Any]] = []
    said: list[str] = []
    for side in sides:
        if side.goodput is None:
            continue
        style = {"dash": side.dash(sides)}
        name = side.trace_name("goodput", sides)
        good = means(side.goodput.good, width)
        data.append(regular_line(name, width, good, "c-good", "it/s", line=style))
        words = " ".join(_words(one) for one in side.faults)
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    last = sides[-1]
    several = last.goodput is not None and len(last.goodput.expected) > 1
    for fault, expected in () if last.goodput is None else last.goodput.expected:
        after = f" ({fault})" if several else ""
        for what, share, dash in (("expected", 1.0, "dash"), ("95 % of it", RECOVERED, "dot")):
            name = last.trace_name(f"{what}{after}", sides)
            levels = _levels(expected * share, width)
            thin: dict[str, Any] = {"width": 1.25, "dash": dash}
            data.append(regular_line(name, width, levels, "c-vus", "it/s", line=thin))
    layout = base_layout(280) | {"xaxis": time_axis(length), "yaxis": value_axis("it/s")}
    shade(layout, last.bands)
    return Figure(data, layout, " ".join(said) or "Nothing is known of goodput.", last.bands)


def _levels(expected: NDArray[np.float64], width_s: int) -> list[float | None]:
    """Means of bins; None where a second of one is not known."""
    bins = (expected[at : at + width_s].mean() for at in range(0, expected.size, width_s))
    return [None if np.isnan(one) else round(float(one), 2) for one in bins]


def _words(one: Fault) -> str:
    found = one.goodput
    if found.during.ratio is None:
        return f"“{one.name}”: too little load to say."
    recovered = recovered_words(one)
    back = {
        "never": "it did not come back",
        "at once": "it was back at once",
        WITHHELD: "nobody can say whether the platform recovered",
    }.get(recovered, f"it was back after {recovered}")
    return (
        f"“{one.name}”: goodput was {of_expected(found.during.ratio)} of what was to be expected "
        f"during the fault and {of_expected(found.after.ratio)} after it; {back}."
    )
