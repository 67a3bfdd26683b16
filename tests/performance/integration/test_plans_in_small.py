"""The plans that come with the project, in small: their structure and counts, never their times."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter

import pytest

from tests.helpers.places import PLANS, WEDLOAD
from tests.helpers.small_runs import outcomes, run_small
from wedload.plan.loader import load_plan

#: 25 virtual users at the peak instead of 1,000, who start something new far more often
SMALL_PEAK = [
    f"scenarios.bridal_show.{change}"
    for change in (
        "stages[0].target=10", "stages[1].target=10", "stages[2].target=25", "stages[3].target=25",
        "pace=150ms", "graceful_stop=3s", "graceful_ramp_down=3s",
    )
] + [
    'workflows.supplier_couple[1].think="uniform(10ms, 30ms)"',
    'workflows.supplier_couple[3].think="uniform(10ms, 30ms)"',
    'workflows.supplier_search[1].think="uniform(10ms, 30ms)"',
]  # fmt: skip


@pytest.mark.parametrize("client", ["wire", "aiohttp"])
def test_smoke_plan_passes_against_the_sandbox(client):
    result = run_small("smoke.toml", time_scale=0.3, overrides=[f"http.client={client}"])

    assert result["verdict"] == "pass", result["reasons"]
    assert {row["status"] for row in result["benchmarks"]} == {"met"}
    iterations = result["metrics"]["iterations"]["count"]
    assert iterations >= 59
    steps = outcomes(result)
    for name in ("create intake form", "couple connects", "submit form", "supplier sees it"):
        assert steps[name] == {"ok": iterations}
    assert steps["sign in as supplier"] == steps["sign in as couple"] == {"ok": 20}
    assert steps["clean up"] == {"ok": iterations}
    assert result["metrics"]["checks"]["count"] == result["metrics"]["checks"]["yes"]
    assert result["metrics"]["checks"]["count"] == 4 * iterations
    assert result["cleanup"]["leaked"] == 0


def test_peak_season_plan_in_small_has_every_stage_step_and_row():
    result = run_small("peak_season.toml", time_scale=0.012, overrides=SMALL_PEAK)

    assert result["verdict"] in {"pass", "invalid"}, result["reasons"]
    assert [stage["stage"] for stage in result["stages"]] == [
        "ramp", "normal", "surge", "peak", "cool-down",
    ]  # fmt: skip
    assert [stage["target_vus"] for stage in result["stages"]] == [10, 10, 25, 25, 0]
    assert len(result["benchmarks"]) == 11
    for row in result["benchmarks"]:
        # none is missed; a short run may lack the samples for a percentile
        assert row["status"] in {"met", "insufficient"}, row
    for name in ("Critical API endpoints", "Failed requests", "Checks"):
        (row,) = [row for row in result["benchmarks"] if row["name"] == name]
        assert row["samples"] >= 59
        assert row["status"] == "met", row
    steps = outcomes(result)
    assert all(set(found) == {"ok"} for found in steps.values()), steps
    couples = steps["create intake form"]["ok"]
    assert steps["couple connects"]["ok"] <= couples
    assert steps["submit form"]["ok"] <= steps["couple connects"]["ok"]
    assert steps["search next page"]["ok"] <= steps["search suppliers"]["ok"]
    # the mix is 60 : 19 : 10 : 8 : 3
    begun = Counter(
        {
            name: steps[first]["ok"]
            for name, first in {
                "couple": "create intake form", "search": "search suppliers",
                "dashboard": "dashboard", "hot": "connect to the hot form",
            }.items()
        }
    )  # fmt: skip
    share = {name: count / begun.total() for name, count in begun.items()}
    assert begun.total() > 150
    assert 0.4 < share["couple"] < 0.8, share
    assert share["couple"] > share["search"] > share["hot"], share
    # one form of set-up beside one of each couple, and what stands in the calendar
    assert steps["create the hot form"] == {"ok": 1}
    created = couples + steps.get("book a consultation", {}).get("ok", 0) + 1
    swept = result["cleanup"].pop("swept")
    assert swept > 50  # accounts: no step asks for their deletion
    assert result["cleanup"] == {
        "created": created, "deleted": created, "absent": 0, "leaked": 0,
        "uncertain": 0, "reasons": {},
    }  # fmt: skip


#: but for those that need more than the embedded sandbox, a PostgreSQL and a gateway, and are run
#: where these are: tests/integration/sandbox/sql, tests/cli/load_testing/test_gateway.py
ELSEWHERE = frozenset({"database.toml", "gateway.toml"})
ALL = sorted(path.name for path in PLANS.glob("*.toml") if path.name not in ELSEWHERE)
#: what third parties do is nothing to the client: these have every kind of step that there is
BY_AIOHTTP = ("smoke.toml", "peak_season.toml", "webhooks_realtime.toml")


@pytest.mark.parametrize(
    ("client", "plan"), [*(("wire", one) for one in ALL), *(("aiohttp", one) for one in BY_AIOHTTP)]
)
def test_every_workflow_runs_once_without_a_failure(client, plan):
    result = run_small(plan, overrides=[f"http.client={client}"], once=True)

    workflows = load_plan(PLANS / plan).plan.workflows
    assert result["metrics"]["iterations"]["count"] == len(workflows)
    assert result["metrics"]["http_req_failed"]["yes"] == 0
    assert result["metrics"]["checks"]["yes"] == result["metrics"]["checks"]["count"]
    assert result["failures"] == []


def test_peak_season_plan_runs_from_the_command_line_with_the_figures_that_make_run_has(tmp_path):
    done = subprocess.run(
        [
            str(WEDLOAD), "run", str(PLANS / "peak_season.toml"),
            "--time-scale", "0.004", "-o", "r.json", "--stage", "1m:8", "--stage", "4m:20",
        ],
        cwd=tmp_path, capture_output=True, check=False, timeout=60,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip

    assert done.returncode in {0, 3}, done.stderr.decode()
    result = json.loads((tmp_path / "r.json").read_bytes())
    assert [stage["target_vus"] for stage in result["stages"]] == [8, 20]
    assert result["run"]["time_scale"] == 0.004
    assert result["metrics"]["http_req_failed"]["yes"] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_webhooks_and_realtime_plan_in_small_hears_all_that_it_causes():
    """Every channel has everything; a few hundred deliveries are too few to show 99.9 %."""
    result = run_small("webhooks_realtime.toml", time_scale=0.04)

    channels = {one["name"]: one for one in result["channels"]}
    for one in channels.values():
        assert one["delivered"] == one["expected"] > 0, one
        assert one["missed"] == one["unexpected"] == one["duplicates"] == one["withdrawn"] == 0
    submissions = outcomes(result)["submit form"]["ok"]
    triggers = outcomes(result)["trigger a webhook"]["ok"]
    assert channels["deliveries"]["expected"] == triggers + submissions
    assert channels["status"]["expected"] == 20 * submissions
    assert channels["journeys"]["expected"] == submissions
    assert channels["room"]["expected"] == 50 * outcomes(result)["say something"]["ok"]
    rows = {row["name"]: row for row in result["benchmarks"]}
    assert rows["Webhook reliability"]["needed"] == 2_995
    assert rows["Webhook reliability"]["status"] == "insufficient"
    assert "2,995" in rows["Webhook reliability"]["reason"]
    assert {row["status"] for row in rows.values()} <= {"met", "insufficient"}
    assert result["cleanup"]["leaked"] == 0
