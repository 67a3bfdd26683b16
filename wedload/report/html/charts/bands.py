"""Stretches of a run that charts shade and name: stages of the schedule. Pure.

Faults will be bands of their own kind; this is the one place where bands become shapes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from wedload.report.html.charts.figure import ms, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.model import Result, Stage

_COLOURS: Final = {"stage": ("var(--band-a)", "var(--band-b)"), "fault": ("var(--band-fault)",) * 2}


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time with a name."""

    label: str
    begin_s: float
    end_s: float
    kind: Literal["stage", "fault"] = "stage"


def bands_of(result: Result) -> tuple[Band, ...]:
    """The stages of the scenario that has the most of them with names, as far as the run came."""
    by_scenario: defaultdict[str, list[Stage]] = defaultdict(list)
    for stage in result.stages:
        if stage.stage is not None and stage.end_s > stage.begin_s:
            by_scenario[stage.scenario].append(stage)
    if not by_scenario:
        return ()
    chosen = max(by_scenario.values(), key=len)
    reached = (max(result.series.second, default=-1) + 1) or result.run.planned_s
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
            "yanchor": "bottom",
            "showarrow": False,
            "font": {"size": 11, "color": "var(--muted)"},
        }
        for band in bands
    ]
