"""What the dashboard shows of a run at a moment."""

from __future__ import annotations

import json

import pytest

from tests.helpers.tables import CASES, IDS
from wedload.report.dashboard.state import seconds_since, state_of
from wedload.report.figures import benchmark_rows, observed, step_figures


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_state_is_json_and_has_the_figures_of_the_terminal(make, case):
    view = make(**case).view

    state = json.loads(json.dumps(state_of(view)))

    steps = step_figures(view.summary, view.timeline, {})
    assert [one["step"] for one in state["steps"]] == [one.step for one in steps]
    rows = benchmark_rows(view)
    assert [(one["status"], one["now"]) for one in state["benchmarks"]] == [
        (row.status, observed(row)) for row in rows
    ]
    assert state["vus"] == f"{view.timeline.active_vus():,}"


def test_only_seconds_that_are_over_and_were_not_told_come(make):
    view = make().view

    every = seconds_since(view, 0)

    assert [one[0] for one in every] == list(range(view.timeline.newest))
    assert seconds_since(view, view.timeline.newest) == []
    assert seconds_since(view, 1) == every[1:]
