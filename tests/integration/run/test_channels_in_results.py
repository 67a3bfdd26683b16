"""What a run with a channel leaves: its counts are those of what was sent, in every form."""

from __future__ import annotations

import re

import pytest

from wedload.report.html.page import report_page
from wedload.results.read import read_result

CHANNEL = """
[channels.notices]
webhook = "/hooks"
signature = { scheme = "none" }
key = "json.id"
within = "1s"
"""
#: of each iteration one webhook is delivered, one is lost, and one is nobody's
STEPS = """
[[workflows.visit]]
name = "trigger"
let = { id = "${uuid()}" }
http = "POST ${channels.notices.url}"
json = { id = "${id}" }
[[workflows.visit]]
name = "arrives"
await = { channel = "notices", key = "id", since = "trigger" }
[[workflows.visit]]
name = "trigger nothing"
let = { id = "${uuid()}" }
http = "GET /nothing"
[[workflows.visit]]
name = "never arrives"
await = { channel = "notices", key = "id", since = "trigger nothing", wait = false }
[[workflows.visit]]
name = "trigger another"
http = "POST ${channels.notices.url}"
json = { id = "${uuid()}" }
[[workflows.visit]]
name = "send something else"
http = "GET ${channels.notices.url}"
expected_status = [405]
"""
ITERATIONS = 30
LOAD = f'executor = "per-vu-iterations"\nvus = 2\niterations = {ITERATIONS // 2}\n'
ROWS = '[benchmarks]\n"Come" = "webhook_delivered{channel=notices}: rate > 40%"\n'


@pytest.fixture
def done(run, plan_for):
    return run(plan_for(LOAD, STEPS, CHANNEL + ROWS), "--markdown", "r.md")


def test_counts_of_a_channel_are_those_of_what_was_sent(done, tmp_path):
    (channel,) = done.result["channels"]

    assert (channel["name"], channel["kind"]) == ("notices", "webhook")
    assert (channel["expected"], channel["delivered"]) == (2 * ITERATIONS, ITERATIONS)
    assert (channel["missed"], channel["late"], channel["lost"]) == (ITERATIONS, 0, ITERATIONS)
    assert channel["unexpected"] == ITERATIONS
    assert (channel["undecided"], channel["withdrawn"], channel["duplicates"]) == (0, 0, 0)
    assert sum(channel["rejected"].values()) == ITERATIONS
    assert channel["metrics"]["webhook_delivery_duration"]["count"] == ITERATIONS
    assert channel["ear"]["url"].endswith("/hooks")
    assert channel["ear"]["attempts"] >= 2 * ITERATIONS
    # and by second, with which comparisons and charts are made
    rates = [one for one in done.result["series"]["rates"] if one["metric"] == "webhook_delivered"]
    assert {one["channel"] for one in rates} == {"notices"}
    assert sum(sum(one["total"]) for one in rates) == 2 * ITERATIONS
    assert sum(sum(one["yes"]) for one in rates) == ITERATIONS

    (row,) = done.result["benchmarks"]
    assert (row["observed"], row["samples"], row["status"]) == (0.5, 2 * ITERATIONS, "met")

    processes = done.result["validity"]["generator"]["processes"]
    assert {one["role"] for one in processes} <= {"load", "channels"}
    assert re.search(r"^ notices +60 +50 % +30 +0 ", done.err, re.MULTILINE)
    assert f"{ITERATIONS} unexpected" in done.err
    assert "| notices | 60 | 50 % | 30 |" in (tmp_path / "r.md").read_text()
    page = report_page(read_result(tmp_path / "r.json"))
    assert "notices: what else it heard" in page
