"""Which metrics are of a step, told by those that a result has of it."""

from __future__ import annotations

import pytest

from wedload.plan.metric import StepMetrics
from wedload.plan.metric_table import STEP_METRICS
from wedload.results.steps import step_metrics

KNOCK = StepMetrics(count="knocks", failed="knock_failed", duration="knock_duration")


@pytest.mark.parametrize("names", [{"knocks"}, {"knock_duration", "data_sent"}])
def test_a_step_is_known_by_what_counts_or_times_it(monkeypatch, names):
    monkeypatch.setitem(STEP_METRICS, "knock", KNOCK)
    assert step_metrics(names) == KNOCK
    assert step_metrics({"http_reqs", "data_sent"}) == STEP_METRICS["http"]


def test_a_step_that_nothing_tells_is_taken_for_one_of_http():
    assert step_metrics(()) == STEP_METRICS["http"]
