"""A result of a load that never happened: rates per second, and how sure they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
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
