"""The report as one page: parts in their order, in a frame with style, script and data.

Reads its own parts and Plotly's, else pure. The page asks for nothing: a Content-Security-Policy
allows these very scripts, by their hashes, and no request at all. Source: W3C Content Security
Policy Level 3.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from wedload.report.html import channels, facts, tables
from wedload.report.html.channel_seconds import channels_of
from wedload.report.html.charts.arrivals import arrivals
from wedload.report.html.charts.bands import bands_of
from wedload.report.html.charts.curve import curve
from wedload.report.html.charts.figure import Side, chart_json
from wedload.report.html.charts.heatmap import heatmap
from wedload.report.html.charts.load import throughput, virtual_users
from wedload.report.html.charts.percentiles import percentiles
from wedload.report.html.charts.propagation import propagation
from wedload.report.html.header import VERDICTS, header, incomplete, verdict
from wedload.report.html.markup import Html, element, join, safe, script_json
from wedload.report.html.plotly_script import plotly_script
from wedload.report.html.seconds import seconds_of
from wedload.results.nouns import together

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


def report_page(result: Result) -> str:
    """A run's report, HTML.

    Raises:
        NoPlotlyError: plotly is not installed.
        ValueError: a histogram of the result cannot be decoded.
    """
    seconds = seconds_of(result)
    side = Side("", seconds, bands_of(result), channels_of(result))
    charts, own = _charts([side]), _channel_charts([side])
    sections = [
        _section("benchmarks", "Benchmarks", tables.benchmarks(result)),
        _section("validity", "Can the numbers be trusted?", facts.validity(result)),
        _charts_section([side], charts),
        *_channels_section([("", result)], own),
        _section("steps", "Steps", tables.steps(result)),
        _section("stages", "Stages", tables.stages(result)),
        _section("checks", "Checks", tables.checks(result)),
        _section("failures", "Failures", tables.failures(result)),
        _section("cleanup", "Clean-up", tables.cleanup(result)),
        _section("asked", "What was asked of whom", facts.asked(result)),
    ]
    word = VERDICTS[result.verdict][1]
    return _page(
        f"{word}: {result.run.plan} → {result.run.target}",
        header(result),
        sections,
        [*charts, *own],
        f"wedload {result.run.version}, run {result.run.id}",
    )


def comparison_page(
    base: Result,
    current: Result,
    *,
    outcome: str,
    word: str,
    headline: str,
    reasons: Sequence[str],
    table: Html,
    labels: tuple[str, str] = ("base", "current"),
) -> str:
    """Two runs in the same charts, aligned on the seconds since their start.

    `outcome` is pass, fail or invalid, by which the page is coloured; `word` says it (Regression),
    `headline` what it is about, `reasons` are sentences, `table` is what `markup.table` makes: the
    comparison itself is the caller's.

    Raises:
        NoPlotlyError: plotly is not installed.
        ValueError: a histogram of a result cannot be decoded.
    """
    sides = [
        Side(label, seconds_of(result), bands_of(result), channels_of(result))
        for label, result in zip(labels, (base, current), strict=True)
    ]
    charts, own = _charts(sides), _channel_charts(sides)
    named = list(zip(labels, (base, current), strict=True))
    banners = [incomplete(one) for one in (base, current)]
    head = element(
        "header",
        element("h1", f"{base.run.plan}: {labels[1]} compared with {labels[0]}"),
        element("p", f"run {current.run.id} · compared with run {base.run.id}", class_="when"),
        *banners,
        verdict(outcome, word, headline, reasons),
    )
    sections = [
        _section("comparison", "What changed", table),
        _charts_section(sides, charts),
        *_channels_section(named, own),
        *(
            _section(f"steps-{place}", f"Steps of {label}", tables.steps(result))
            for place, (label, result) in enumerate(named)
        ),
        *(
            _section(f"asked-{place}", f"What was asked of whom: {label}", facts.asked(result))
            for place, (label, result) in enumerate(named)
        ),
    ]
    return _page(
        f"{word}: {base.run.plan}",
        head,
        sections,
        [*charts, *own],
        f"wedload {current.run.version}",
    )


def _charts(sides: Sequence[Side]) -> list[Chart]:
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


def _channel_charts(sides: Sequence[Side]) -> list[Chart]:
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


def _channels_section(results: Sequence[tuple[str, Result]], charts: Sequence[Chart]) -> list[Html]:
    """Tables of each run, by what it is called, then charts of all; nothing without channels."""
    parts: list[Html] = []
    for label, result in results:
        if result.channels:
            parts += [element("h3", f"Channels of {label}")] if label else []
            parts.append(channels.channels(result))
    return (
        [_section("channels", "Channels", join([*parts, *map(_figure, charts)]))] if parts else []
    )


def _chart(
    sides: Sequence[Side], id_: str, title: str, draw: Callable[[str | None], Figure]
) -> Chart:
    return Chart(id_, title, tuple(draw(one) for one in (None, *_labels(sides))))


def _labels(sides: Sequence[Side]) -> list[str]:
    """Steps that one may select: of all runs, none if there is just one."""
    labels = list(dict.fromkeys(one.label for side in sides for one in side.seconds.steps))
    return labels if len(labels) > 1 else []


def _charts_section(sides: Sequence[Side], charts: Sequence[Chart]) -> Html:
    if not charts:
        nothing = "Nothing was sampled, so there is nothing to draw."
        return _section("charts", "Charts", element("p", nothing, class_="none"))
    labels = _labels(sides)
    everything = f"All {together(side.seconds.everything.noun for side in sides)}"
    choice = element(
        "div",
        element("label", "Show ", for_="step"),
        element(
            "select",
            element("option", everything, value="0"),
            *(element("option", one, value=str(n)) for n, one in enumerate(labels, start=1)),
            id="step",
        ),
        class_="choice",
    )
    hint = "Drag to zoom, double-click to see all; click a name to hide its line."
    parts = [
        element("p", hint, class_="note hint"),
        choice if labels else None,
        *map(_figure, charts),
        element("noscript", element("p", "Charts need JavaScript; the tables do not.")),
    ]
    return _section("charts", "Charts", join(parts))


def _figure(chart: Chart) -> Html:
    return element(
        "figure",
        element("h3", chart.title, id=f"{chart.id}-title"),
        element("figcaption", chart.figures[0].summary, id=f"{chart.id}-summary"),
        element(
            "div", id=f"chart-{chart.id}", class_="chart", role="img",
            aria_labelledby=f"{chart.id}-title", aria_describedby=f"{chart.id}-summary",
        ),
    )  # fmt: skip


def _section(id_: str, title: str, content: Html) -> Html:
    return element(
        "section", element("h2", title, id=f"{id_}-title"), content, id=id_,
        aria_labelledby=f"{id_}-title",
    )  # fmt: skip


def _page(
    title: str, head: Html, sections: Sequence[Html], charts: Sequence[Chart], foot: str
) -> str:
    payload = {chart.id: chart_json(chart.figures) for chart in charts}
    plotly, script = plotly_script(), _asset("page.js")
    return Template(_asset("page.html")).substitute(
        title=safe(title),
        style=_asset("style.css"),
        hashes=" ".join(map(_hash, (plotly, script))),
        header=head,
        main=join(sections),
        footer=safe(foot),
        payload=script_json(payload),
        plotly=plotly,
        script=script,
    )


def _asset(name: str) -> str:
    return (files("wedload.report.html") / "assets" / name).read_text("utf-8")


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"
