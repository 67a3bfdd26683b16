"""What `wedload check` says of the most that a target allows."""

from __future__ import annotations

import pytest

from tests.helpers.tables import widths
from wedload.plan.loader import parse_plan
from wedload.report.explain import explain
from wedload.report.explain_limits import cap_line
from wedload.workload.compile_plan import Settings, compile_workload

PLAN = """
schema = 1
name = "capped"
[targets.local]
base_url = "http://127.0.0.1:9"
{rate}
[scenarios.main]
{scenario}
workflow = "visit"
[[workflows.visit]]
name = "a"
http = "GET /a"
[[workflows.visit]]
name = "b"
http = "GET /b"
"""
OPEN = """
executor = "ramping-arrival-rate"
stages = [{ duration = "1m", target = "300/s" }, { duration = "1m", target = "50/s" }]
"""


@pytest.fixture
def said(console, tmp_path):
    def of(scenario, rate='max_rate = "500/s"'):
        text = PLAN.format(scenario=scenario, rate=rate)
        loaded = parse_plan(text, file="plan.toml", base=tmp_path)
        workload = compile_workload(loaded.plan, Settings("local", "http://127.0.0.1:9"))
        explain(loaded, workload, "local", console)
        text = console.export_text()
        assert max(widths(text)) <= 80
        return " ".join(text.split())

    return of


@pytest.mark.parametrize(
    ("scenario", "asked"),
    [
        (OPEN, "600"),
        ('executor = "constant-arrival-rate"\nrate = "400/s"\nduration = "1m"', "800"),
        ('executor = "constant-vus"\nvus = 50\nduration = "1m"', "1,000"),
        ('executor = "per-vu-iterations"\nvus = 40\niterations = 5', "800"),
        ('executor = "externally-controlled"\nvus = 30\nmax_vus = 40\nduration = "1m"', "600"),
    ],
)
def test_a_plan_that_asks_for_more_is_told_that_it_will_be_held_back(said, scenario, asked):
    assert (
        f"max_rate of target local is 500/s, and the plan asks for up to about {asked} requests/s: "
        "requests will be held back"
    ) in said(scenario)


def test_a_plan_that_asks_for_less_is_told_both(said):
    words = said('executor = "constant-vus"\nvus = 5\nduration = "1m"')
    assert (
        "max_rate of target local is 500/s; the plan asks for up to about 100 requests/s" in words
    )
    assert "held back" not in words


def test_a_rate_by_the_minute_is_one_by_the_second(said):
    assert "is 10.0/s, and the plan" in said(OPEN, 'max_rate = "600/1m"')


def test_without_a_highest_rate_nothing_is_said(said):
    assert "max_rate" not in said(OPEN, "")


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        ("max_vus = 200", ["the target allows 200 virtual users at most"]),
        ('max_duration = "30m"', ["the target allows 30m at most"]),
        (
            'max_vus = 1\nmax_duration = "30m"',
            ["the target allows 1 virtual user and 30m at most"],
        ),
        ("", []),
    ],
)
def test_the_most_that_anybody_may_ask_for_is_told_if_there_is_a_cap(caps, words, tmp_path):
    text = PLAN.format(scenario='executor = "constant-vus"\nvus = 1\nduration = "1s"', rate=caps)
    target = parse_plan(text, file="plan.toml", base=tmp_path).plan.targets["local"]
    assert list(cap_line(target)) == [(one, "dim") for one in words]
