"""A result of a load that never happened: rates per second, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline
from wedload.plan.benchmark import Requirement
from wedload.results.document import document_of
from wedload.results.run import StageSpan
from wedload.verdict.judge import judge

LOAD_S = 62
LONG, SHORT = 0, 1  # series
ABOUT = {
    "short": "http_reqs{scenario=short}",
    "its step": "http_reqs{step=buy}",
    "its stage": "http_reqs{stage=brief}",
    "long": "http_reqs{scenario=long}",
    "all": "http_reqs",
}


@pytest.fixture
def document(make):
    """Two scenarios: 10/s over 60 s and what drains after, 40/s in the last 20 s and what drains.

    How many requests there were, by scenario, and the result.
    """
    catalogue = Catalogue()
    for phase in (Phase(""), Phase("long", None, 60, 0), Phase("short", "brief", 20, 40)):
        catalogue.add_phase(phase)
    catalogue.add_series(Series("long", "visit", "look"))
    catalogue.add_series(Series("short", "shop", "buy"))
    summary, timeline = Summary(catalogue), Timeline()
    for second in range(LOAD_S):
        counts = {CellKey(LONG, "http_reqs", 1, "ok"): 9 + second % 3}
        if second >= 40:
            counts[CellKey(SHORT, "http_reqs", 2, "ok")] = 39 + second % 3
        snapshot = Snapshot(0, second, {}, counts)
        summary.add(snapshot)
        timeline.add(snapshot)
    timeline.close()
    rows = {name: Requirement.parse(f"{of}: rate > 1/s") for name, of in ABOUT.items()}
    run = replace(
        make().run, summary=summary, timeline=timeline, load_s=float(LOAD_S),
        verdict=judge(summary, rows, load_s=float(LOAD_S)),
        stages=(
            StageSpan("long", None, 0.0, 60.0, 1, 1, None, None),
            StageSpan("short", "brief", 40.0, 60.0, None, None, 40.0, 40.0),
        ),
    )  # fmt: skip
    return document_of(run)


@pytest.fixture
def rates(document):
    """Requests per second, as they were."""
    long, short = (summary_of["metrics"]["http_reqs"]["count"] for summary_of in document["steps"])
    return {
        "short": short / 20, "its step": short / 20, "its stage": short / 20, "long": long / 60,
        "all": (long + short) / LOAD_S,
    }  # fmt: skip


def test_rate_of_whatever_is_selected_is_one_of_its_own_seconds(document, rates):
    rows = {row["name"]: row["observed"] for row in document["benchmarks"]}

    assert rows == pytest.approx(rates)


def test_rates_of_a_result_are_those_of_the_rows(document, rates):
    long, short = (step["metrics"]["http_reqs"]["rate"] for step in document["steps"])

    assert short == pytest.approx(rates["its step"], abs=1e-4)
    assert long == pytest.approx(rates["long"], abs=1e-4)
    stages = [stage["metrics"]["http_reqs"]["rate"] for stage in document["stages"]]
    assert stages == pytest.approx([rates["long"], rates["its stage"]], abs=1e-4)
    whole = document["metrics"]["http_reqs"]["rate"]
    assert whole == pytest.approx(rates["all"], abs=1e-4)


def test_value_of_a_row_lies_in_its_interval(document):
    for row in document["benchmarks"]:
        low, high = row["interval_95"]
        assert low <= row["observed"] <= high, row["name"]


@pytest.mark.usefixtures("knocking")
def test_steps_of_another_verb_have_their_own_figures_everywhere(make):
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    catalogue.add_series(Series("main", "visit", "look", verb="http"))
    catalogue.add_series(Series("main", "visit", "knock", verb="knock"))
    summary, timeline = Summary(catalogue), Timeline()
    snapshot = Snapshot(
        0, 0,
        {CellKey(1, "knock_duration", 0, "ok"): Histogram.of([5_000_000] * 3)},
        {
            CellKey(0, "http_reqs", 0, "ok"): 7,
            CellKey(1, "knocks", 0, "ok"): 3, CellKey(1, "knocks", 0, "nobody"): 2,
        },
    )  # fmt: skip
    summary.add(snapshot)
    timeline.add(snapshot)
    timeline.close()

    made = document_of(replace(make().run, summary=summary, timeline=timeline, load_s=1.0))

    look, knock = made["steps"]
    assert look["outcomes"] == {"ok": 7}
    assert knock["outcomes"] == {"nobody": 2, "ok": 3}
    assert knock["metrics"]["knocks"] == {"unit": "count", "count": 5, "rate": 5.0}
    assert knock["metrics"]["knock_failed"]["rate"] == 0.4
    assert knock["metrics"]["knock_duration"]["max"] == 5.0

    def own(part, **figures):
        (found,) = [one for one in part if one["step"] == "knock"]
        return {key: found[key] for key in figures} == figures

    series = made["series"]
    assert own(series["counters"], metric="knocks", count=[5])
    assert own(series["rates"], metric="knock_failed", yes=[2], total=[5])
    assert own(series["trends"], metric="knock_duration", p50=[5.0])
    assert own(made["histograms"], metric="knock_duration", count=3)


@pytest.mark.usefixtures("knocking")
def test_run_in_which_another_verb_worked_is_not_one_in_which_everything_failed():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    catalogue.add_series(Series("main", "visit", "knock", verb="knock"))
    summary = Summary(catalogue)
    summary.add(Snapshot(0, 0, {}, {CellKey(0, "knocks", 0, "nobody"): 2}))

    assert judge(summary, {}, load_s=1.0).outcome == "fail"
    summary.add(Snapshot(0, 0, {}, {CellKey(0, "knocks", 0, "ok"): 1}))
    assert judge(summary, {}, load_s=1.0).outcome == "pass"
