"""The charts of a page: which there are, of one run or of several beside each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wedload.report.html.channel_seconds import channels_of
from wedload.report.html.charts.arrivals import arrivals
from wedload.report.html.charts.bands import bands_of
from wedload.report.html.charts.curve import curve
from wedload.report.html.charts.dependency import dependency
from wedload.report.html.charts.figure import Side
from wedload.report.html.charts.goodput import goodput
from wedload.report.html.charts.heatmap import heatmap
from wedload.report.html.charts.latency_split import latency_split
from wedload.report.html.charts.load import throughput, virtual_users
from wedload.report.html.charts.percentiles import percentiles
from wedload.report.html.charts.propagation import propagation
from wedload.report.html.charts.resource import drawn_of, resource
from wedload.report.html.charts.scalability import scalability
from wedload.report.html.dependency_seconds import dependencies_of
from wedload.report.html.goodput_seconds import goodput_of
from wedload.report.html.resource_seconds import levels_of
from wedload.report.html.seconds import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.report.html.charts.figure import Figure
    from wedload.results.model import Result


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the page, drawn for all steps and then, where that differs, for each step."""

    id: str
    title: str
    figures: tuple[Figure, ...]


def side_of(label: str, result: Result) -> Side:
    """A run as charts take it.

    Raises:
        ValueError: a histogram of the result cannot be decoded.
    """
    return Side(
        label,
        seconds_of(result),
        bands_of(result),
        channels_of(result),
        dependencies_of(result),
        tuple(result.faults),
        goodput_of(result),
        levels_of(result),
        result.analysis,
    )


def step_charts(sides: Sequence[Side]) -> list[Chart]:
    """All of a page; none if there is nothing to draw. A heat map is of one run only."""
    if not any(side.seconds.length for side in sides):
        return []
    draw = partial(_chart, sides)
    charts = [
        draw("throughput", "Throughput and failures", partial(throughput, sides)),
        Chart("vus", "Virtual users", (virtual_users(sides),)),
        draw("percentiles", "Percentiles over time", partial(percentiles, sides)),
    ]
    if len(sides) == 1:
        charts.append(draw("heatmap", "Durations over time", partial(heatmap, sides[0])))
    return [*charts, draw("curve", "Percentile curve", partial(curve, sides))]


def channel_charts(sides: Sequence[Side]) -> list[Chart]:
    """Two of each channel that any run has; they do not change with the step that is selected."""
    names = dict.fromkeys(one.name for side in sides for one in side.channels)
    charts = []
    for place, name in enumerate(names if any(side.seconds.length for side in sides) else ()):
        charts += [
            Chart(f"propagation-{place}", f"{name}: percentiles over time",
                  (propagation(sides, name),)),
            Chart(f"arrivals-{place}", f"{name}: how soon how much was there",
                  (arrivals(sides, name),)),
        ]  # fmt: skip
    return charts


def analysis_charts(sides: Sequence[Side]) -> list[Chart]:
    """Of the last run alone: whose time, and how the rate follows the load."""
    found = sides[-1].analysis
    if found is None or not found.levels:
        return []
    charts = []
    if any(one.services for one in found.levels):
        charts.append(Chart("split", "Whose time, by level of load", (latency_split(found),)))
    if len(found.levels) > 1 and found.levels[-1].in_flight > 0:
        charts.append(Chart("scalability", "Rate by requests in flight", (scalability(found),)))
    return charts


def fault_charts(sides: Sequence[Side]) -> list[Chart]:
    """Goodput, if any run has faults to hold it against."""
    if not any(side.length and side.goodput is not None for side in sides):
        return []
    return [Chart("goodput", "Goodput over time", (goodput(sides),))]


def third_party_charts(sides: Sequence[Side]) -> list[Chart]:
    """One of each third party that any run has."""
    names = dict.fromkeys(one.label for side in sides for one in side.dependencies)
    return [
        Chart(f"dependency-{place}", f"{name}: requests and durations", (dependency(sides, name),))
        for place, name in enumerate(names if any(side.length for side in sides) else ())
    ]


def resource_charts(sides: Sequence[Side]) -> list[Chart]:
    """Of each quantity that any resource has, and of what one alone has."""
    if not any(side.length for side in sides):
        return []
    return [Chart(one.id, one.title, (resource(sides, one),)) for one in drawn_of(sides)]


def _chart(
    sides: Sequence[Side], id_: str, title: str, draw: Callable[[str | None], Figure]
) -> Chart:
    return Chart(id_, title, tuple(draw(one) for one in (None, *labels_of(sides))))


def labels_of(sides: Sequence[Side]) -> list[str]:
    """Steps that one may select: of all runs, none if there is just one."""
    labels = list(dict.fromkeys(one.label for side in sides for one in side.seconds.steps))
    return labels if len(labels) > 1 else []
