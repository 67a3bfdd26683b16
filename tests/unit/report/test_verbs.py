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
from wedload.report.html.header import header
from wedload.report.html.seconds import seconds_of
from wedload.report.live import PlainView
from wedload.report.markdown import markdown
from wedload.report.table_csv import table_csv
from wedload.results.model import Result


def renamed(text: str, knocking) -> str:
    http = STEP_METRICS["http"]
    for old, new in zip(
        (http.count, http.failed, http.duration),
        (knocking.count, knocking.failed, knocking.duration),
        strict=True,
    ):
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
    for stage, more in zip(one["stages"], other["stages"], strict=True):
        stage["metrics"] = stage["metrics"] | more["metrics"]
    return Result.model_validate(one | {"steps": one["steps"] + other["steps"]})


@pytest.mark.parametrize(
    "report", [markdown, tables.steps, tables.stages, header], ids=lambda one: one.__name__
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
    assert len(re.findall(r"hold, http_reqs", text)) == 1
    assert len(re.findall(r"hold, knocks", text)) == 1
    numbers = re.sub("<[^>]+>", " ", header(both))
    assert "requests, http_reqs" in numbers
    assert "requests, knocks" in numbers
    assert json.dumps(markdown(both)).count("38 ms") == 2


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

    assert (door.step, door.requests, door.failed) == ("knock", 20, RateCount(4, 20))
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
    assert "10 req/s  p95 " in text
    assert "failed 20 %" in text
    assert "40 requests" in text
    assert re.search(r"^ knock +20 +8\.0 ms .* 20 %", text, re.MULTILINE)
