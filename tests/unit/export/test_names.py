"""The list of exported metrics: it is whole, and named as Prometheus would have it."""

from __future__ import annotations

import re

import pytest

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
    assert {*COMMON_LABELS, *labels, "le", "quantile"} == OWN_LABELS
