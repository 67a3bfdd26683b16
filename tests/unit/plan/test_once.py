"""Which rows of the benchmark table are left after one iteration of every workflow."""

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.loader import parse_plan
from wedload.plan.once import without_load

PLAN = """
schema = 1
name = "test"
[targets.here]
base_url = "http://127.0.0.1:8000"
[scenarios.main]
executor = "constant-vus"
vus = 10
duration = "60s"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /"
check = ["status == 200"]
[benchmarks]
Failed = "http_req_failed: rate < 1%"
Checks = "checks: rate == 100%"
Slowest = "http_req_duration: max < 2s"
Number = "http_req_failed: count == 0"
Stage = "http_req_failed{stage=constant}: rate < 1%"
Quick = "http_req_duration: p95 < 2s"
Half = "http_req_duration: med < 1s"
Many = "http_reqs: rate > 10/s"
Warm = { require = "http_req_failed: rate < 1%", after = "10s" }
"""


def test_rows_that_need_a_load_are_left_out_with_the_reason(tmp_path):
    plan = PLAN.replace('Stage = "http_req_failed{stage=constant}: rate < 1%"\n', "")
    loaded = parse_plan(plan, file="plan.toml", base=tmp_path)

    once, dropped = without_load(loaded)

    assert list(once.plan.benchmarks) == ["Failed", "Checks", "Slowest", "Number"]
    assert dropped == {
        "Quick": "--once has too few samples for a percentile",
        "Half": "--once has too few samples for a percentile",
        "Many": "--once has no throughput",
        "Warm": "--once has no seconds of load",
    }
    assert once.load_digest == loaded.load_digest


def test_rows_of_a_stage_are_left_out_too(tmp_path):
    plan = PLAN.replace('executor = "constant-vus"\nvus = 10\nduration = "60s"', (
        'executor = "ramping-vus"\nstages = [{ name = "constant", duration = "60s", target = 10 }]'
    ))  # fmt: skip

    _, dropped = without_load(parse_plan(plan, file="plan.toml", base=tmp_path))

    assert dropped["Stage"] == "--once has no stages"


@pytest.mark.parametrize(
    ("share", "why"),
    [("99.9%", "--once has too few deliveries to prove a share of them"), ("100%", None)],
)
def test_a_reliability_that_takes_many_deliveries_is_left_out(load, share, why):
    rows = f'[benchmarks]\na = "webhook_delivered: rate >= {share}"\n'

    once, dropped = without_load(load(WITH_CHANNELS + rows))

    assert dropped.get("a") == why
    assert list(once.plan.benchmarks) == ([] if why else ["a"])


def test_faults_and_rows_about_them_are_left_out(load):
    rows = """\
[benchmarks]
During = "http_req_failed{fault='calendar outage'}: rate < 1%"
Between = "http_req_failed{fault=none}: rate < 1%"
Recovered = "time_to_recover{fault='calendar outage'}: value < 10s"
All = "http_req_failed: rate < 1%"
"""

    once, dropped = without_load(load(WITH_THIRD_PARTIES + rows))

    assert once.plan.faults == ()
    assert dropped == dict.fromkeys(("During", "Between", "Recovered"), "--once has no faults")
