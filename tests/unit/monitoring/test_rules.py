"""Rules (`monitoring/performance/rules`): they name what is exported, and each is tried."""

from __future__ import annotations

import re

import pytest

from tests.helpers.monitoring_rules import CASES, PLACE, RULES, alerts, recorded
from tests.helpers.places import PLANS, ROOT
from tests.unit.test_docs import anchors
from wedload.export.buckets import SECONDS
from wedload.export.names import EXPORTED
from wedload.plan.loader import load_plan

ALERTS = [pytest.param(one, id=one.name) for one in alerts()]
OF_HISTOGRAMS = {
    f"{one.name}{part}"
    for one in EXPORTED.values()
    if one.kind == "histogram"
    for part in ("_bucket", "_sum", "_count")
}
KNOWN = OF_HISTOGRAMS | {one.name for one in EXPORTED.values() if one.kind != "histogram"}


def test_there_are_rules_of_all_kinds():
    assert {one.stem for one in RULES} == {"recording", "rows", "runs", "table"}
    assert len(ALERTS) > 20
    assert len(recorded()) > 40


@pytest.mark.parametrize(
    "file", [*RULES, *CASES], ids=lambda file: f"{file.parent.name}-{file.name}"
)
def test_each_metric_is_exported_or_recorded(file):
    text = "\n".join(line for line in file.read_text().split("\n") if not line.startswith("#"))
    named = set(re.findall(r"(?<![\w:-])(?:\w+:)?wedload_\w+(?::\w+)?", text))
    assert named
    assert {one for one in named if ":" in one} <= set(recorded())
    assert {one for one in named if ":" not in one} <= KNOWN


def test_no_two_rules_have_a_name():
    names = [*recorded(), *(one.name for one in alerts())]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_says_how_bad_it_is_what_it_is_about_and_where_to_read_on(alert):
    assert alert.label("severity") in {"warning", "info"}  # nobody is woken by a test
    assert alert.label("source") == "wedload"
    assert alert.annotation("summary").endswith(("$labels.target }}", "table", "trusted"))
    assert alert.annotation("description")
    file, _, anchor = alert.annotation("runbook").partition("#")
    assert anchor in anchors(ROOT / file)


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_fires_in_one_case_and_not_in_another(alert):
    cases = "\n".join(one.read_text() for one in CASES)
    found = re.findall(rf"alertname: {alert.name}\n +exp_alerts:( \[\])?\n", cases)
    assert {one.strip() for one in found} == {"", "[]"}


@pytest.mark.parametrize("name", recorded())
def test_each_figure_that_is_recorded_is_computed_in_a_case(name):
    cases = (PLACE / "tests" / "recording.yml").read_text()
    assert re.search(rf"expr: (round\()?{name}\b", cases)


def test_thresholds_in_seconds_are_bounds_of_buckets_so_that_what_is_decided_is_exact():
    table = (PLACE / "rules" / "table.yml").read_text()
    thresholds = [float(one) for one in re.findall(r"_seconds:p95.* > (.+)", table)]
    assert len(thresholds) > 8
    assert set(thresholds) <= set(SECONDS)


def test_stages_and_steps_of_the_table_are_those_of_shipped_plans():
    table = (PLACE / "rules" / "table.yml").read_text()
    plans = [load_plan(one).plan for one in sorted(PLANS.glob("*.toml"))]
    steps = {step.name for plan in plans for flow in plan.workflows.values() for step in flow}
    stages = {
        stage.name
        for plan in plans
        for scenario in plan.scenarios.values()
        for stage in getattr(scenario, "stages", ())
    }
    for wanted in re.findall(r'\{step=~"([^"]+)"\}', table):
        assert any(re.fullmatch(wanted, one or "") for one in steps), wanted
    assert set(re.findall(r'\{stage="([^"]+)"\}', table)) <= stages
