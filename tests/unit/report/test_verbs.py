"""Steps of any verb are in every table and chart of `report`, by what counts and times them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.helpers.sample_result import sample_result
from tests.helpers.small_result import small_result
from wedload.metrics.all_steps import all_durations, all_failed
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import RateCount, Summary
from wedload.metrics.timeline import Timeline
from wedload.plan.metric_table import STEP_METRICS
from wedload.report.figures import overall_rates, step_figures
from wedload.report.final import print_final
from wedload.report.html import tables
from wedload.report.html.charts.curve import curve
from wedload.report.html.charts.figure import Side
from wedload.report.html.charts.heatmap import heatmap
from wedload.report.html.charts.load import throughput
from wedload.report.html.header import header
from wedload.report.html.seconds import seconds_of
from wedload.report.live import PlainView
from wedload.report.markdown import markdown
from wedload.report.table_csv import table_csv
from wedload.results.model import Result


def renamed(text: str, knocking) -> str:
    http = STEP_METRICS["http"]
    names = {
        http.count: knocking.count,
        http.failed: knocking.failed,
        http.duration: knocking.duration,
        "requests": "knocks",
        "Requests": "Knocks",
    }
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def of_knocks(result: Result, knocking) -> Result:
    """The same as if its steps had knocked."""
    return Result.model_validate_json(renamed(result.model_dump_json(by_alias=True), knocking))


def mixed(first: Result, knocking) -> Result:
    """A result with steps of both, in the same stages."""
    one = first.model_dump(by_alias=True)
    other = of_knocks(first, knocking).model_dump(by_alias=True)
    for step in other["steps"]:
        step["step"] = "knock"
    one["metrics"] |= other["metrics"]
    for trend in (*other["series"]["trends"], *other["series"]["rates"], *other["histograms"]):
        trend["step"] = "knock"
    for kind in ("trends", "rates"):
        one["series"][kind] = [*one["series"][kind], *other["series"][kind]]
    one["histograms"] = [*one["histograms"], *other["histograms"]]
    for stage, more in zip(one["stages"], other["stages"], strict=True):
        stage["metrics"] = stage["metrics"] | more["metrics"]
    return Result.model_validate(one | {"steps": one["steps"] + other["steps"]})


def figures_of_steps(result: Result) -> str:
    """Without the sentence on what durations are of."""
    return re.sub('<caption>.*?</caption>|aria-label="[^"]*"', "", tables.steps(result))


def figures_of_stages(result: Result) -> str:
    return re.sub('<caption>.*?</caption>|aria-label="[^"]*"', "", tables.stages(result))


@pytest.mark.parametrize(
    "report", [markdown, figures_of_steps, figures_of_stages, header], ids=lambda one: one.__name__
)
def test_a_report_of_another_verb_is_that_of_http_by_other_names(report, knocking):
    result = small_result()

    assert report(of_knocks(result, knocking)) == renamed(report(result), knocking)


def test_the_spreadsheet_has_columns_for_what_counts_judges_and_times_them(knocking):
    head, run, *_ = table_csv(of_knocks(small_result(), knocking)).splitlines()

    cells = dict(zip(head.split(","), run.split(","), strict=True))
    assert (cells["knocks"], cells["knock_failed yes"]) == ("4000", "10")
    assert cells["knock_duration p95 (ms)"] == "103.2"
    assert cells["http_reqs"] == ""


def test_charts_are_drawn_of_their_seconds(knocking):
    result = sample_result(scale=0.05)

    found, expected = seconds_of(of_knocks(result, knocking)), seconds_of(result)

    assert [one.label for one in found.steps] == [one.label for one in expected.steps]
    assert found.everything.requests.tolist() == expected.everything.requests.tolist()
    assert found.everything.failed.tolist() == expected.everything.failed.tolist()
    assert found.everything.whole.count == expected.everything.whole.count > 0
    assert [second for second, _ in found.everything.durations]


def test_verbs_of_one_run_have_figures_apart(knocking):
    both = mixed(small_result(), knocking)

    text = re.sub("<[^>]+>", " ", tables.stages(both))
    assert len(re.findall(r"hold, requests", text)) == 1
    assert len(re.findall(r"hold, knocks", text)) == 1
    asked, knocked = re.findall(r"<dl.*?</dl>", header(both))
    assert 'aria-label="requests"><div><dt>requests</dt><dd>4,000</dd>' in asked
    assert 'aria-label="knocks"><div><dt>knocks</dt><dd>4,000</dd>' in knocked
    assert "virtual users" in asked
    assert "virtual users" not in knocked
    assert json.dumps(markdown(both)).count("38 ms") == 2


def test_what_is_counted_of_several_verbs_is_not_called_requests(knocking):
    both = mixed(small_result(), knocking)

    for text in (tables.steps(both), tables.stages(both)):
        assert '<th scope="col" class="number">count</th>' in text
        assert '<th scope="col" class="number">requests</th>' not in text
    assert "| Step | Count | Failed |" in markdown(both)


def test_charts_of_several_verbs_say_of_each_what_it_is(knocking):
    side = Side("", seconds_of(mixed(sample_result(scale=0.1, steps=("ask",)), knocking)))
    figures = {
        step: [throughput([side], step), heatmap(side, step), curve([side], step)]
        for step in (None, "ask", "knock")
    }

    for step, noun in ((None, "steps"), ("ask", "requests"), ("knock", "knocks")):
        flow, cells, shares = figures[step]
        assert flow.layout["yaxis"]["title"]["text"] == f"{noun}/s"
        assert flow.data[0]["name"] == noun
        assert f" {noun}, on average" in flow.summary
        assert cells.data[0]["hovertemplate"].endswith(f"</b> {noun}<extra></extra>")
        assert f"most {noun}, " in cells.summary
        assert f"the given share of {noun} took" in shares.summary
    assert side.seconds.everything.label == "All steps"


def two_verbs(knocking):
    """Four seconds of a step that asks and of one that knocks."""
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    ask = catalogue.add_series(Series("main", "visit", "ask", verb="http"))
    door = catalogue.add_series(Series("main", "visit", "knock", verb="knock"))
    summary, timeline = Summary(catalogue), Timeline({knocking.duration})
    for second in range(4):
        trends, counts = {}, {}
        for series, measured, ms in ((ask, STEP_METRICS["http"], 2), (door, knocking, 8)):
            times = Histogram.of([ms * 1_000_000] * 5)
            trends[CellKey(series, measured.duration, phase, "ok")] = times
            counts[CellKey(series, measured.count, phase, "ok")] = 4
            counts[CellKey(series, measured.count, phase, "refused")] = 1
        snapshot = Snapshot(0, second, trends, counts)
        summary.add(snapshot)
        timeline.add(snapshot)
    return summary, timeline


def test_a_step_is_shown_while_the_run_goes_on(knocking):
    summary, timeline = two_verbs(knocking)

    ask, door = step_figures(summary, timeline, {})

    assert (door.step, door.count, door.noun) == ("knock", 20, "knocks")
    assert door.failed == RateCount(4, 20)
    assert (door.rate_per_s, door.duration.count) == (5, 20)
    assert door.spark == ask.spark == "       █"
    assert all_failed(summary) == RateCount(8, 40)
    assert all_durations(summary).count == 40
    assert overall_rates(timeline) == (0, 10)


def test_all_verbs_are_added_up_in_the_terminal(make, console, knocking):
    summary, timeline = two_verbs(knocking)
    made = make()
    made.view.collected.summary, made.view.collected.timeline = summary, timeline

    PlainView(console).tick(made.view)
    print_final(replace(made.run, summary=summary, timeline=timeline), console)

    text = console.export_text()
    assert "10 steps/s  p95 " in text
    assert "failed 20 %" in text
    assert "0 iterations   20 requests   20 knocks" in text
    assert re.search(r"^ step +count +p50 ", text, re.MULTILINE)
    assert re.search(r"^ knock +20 +8\.0 ms .* 20 %", text, re.MULTILINE)
