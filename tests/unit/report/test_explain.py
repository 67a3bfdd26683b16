"""A plan, explained before it runs: its chart, its estimate, its rows."""

from __future__ import annotations

import re

import pytest

from tests.helpers.tables import CASES, HUGE, IDS, LONG, widths
from wedload.plan.loader import load_plan
from wedload.report.explain import estimate_scenario, explain, load_charts
from wedload.workload.compile_plan import Settings, compile_workload

HEAD = (
    'schema = 1\nname = "spike"\n[targets.local]\nbase_url = "http://127.0.0.1:9"\n'
    '[scenarios.main]\nexecutor = "ramping-vus"\nstages'
)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_explanation_is_at_most_80_columns_wide(make, console, case):
    made = make(**case)

    explain(made.loaded, made.workload, "local", console)

    assert max(widths(console.export_text())) <= 80


def test_explanation_cuts_no_threshold_and_folds_what_it_is_about(make, console):
    made = make(**HUGE)

    explain(made.loaded, made.workload, "local", console)

    lines = console.export_text().splitlines()
    assert sum(line.rstrip().endswith(" p99.99 <= 1h59m59s") for line in lines) == 20
    told = "".join(line.strip() for line in lines)
    assert f"http_req_duration{{step='7{LONG}'}}".replace(" ", "") in told.replace(" ", "")
    assert "1 workflow · 20 benchmarks" in " ".join(" ".join(lines).split())


def test_chart_rises_and_falls_with_the_stages(make):
    _, *lines = next(load_charts(make().workload))

    rows, axis = lines[:-1], lines[-1]
    assert rows[0].split()[0] == "1.0M"
    assert axis.split() == ["0", "00:00", "1:30:30"]
    heights = [sum(row[-60:][column] not in " ▁▂▃" for row in rows) for column in range(60)]
    assert heights[0] == 6  # 30 s of 90 min: up at once
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == 0


def test_chart_shows_a_peak_that_is_shorter_than_a_column(tmp_path):
    text = HEAD + (
        ' = [{ duration = "30m", target = 10 }, { duration = "0s", target = 500 }, '
        '{ duration = "1s", target = 500 }, { duration = "0s", target = 10 }, '
        '{ duration = "30m", target = 10 }]\nworkflow = "visit"\n'
        '[[workflows.visit]]\nhttp = "GET /"\n'
    )
    (tmp_path / "plan.toml").write_text(text)
    plan = load_plan(tmp_path / "plan.toml").plan

    _, *lines = next(load_charts(compile_workload(plan, Settings("local", "http://127.0.0.1:9"))))

    assert lines[0].split() == ["500", "█"]


def test_chart_columns_start_at_the_same_place_whatever_the_numbers(make):
    _, *lines = next(load_charts(make().workload))

    assert len({len(line) for line in lines}) == 1


def test_estimate_counts_requests_and_pauses(make):
    made = make(["a", "b", "c", "d"])

    estimate = estimate_scenario(made.loaded.plan, made.workload.scenarios[0])

    vu_seconds = 1_000_000 * (30 + 5400) / 2
    assert estimate.iterations == pytest.approx(vu_seconds / 0.2)
    assert estimate.requests == pytest.approx(4 * estimate.iterations)


CHANNEL = """
[channels.room]
realtime = "websocket"
url = "ws://127.0.0.1:9/room"
key = "json.id"
[[workflows.visit]]
publish = { channel = "room", payload = { id = "${iteration}" }, key = "iteration" }
"""


def test_what_will_be_sent_is_called_what_it_is(tmp_path, console):
    users = HEAD + ' = [{ duration = "10s", target = 5 }]\nworkflow = "visit"\n'
    asks = '[[workflows.visit]]\nhttp = "GET /"\n'
    for number, text in enumerate((asks, CHANNEL, CHANNEL + asks)):
        (tmp_path / f"{number}.toml").write_text(users + text)
        loaded = load_plan(tmp_path / f"{number}.toml")
        workload = compile_workload(loaded.plan, Settings("local", "http://127.0.0.1:9"))
        explain(loaded, workload, "local", console)

    said = re.findall(
        r"iterations and [\d,.k]+ (.*? takes) 50 ms", " ".join(console.export_text().split())
    )
    assert said == [
        "requests, if a request takes", "publishes, if each takes",
        "publishes and requests, if each takes",
    ]  # fmt: skip
