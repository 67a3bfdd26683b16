"""What a run decides, and how it tells: exit codes, messages, and where the result goes."""

from __future__ import annotations

import json
import re

import pytest


def test_run_that_meets_its_benchmarks_exits_with_0(wedload, plans):
    done = wedload("run", plans / "smoke.toml", "--time-scale", "0.25", "-o", "result.json")

    assert done.code == 0, done.err
    assert "verdict: PASS  4 of 4 benchmarks met" in done.err
    assert json.loads((wedload.folder / "result.json").read_bytes()) == done.result
    assert done.result["verdict"] == "pass"
    assert done.result["reasons"] == []
    assert {row["status"] for row in done.result["benchmarks"]} == {"met"}
    assert done.result["cleanup"]["leaked"] == 0 < done.result["cleanup"]["deleted"]
    assert wedload.temporary_files() == []


def test_missed_benchmark_exits_with_1_and_says_which_and_by_how_much(wedload, small):
    done = wedload("run", small, "--set", "benchmarks.Quick=http_req_duration: max < 10us")

    assert done.code == 1, done.err
    rows = {row["name"]: row for row in done.result["benchmarks"]}
    assert rows["Nothing fails"]["status"] == "met"
    quick = rows["Quick"]
    assert quick["status"] == "missed"
    assert quick["margin"] == pytest.approx((0.01 - quick["observed"]) / 0.01, rel=1e-3)
    (reason,) = done.result["reasons"]
    assert reason.startswith("Quick: http_req_duration max is ")
    assert re.search(r"required < 10us, missed by [\d.,]+ % \(\d+ samples\)", reason)
    shown = " ".join(done.err.split())
    assert reason in shown
    assert "verdict: FAIL 1 of 2 benchmarks met" in shown
    assert "✗ Quick" in shown


def test_missed_rate_is_told_in_percentage_points(wedload, small):
    done = wedload("run", small, "--set", "benchmarks.Checks=checks: rate < 40%")

    assert done.code == 1, done.err
    assert any("missed by 60 percentage points" in reason for reason in done.result["reasons"])


def test_row_without_data_exits_with_3_and_names_the_row(wedload, small):
    text = small.read_text().replace(
        "[benchmarks]",
        '[[workflows.visit]]\nname = "never"\nhttp = "GET /never"\nwhen = "false"\n'
        'tags = { critical = "yes" }\n[benchmarks]\n'
        '"Critical" = "http_req_duration{critical=yes}: p95 < 1s"',
    )

    done = wedload("run", wedload.plan(text))

    assert done.code == 3, done.err
    assert done.result["verdict"] == "invalid"
    assert done.result["validity"]["valid"] is False
    row = done.result["benchmarks"][0]
    assert (row["name"], row["status"], row["observed"]) == ("Critical", "no-data", None)
    assert "Critical: no sample of http_req_duration{critical='yes'}" in done.result["reasons"][0]
    assert "verdict: INVALID" in done.err


def test_too_few_samples_for_a_percentile_exits_with_3_and_says_how_many_it_needs(wedload, small):
    row = "benchmarks.Tail=http_req_duration: p99.9 < 1s"

    done = wedload("run", small, "--set", row)

    assert done.code == 3, done.err
    (tail,) = [row for row in done.result["benchmarks"] if row["name"] == "Tail"]
    assert tail["status"] == "insufficient"
    assert tail["observed"] < 1000  # shown, not judged
    (reason,) = done.result["reasons"]
    assert f"{tail['samples']} samples are too few for p99.9, which needs 2,995" in reason


def test_run_in_which_nothing_worked_is_a_fail_not_invalid(wedload, small):
    done = wedload("run", small, "--set", "workflows.visit[0].expected_status=[201]")

    assert done.code == 1, done.err
    assert done.result["reasons"][0] == "Every request failed; see the failures for why."
    assert "× look: status 200" in done.err
    assert done.result["failures"][0]["message"] == "look: status 200"


def test_plan_without_benchmarks_passes_and_says_that_there_were_none(wedload, small):
    text = small.read_text().partition("[benchmarks]")[0]

    done = wedload("run", wedload.plan(text))

    assert done.code == 0, done.err
    assert "no benchmarks" in done.err


def test_result_goes_to_a_folder_of_its_own_by_default(wedload, small):
    done = wedload("run", small)

    assert done.code == 0, done.err
    run_id = done.result["run"]["id"]
    file = wedload.folder / ".wedload" / "runs" / run_id / "result.json"
    assert json.loads(file.read_bytes()) == done.result
    assert f".wedload/runs/{run_id}/result.json" in done.err


def test_without_a_terminal_there_are_no_escape_codes(wedload, small):
    done = wedload("run", small)

    assert "\x1b" not in done.err
    assert "\x1b" not in done.out
    assert max(map(len, done.err.splitlines())) <= 120


def test_no_color_wins_over_forced_color(wedload, small):
    forced = wedload("check", small, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    done = wedload("check", small, env={"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"})

    assert "\x1b[" in forced.out  # or the test shows nothing
    assert not re.search(r"\x1b\[[\d;]*3\dm", done.out)


def test_quiet_says_a_line_a_stage_and_the_verdict_and_still_judges_and_saves(wedload, small):
    done = wedload("run", small, "--quiet", "-o", "r.json", env={"JOURNAL_STREAM": "8:1"})

    assert done.code == 0, done.err
    stage, verdict = done.err.splitlines()
    run_id = done.result["run"]["id"]
    assert re.match(
        r"<6>ts=\S+Z level=info event=stage plan=small run=\S+ target=local stage=main"
        r" scenario=main begin_s=0 end_s=\S+ vus=\d+ it_per_s=\S+ req_per_s=\S+ p95_ms=\S+"
        r" failed_ratio=0$",
        stage,
    )
    assert f" event=verdict plan=small run={run_id} target=local verdict=pass load_s=" in verdict
    assert verdict.endswith(" benchmarks=1 met=1")
    assert done.result["verdict"] == "pass"
    assert (wedload.folder / "r.json").exists()


def test_quiet_still_tells_errors(wedload):
    done = wedload("run", "nowhere.toml", "--quiet")

    assert done.code == 2, done.err
    assert "nowhere.toml: the plan cannot be read: No such file or directory" in done.err


def test_what_lies_in_the_current_folder_is_not_taken_for_a_part_of_wedload(wedload, plans):
    (wedload.folder / "wedload").mkdir()
    (wedload.folder / "wedload" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (wedload.folder / "socket.py").write_text("raise SystemExit('the wrong one')")

    done = wedload("run", plans / "smoke.toml", "--once")

    assert "the wrong one" not in done.err
    assert done.result["metrics"]["iterations"]["count"] > 0


@pytest.mark.parametrize(
    "step", ['http = "GET /${int(word)}"', 'http = "GET /"\nwhen = "int(word) > 0"']
)
def test_iterations_that_send_nothing_do_not_keep_others_from_sending(wedload, server, step):
    scenario = 'executor = "constant-vus"\nvus = 1\nduration = "1s"'
    plan = wedload.plan(f"""
schema = 1
name = "nothing"
[targets.local]
base_url = "{server.url}"
[variables]
word = "none"
[scenarios.idle]
{scenario}
workflow = "nothing"
[scenarios.busy]
{scenario}
workflow = "visit"
[[workflows.nothing]]
name = "nothing"
{step}
[[workflows.visit]]
name = "look"
http = "GET /look"
""")

    done = wedload("run", plan)

    # whether its own load was too much for the core is another question
    assert done.result["metrics"]["http_reqs"]["count"] == len(server.requests) > 2, done.err
    assert {path for _, path, _ in server.requests} == {"/look"}


def test_environment_slows_down_an_endpoint_of_the_sandbox_that_a_run_starts(wedload, plans):
    slow = {"WEDLOAD_SANDBOX_SLOW": "POST /api/forms/*/submit=150ms"}

    done = wedload("run", plans / "smoke.toml", "--vus", "1", "--duration", "1s", env=slow)

    trends = {step["step"]: step["metrics"]["http_req_duration"] for step in done.result["steps"]}
    assert trends["submit form"]["min"] >= 150
    assert trends["couple connects"]["min"] < trends["submit form"]["min"]


def test_sandbox_that_is_asked_for_what_it_has_not_is_a_mistake(wedload, plans):
    slow = {"WEDLOAD_SANDBOX_SLOW": "POST /api/form=150ms"}

    done = wedload("run", plans / "smoke.toml", env=slow)

    assert done.code == 2, done.err
    assert "POST /api/form is no endpoint to slow down" in done.err
    assert "POST /api/forms/*/submit" in done.err
    assert wedload.temporary_files() == []
