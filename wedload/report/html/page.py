"""The report as one page: parts in their order, in a frame with style, script and data.

Reads its own parts and Plotly's, else pure. The page asks for nothing: a Content-Security-Policy
allows these very scripts, by their hashes, and no request at all. Source: W3C Content Security
Policy Level 3.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from wedload.report.html import (
    analysis,
    capacity,
    channels,
    databases,
    facts,
    faults,
    monitoring,
    resources,
    routes,
    tables,
    third_parties,
    traces,
)
from wedload.report.html.charts.figure import chart_json
from wedload.report.html.drawn import (
    analysis_charts,
    channel_charts,
    fault_charts,
    labels_of,
    resource_charts,
    side_of,
    step_charts,
    third_party_charts,
)
from wedload.report.html.header import VERDICTS, header, incomplete, verdict
from wedload.report.html.markup import Html, element, join, safe, script_json
from wedload.report.html.plotly_script import plotly_script
from wedload.results.nouns import together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.report.html.charts.figure import Side
    from wedload.report.html.drawn import Chart
    from wedload.results.model import Result

    #: its id and title, which results have it, its tables of one, its charts of all
    _Special = tuple[
        str,
        str,
        Callable[[Result], bool],
        Callable[[Result], Html],
        Callable[[Sequence[Side]], list[Chart]],
    ]


def report_page(result: Result) -> str:
    """A run's report, HTML.

    Raises:
        NoPlotlyError: plotly is not installed.
        ValueError: a histogram of the result cannot be decoded.
    """
    side = side_of("", result)
    charts = step_charts([side])
    special = _special_sections([("", result)], [side])
    sections = [
        _section("benchmarks", "Benchmarks", tables.benchmarks(result)),
        *_capacity(result),
        _section("validity", "Can the numbers be trusted?", facts.validity(result)),
        _charts_section([side], charts),
        *(section for section, _ in special),
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
        [*charts, *_all(special)],
        f"wedload {result.run.version}, run {result.run.id}",
    )


def _capacity(result: Result) -> list[Html]:
    if result.capacity is None:
        return []
    return [_section("capacity", "Capacity", capacity.capacity(result))]


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
    named = list(zip(labels, (base, current), strict=True))
    sides = [side_of(*one) for one in named]
    charts, special = step_charts(sides), _special_sections(named, sides)
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
        *(section for section, _ in special),
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
        [*charts, *_all(special)],
        f"wedload {current.run.version}",
    )


def _special_sections(
    results: Sequence[tuple[str, Result]], sides: Sequence[Side]
) -> list[tuple[Html, list[Chart]]]:
    """What not every run has, from faults to resources; each with its charts."""
    kinds: tuple[_Special, ...] = (
        (
            "analysis", "What gives way",
            lambda one: one.analysis is not None and bool(one.analysis.levels),
            analysis.analysis, analysis_charts,
        ),
        ("faults", "Faults", lambda one: bool(one.faults), faults.faults, fault_charts),
        (
            "third-parties", "Third parties",
            lambda one: bool(one.dependencies or one.proxies),
            third_parties.third_parties, third_party_charts,
        ),
        ("routes", "Routes", lambda one: bool(one.routes), routes.routes, lambda _: []),
        ("channels", "Channels", lambda one: bool(one.channels), channels.channels, channel_charts),
        (
            "databases", "Databases", lambda one: bool(one.explained), databases.databases,
            lambda _: [],
        ),
        (
            "traces", "Traces", lambda one: one.traces is not None and one.traces.requests > 0,
            traces.traces, lambda _: [],
        ),
        (
            "resources", "Resources", lambda one: any(of.figures for of in one.resources),
            resources.resources, resource_charts,
        ),
        (
            "monitoring", "Monitoring",
            lambda one: one.monitoring is not None and one.monitoring.is_told,
            monitoring.monitoring, lambda _: [],
        ),
    )  # fmt: skip
    found = []
    for id_, title, has, tables_of, charts_of in kinds:
        parts: list[Html] = []
        for label, result in results:
            if has(result):
                parts += [element("h3", f"{title} of {label}")] if label else []
                parts.append(tables_of(result))
        if parts:
            charts = charts_of(sides)
            found.append((_section(id_, title, join([*parts, *map(_figure, charts)])), charts))
    return found


def _all(special: Sequence[tuple[Html, list[Chart]]]) -> list[Chart]:
    return [chart for _, charts in special for chart in charts]


def _charts_section(sides: Sequence[Side], charts: Sequence[Chart]) -> Html:
    if not charts:
        nothing = "Nothing was sampled, so there is nothing to draw."
        return _section("charts", "Charts", element("p", nothing, class_="none"))
    labels = labels_of(sides)
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
