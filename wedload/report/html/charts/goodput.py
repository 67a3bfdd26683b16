"""Goodput over time, beside what was to be expected of it, and 95 % of that. Pure.

What is expected is one level for each stretch: before a fault, during, and after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.report.fault_words import of_expected, recovered_words
from wedload.report.html.charts.bands import shade
from wedload.report.html.charts.figure import (
    Figure,
    Side,
    base_layout,
    line,
    ms,
    regular_line,
    time_axis,
    value_axis,
)
from wedload.report.html.charts.load import length_of, means, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.faults_model import Fault

#: share of what was to be expected at which a platform counts as recovered
RECOVERED: Final = 0.95


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
    for fault, stretches in () if last.goodput is None else last.goodput.expected:
        after = f" ({fault})" if several else ""
        data += [
            _level(last.trace_name(f"expected{after}", sides), stretches, 1.0, "dash"),
            _level(last.trace_name(f"95 % of it{after}", sides), stretches, RECOVERED, "dot"),
        ]
    layout = base_layout(280) | {"xaxis": time_axis(length), "yaxis": value_axis("it/s")}
    shade(layout, last.bands)
    return Figure(data, layout, " ".join(said) or "Nothing is known of goodput.", last.bands)


def _level(
    name: str, stretches: Sequence[tuple[float, float, float]], share: float, dash: str
) -> dict[str, Any]:
    x = [ms(at) for begin, end, _ in stretches for at in (begin, end)]
    y = [round(per_s * share, 2) for *_, per_s in stretches for _ in range(2)]
    return line(name, x, y, "c-vus", "it/s", line={"width": 1.25, "dash": dash})


def _words(one: Fault) -> str:
    found = one.goodput
    recovered = recovered_words(one)
    back = {
        "never": "it did not come back",
        "at once": "it was back at once",
        "–": "too little load after it to say more",
    }.get(recovered, f"it was back after {recovered}")
    return (
        f"“{one.name}”: goodput was {of_expected(found.during.ratio)} of what was to be expected "
        f"during the fault and {of_expected(found.after.ratio)} after it; {back}."
    )
