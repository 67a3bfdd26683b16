"""The search for the capacity, run for real; its known answer is that of Erlang's C formula."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.helpers.places import ROOT, WEDLOAD
from tests.helpers.queues import breaking_rate

#: queues side by side, servers of each, mean time of service in s, p95 at most in s
STATIONS, SERVERS, SERVICE_S, LIMIT_S = 40, 2, 0.03, 0.15
SEED = 1

PLAN = """
schema = 1
name = "queue"
[targets.here]
base_url = "{url}"
[scenarios.main]
executor = "constant-vus"
vus = 3
duration = "1s"
workflow = "ask"
[[workflows.ask]]
name = "ask"
http = "GET /"
{more}
[benchmarks]
"Answers" = "http_req_duration: p95 < {limit}ms"
"Failed" = "http_req_failed: rate < 1%"
"""


def plan(url: str, limit_s: float, more: str = "") -> str:
    return PLAN.format(url=url, limit=round(limit_s * 1000), more=more)


@pytest.fixture
def queue():
    """The address of a server that is a known queue, in a process of its own."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "tests.helpers.queue_server",
            *map(str, (STATIONS, SERVERS, SERVICE_S, SEED)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_capacity_of_a_real_queue_is_that_of_erlangs_formula(run, queue):
    """An M/M/c queue, many of them side by side: what tells of one are the times that it was full.

    In the seconds of a test, and on a machine with other work, it is found within a quarter of
    its capacity; within 10 %, as it is when it is given minutes: see benchmarks/capacity.py.
    """
    truth = STATIONS * breaking_rate(0.95, LIMIT_S, SERVERS, SERVICE_S)

    done = run(
        plan(queue, LIMIT_S), "--find-knee", "--knee-from", f"{truth * 0.6:.0f}/s",
        "--knee-probe", "1500ms", "--knee-time", "25s", "--seed", SEED, "--no-live",
    )  # fmt: skip

    capacity = done.result["capacity"]
    assert capacity["outcome"] == "found", done.err
    assert capacity["breaks"] == "Answers"
    assert capacity["rate_per_s"] == pytest.approx(truth, rel=0.25), done.err
    low, high = capacity["interval_95"]
    assert low < capacity["rate_per_s"] < high
    assert (done.code, done.result["verdict"]) == (0, "pass")
    # the table is about the probe that held best, and what there was of each is counted
    best = next(one for one in capacity["probes"] if one["name"] == capacity["best"])
    rows = {one["name"]: one for one in done.result["benchmarks"]}
    assert rows["Answers"]["status"] == "met"
    assert rows["Answers"]["where"] == {"stage": capacity["best"]}
    assert rows["Answers"]["samples"] == best["rows"][0]["samples"]
    assert capacity["sentence"] in " ".join(done.err.split())


def test_several_scenarios_and_load_processes_share_a_rate_until_the_top(run, server):
    """Nothing breaks, and so the capacity is bounded below."""
    more = """
[[workflows.look]]
name = "look"
http = "GET /look"
[scenarios.second]
executor = "ramping-arrival-rate"
stages = [ { duration = "1s", target = "180/s" }, { duration = "1s", target = "180/s" } ]
workflow = "look"
"""
    text = plan(server.url, 30, more)  # 3 users for 1 s: 60 iterations of 50 ms, and 270 arrivals

    done = run(
        text, "--find-knee", "--knee-from", "60/s", "--knee-to", "240/s", "--knee-probe", "1s",
        "--knee-time", "20s", "--workers", 2, "--seed", 3,
    )  # fmt: skip

    capacity = done.result["capacity"]
    assert (capacity["outcome"], done.code) == ("at least", 0), done.err
    assert [one["rate_per_s"] for one in capacity["probes"]] == [60, 120, 240]
    assert capacity["rate_per_s"] == 240
    asked = server.targets()
    assert asked["GET /look"] + asked["GET /"] == sum(asked.values())
    assert asked["GET /look"] / sum(asked.values()) == pytest.approx(270 / 330, abs=0.08)
    spans = {(one["scenario"], one["stage"]): one["target_rate"] for one in done.result["stages"]}
    assert spans["main", "probe 3"] + spans["second", "probe 3"] == pytest.approx(240)


def test_an_interrupt_ends_a_search_with_what_is_known_by_then(tmp_path, server):
    (tmp_path / "plan.toml").write_text(plan(server.url, 30))
    with (tmp_path / "err").open("wb") as err:
        search = subprocess.Popen(
            [
                str(WEDLOAD), "run", "plan.toml", "--find-knee", "--knee-from", "40/s",
                "--knee-probe", "2s", "--knee-time", "60s", "--no-live", "-o", "r.json",
            ],
            cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
        )  # fmt: skip
    deadline_s = time.monotonic() + 60
    while "probe 1: 40 iterations/s held" not in (tmp_path / "err").read_text():
        assert search.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    search.send_signal(signal.SIGINT)

    assert search.wait(60) == 130
    result = json.loads((tmp_path / "r.json").read_bytes())
    assert result["run"]["interrupted"] is True
    capacity = result["capacity"]
    assert (capacity["outcome"], capacity["rate_per_s"]) == ("at least", 40)
    assert len(capacity["probes"]) == 1
