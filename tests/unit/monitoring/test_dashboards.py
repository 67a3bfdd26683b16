"""Dashboards (`scripts/build/dashboards`): made of the list of metrics, and never by hand."""

from __future__ import annotations

import json
import re

import pytest

from scripts.build.dashboards.__main__ import dashboards, written
from scripts.build.dashboards.queries import (
    NotExportedError,
    level,
    per_second,
    quantile,
    share,
    values,
)
from tests.helpers.monitoring_rules import DASHBOARDS, expressions, panels
from tests.unit.monitoring.test_rules import KNOWN
from wedload.plan.metric_table import STEP_METRICS

FILES = [pytest.param(one, id=one.stem) for one in DASHBOARDS]


def test_all_are_there_and_no_other():
    assert {one.name for one in DASHBOARDS} == set(dashboards())


@pytest.mark.parametrize("file", FILES)
def test_each_is_what_the_script_makes_of_the_list_today(file):
    remedy = "python -m scripts.build.dashboards writes it anew"
    assert file.read_text() == written(dashboards()[file.name]), remedy


def test_every_metric_is_exported():
    named = {one for text in expressions() for one in re.findall(r"wedload_\w+", text)}
    assert len(named) > 40
    assert named <= KNOWN


def test_steps_of_every_verb_are_shown():
    text = "\n".join(expressions())
    for one in STEP_METRICS.values():
        assert f"wedload_{one.duration}_seconds_bucket" in text
        assert f"wedload_{one.count}_total" in text


@pytest.mark.parametrize("file", FILES)
def test_each_panel_says_what_it_shows_in_what_and_asks_the_chosen_runs(file):
    dashboard = json.loads(file.read_text())
    chosen = {one["name"] for one in dashboard["templating"]["list"]}
    assert {"datasource", "plan", "target"} < chosen
    for panel in panels(dashboard):
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert panel["targets"]
        for target in panel["targets"]:
            assert set(re.findall(r"\$([a-z]+)", target["expr"])) <= chosen
            asked = re.findall(r"wedload_\w+(\{[^}]*\})?", target["expr"])
            assert all(re.search(r'run=~?"\$\w+"', one) for one in asked)


@pytest.mark.parametrize("file", FILES)
def test_no_panel_lies_over_another(file):
    taken: set[tuple[int, int]] = set()
    placed = json.loads(file.read_text())["panels"]
    for panel in placed:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert all(x < 24 for x, _ in cells)
        assert not cells & taken
        taken |= cells
    assert len({one["id"] for one in placed}) == len(placed)


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: level("goodput", "run"), "goodput is not exported"),
        (lambda: per_second("http_req_duration", "step"), "is a histogram, and no counter"),
        (lambda: quantile(0.95, "http_reqs", "step"), "is a counter, and no histogram"),
        (lambda: per_second("http_reqs", "fault"), "has no label fault"),
        (lambda: share("http_reqs", "step", 'result="ok"'), "has no label result"),
        (lambda: values("step"), "step is not on every series"),
    ],
)
def test_what_no_run_has_cannot_be_asked_for(ask, problem):
    with pytest.raises(NotExportedError, match=problem):
        ask()


def test_a_share_of_what_does_not_happen_is_0_and_no_gap():
    some = 'rate(wedload_http_reqs_total{plan=~"$plan",target=~"$target",run=~"$run",outcome!="ok"}'
    every = 'rate(wedload_http_reqs_total{plan=~"$plan",target=~"$target",run=~"$run"}'
    window = "[$__rate_interval])"
    assert share("http_reqs", "step", 'outcome!="ok"') == (
        f"(sum by (step) ({some}{window}) or 0 * sum by (step) ({every}{window}))"
        f" / sum by (step) ({every}{window})"
    )
