"""How much there was: requests or other steps, and failures per second, virtual users. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

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
from wedload.report.html.seconds import narrowest_s
from wedload.results.nouns import together
from wedload.units import format_clock, format_count, format_per_s, format_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.report.html.seconds import StepSeconds


def noun_of(sides: Sequence[Side], step: str | None) -> str:
    """What a chart of a step, or of all, counts."""
    return together(found.noun for side in sides if (found := side.seconds.of(step)) is not None)


def length_of(sides: Sequence[Side]) -> int:
    """Seconds of the longest run."""
    return max((side.length for side in sides), default=0)


def width_of(sides: Sequence[Side]) -> int:
    """Seconds that a point of a chart over time covers at least."""
    return narrowest_s(length_of(sides), min((one.seconds.most_bins for one in sides), default=1))


def means(values: NDArray[np.int64], width_s: int) -> list[float]:
    """Means of bins; the last bin may be shorter."""
    starts = np.arange(0, values.size, width_s)
    if not starts.size:
        return []
    lengths = np.minimum(values.size - starts, width_s)
    return [_short(mean) for mean in (np.add.reduceat(values, starts) / lengths).tolist()]


def _short(mean: float) -> float:
    return int(mean) if mean.is_integer() else round(mean, 2)


def throughput(sides: Sequence[Side], step: str | None) -> Figure:
    """What steps did per second above, what failed below, as that is usually little."""
    length = length_of(sides)
    width = width_of(sides)
    data: list[dict[str, Any]] = []
    what = noun_of(sides, step)
    for side in sides:
        found = side.seconds.of(step)
        if found is None:
            continue
        style = {"dash": side.dash(sides)}
        requests, failed = means(found.requests, width), means(found.failed, width)
        name = side.trace_name(what, sides)
        data.append(regular_line(name, width, requests, "c-requests", f"{what}/s", line=style))
        name = side.trace_name("failed", sides)
        data.append(
            regular_line(name, width, failed, "c-failed", "failed/s", line=style, yaxis="y2")
        )
    most = max((value for one in data if one.get("yaxis") for value in one["y"]), default=0)
    layout = base_layout(300) | {
        "xaxis": time_axis(length) | {"anchor": "y2"},
        "yaxis": value_axis(f"{what}/s", domain=[0.36, 1]),
        "yaxis2": value_axis(
            "failed/s",
            domain=[0, 0.26],
            nticks=3,
            **({} if most else {"range": [0, 1], "dtick": 1}),
        ),
        "hoversubplots": "axis",
    }
    bands = sides[-1].bands if sides else ()
    shade(layout, bands)
    return Figure(data, layout, _throughput_words(sides, step), bands)


def _throughput_words(sides: Sequence[Side], step: str | None) -> str:
    said = []
    for side in sides:
        found = side.seconds.of(step)
        words = _nothing(sides, step) if found is None else _course(found)
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    return " ".join(said)


def _nothing(sides: Sequence[Side], step: str | None) -> str:
    return f"No {_one(noun_of(sides, step))}."


def _one(nouns: str) -> str:
    """The singular: `request`, `publish`."""
    return nouns.removesuffix("es" if nouns.endswith("shes") else "s")


def _course(found: StepSeconds) -> str:
    total, failed = int(found.requests.sum()), int(found.failed.sum())
    if not total:
        return f"No {_one(found.noun)}."
    highest = int(found.requests.argmax())
    average = format_per_s(total / found.requests.size)
    words = (
        f"{format_count(total)} {found.noun}, on average {average}, "
        f"at most {format_count(int(found.requests[highest]))}/s at {format_clock(highest)}."
    )
    if not failed:
        return f"{words} None failed."
    worst = int(found.failed.argmax())
    return (
        f"{words} {format_count(failed)} failed ({format_ratio(failed / total)}), at most "
        f"{format_count(int(found.failed[worst]))}/s at {format_clock(worst)}."
    )


def virtual_users(sides: Sequence[Side]) -> Figure:
    """Active virtual users."""
    length = length_of(sides)
    width = width_of(sides)
    data, said = [], []
    for side in sides:
        vus = side.seconds.vus
        x = [ms(at) for at in range(0, vus.size, width)]
        y = [None if v < 0 else v for v in vus[::width].tolist()]
        if y:  # the last second lasts, too
            x, y = [*x, ms(vus.size)], [*y, y[-1]]
        style = {"dash": side.dash(sides), "shape": "hv"}
        data.append(line(side.trace_name("virtual users", sides), x, y, "c-vus", "VUs", line=style))
        if vus.size and vus.max() >= 0:
            most = int(vus.argmax())
            users = format_count(int(vus[most]))
            words = f"At most {users} virtual users, first at {format_clock(most)}."
        else:
            words = "No virtual user."
        said.append(words if len(sides) == 1 else f"{side.label}: {words}")
    layout = base_layout(200) | {
        "xaxis": time_axis(length),
        "yaxis": value_axis("VUs", nticks=4),
        "showlegend": len(sides) > 1,
    }
    layout["margin"] = layout["margin"] | ({} if len(sides) > 1 else {"b": 32})
    bands = sides[-1].bands if sides else ()
    shade(layout, bands)
    return Figure(data, layout, " ".join(said), bands)
