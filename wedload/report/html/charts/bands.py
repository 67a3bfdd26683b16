"""Stretches of a run that charts shade and name: stages of the schedule, and faults. Pure.

This is the one place where bands become shapes. Names of stages stand above a chart, those of
faults within it, and what is in force at the same time one below the other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from wedload.report.html.charts.figure import ms, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.model import Result, Stage

_COLOURS: Final = {"stage": ("var(--band-a)", "var(--band-b)"), "fault": ("var(--band-fault)",) * 2}

_ROW_PX: Final = 14  # of names, one below the other


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time with a name."""

    label: str
    begin_s: float
    end_s: float
    kind: Literal["stage", "fault"] = "stage"
    row: int = 0  # of its name, among those of its kind


def bands_of(result: Result) -> tuple[Band, ...]:
    """Stages, of the scenario that has the most with names, and faults, as far as the run came."""
    reached = (max(result.series.second, default=-1) + 1) or result.run.planned_s
    return (*_stages(result, reached), *_faults(result, reached))


def _faults(result: Result, reached: float) -> Iterator[Band]:
    ends: list[float] = []  # of the last band in each row of names
    for one in sorted(result.faults, key=lambda fault: fault.begin_s):
        if one.begin_s >= reached:
            continue
        row = next((at for at, end in enumerate(ends) if end <= one.begin_s), len(ends))
        ends[row : row + 1] = [one.end_s]
        yield Band(one.name, one.begin_s, min(one.end_s, reached), "fault", row)


def _stages(result: Result, reached: float) -> tuple[Band, ...]:
    by_scenario: defaultdict[str, list[Stage]] = defaultdict(list)
    for stage in result.stages:
        if stage.stage is not None and stage.end_s > stage.begin_s:
            by_scenario[stage.scenario].append(stage)
    if not by_scenario:
        return ()
    chosen = max(by_scenario.values(), key=len)
    return tuple(
        Band(str(one.stage), one.begin_s, min(one.end_s, reached))
        for one in chosen
        if one.begin_s < reached
    )


def shade(layout: dict[str, Any], bands: Sequence[Band]) -> None:
    """Put bands behind a chart over time, their names above; the page's script shortens those."""
    layout["shapes"] = [
        {
            "type": "rect",
            "layer": "below",
            "xref": "x",
            "yref": "paper",
            "x0": ms(band.begin_s),
            "x1": ms(band.end_s),
            "y0": 0,
            "y1": 1,
            "line": {"width": 0},
            "fillcolor": _COLOURS[band.kind][place % 2],
        }
        for place, band in enumerate(bands)
    ]
    layout["annotations"] = [
        {
            "text": text(band.label),
            "hovertext": text(band.label),
            "xref": "x",
            "yref": "paper",
            "x": ms(band.begin_s),
            "y": 1,
            "xanchor": "left",
            "showarrow": False,
            **_name(band),
        }
        for band in bands
    ]


def _name(band: Band) -> dict[str, Any]:
    """Where a band's name stands, and in which colour."""
    if band.kind == "stage":
        return {"yanchor": "bottom", "font": {"size": 11, "color": "var(--muted)"}}
    return {
        "yanchor": "top",
        "yshift": -_ROW_PX * band.row,
        "bgcolor": "var(--label)",  # lines go on below it
        "font": {"size": 11, "color": "var(--bad)"},
    }
