"""`[tracing]` of a plan: its share, and every kind of mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wedload.plan.loader import parse_plan

PLAN = """schema = 1
name = "traced"
[targets.here]
base_url = "http://127.0.0.1:8000"
[scenarios.main]
executor = "per-vu-iterations"
vus = 1
iterations = 1
workflow = "visit"
[[workflows.visit]]
http = "GET /${tracing.endpoint}"
[tracing]
"""


def plan_of(text: str):
    return parse_plan(PLAN + text, file="plan.toml", base=Path()).plan


@pytest.mark.parametrize(
    ("written", "share"), [('"5%"', 0.05), ("0.05", 0.05), ('"0.5%"', 0.005), ("1", 1.0)]
)
def test_a_share_is_a_percentage_or_a_ratio(written, share):
    assert plan_of(f"share = {written}\n").tracing.share == share


def test_a_table_of_nothing_traces_a_twentieth():
    tracing = plan_of("").tracing
    assert (tracing.share, tracing.listen, tracing.server_timing) == (0.05, "127.0.0.1:0", True)


@pytest.mark.parametrize("written", ['"0%"', '"101%"', "-0.1", "true", '"much"', "[5]"])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(problems, written):
    (problem,) = problems(PLAN + f"share = {written}\n")
    assert problem.startswith("plan.toml:13: tracing.share: ")
    assert "share" in problem or "ratio" in problem
