"""The list of exported metrics: it is whole, and named as Prometheus would have it."""

from __future__ import annotations

import re

import pytest

from tests.helpers.places import ROOT
from wedload.export.buckets import NUMBERS, SECONDS
from wedload.export.names import BY_METRIC, COMMON_LABELS, EXPORTED
from wedload.metrics.summary import RATES, YES_COUNTERS
from wedload.plan.metric_table import METRICS
from wedload.plan.monitoring import OWN_LABELS


@pytest.mark.parametrize("one", EXPORTED.values(), ids=list(EXPORTED))
def test_a_name_says_what_is_counted_and_in_what(one):
    assert re.fullmatch(r"wedload_[a-z0-9_]+", one.name)
    assert one.name.endswith("_total") == (one.kind == "counter")
    if one.unit:
        assert one.name.removesuffix("_total").endswith(f"_{one.unit}")
    assert not re.search(r"_(ms|ns|milliseconds|percent|count|sum|bucket)$", one.name)


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_each_metric_is_exported_or_made_of_one_that_is(metric):
    if metric.kind == "rate":
        assert RATES[metric.name][0] in BY_METRIC
        assert YES_COUNTERS.get(metric.name, metric.counted) in BY_METRIC
    elif metric.kind == "value" or metric.of == "difference":
        assert metric.name not in BY_METRIC
    else:
        assert metric.name in BY_METRIC


def test_no_plan_can_set_a_label_of_the_list():
    labels = {label for one in EXPORTED.values() for label in one.labels}
    assert {*COMMON_LABELS, *labels, "job", "instance", "le", "quantile"} == OWN_LABELS


WORDS = {
    "of steps": EXPORTED["wedload_http_reqs_total"].labels,
    "of workflows": EXPORTED["wedload_iterations_total"].labels,
}


def test_the_documentation_lists_every_one_with_its_labels():
    text = (ROOT / "docs" / "metrics.md").read_text()
    section = text.partition("## What others see")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(wedload_\w+)` \| (\w+) \| (.*?) \| (.+) \|$", section, re.MULTILINE)
    found = [
        (name, kind, WORDS.get(labels) or tuple(re.findall(r"`(\w+)`", labels)), meaning)
        for name, kind, labels, meaning in rows
    ]
    assert found == [(one.name, one.kind, one.labels, one.meaning) for one in EXPORTED.values()]


@pytest.mark.parametrize("words", WORDS)
def test_the_documentation_says_which_labels_words_stand_for(words):
    text = (ROOT / "docs" / "metrics.md").read_text()
    said = text.partition(f"*{words}* are ")[2].partition(";" if words == "of steps" else ".")[0]
    assert tuple(re.findall(r"`(\w+)`", said)) == WORDS[words]


def test_the_documentation_says_which_bounds_buckets_have():
    text = " ".join((ROOT / "docs" / "metrics.md").read_text().split())
    said = text.partition("have the bounds ")[2].partition(". A quantile")[0]
    durations, _, numbers = said.partition("those of numbers")
    ms, _, seconds = durations.partition(" ms, ")
    in_ms = [float(one) / 1000 for one in re.findall(r"[\d.]+", ms)]
    assert (*in_ms, *map(float, re.findall(r"[\d.]+", seconds))) == SECONDS
    assert tuple(float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*\d|\d", numbers)) == (
        NUMBERS
    )
