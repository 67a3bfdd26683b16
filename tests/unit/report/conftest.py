"""A verb of steps that wedload does not have: reports must need no word of it."""

from __future__ import annotations

import pytest

from wedload.metrics import summary, timeline
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.metric_table import METRICS, STEP_METRICS

KNOCK = StepMetrics(count="knocks", failed="knock_failed", duration="knock_duration")


def is_yes(outcome: str) -> bool:
    return outcome != "ok"


@pytest.fixture
def knock(monkeypatch) -> StepMetrics:
    """Its metrics, known as those of a verb of this version are."""
    monkeypatch.setitem(STEP_METRICS, "knock", KNOCK)
    for name, kind in (
        ("knocks", "counter"),
        ("knock_failed", "rate"),
        ("knock_duration", "trend"),
    ):
        monkeypatch.setitem(METRICS, name, Metric(name, kind, "a knock at the door"))
    monkeypatch.setitem(summary.RATES, KNOCK.failed, (KNOCK.count, is_yes))
    monkeypatch.setitem(timeline._IS_YES, KNOCK.count, is_yes)
    return KNOCK
