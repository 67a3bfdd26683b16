"""`wedload compare` of real runs: it names what a server slowed down, and nothing else."""

from __future__ import annotations

import random

import pytest

from tests.helpers.servers import Server

PLAN = """\
schema = 1
name = "shop"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "constant-arrival-rate"
rate = "20/s"
duration = "14s"
max_vus = 30
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
[[workflows.visit]]
name = "search"
http = "GET /search"
[[workflows.visit]]
name = "buy"
http = "GET /buy"
[benchmarks]
"Nothing fails" = "http_req_failed: rate < 1%"
"""


def shop(slower_s):
    """Takes 10 to 40 ms for everything, by chance, and longer for what is slowed down."""
    chance = random.Random(7)
    return Server(lambda path: chance.uniform(0.01, 0.04) + slower_s.get(path, 0.0))


@pytest.fixture
def shops():
    both = shop({}), shop({"/search": 0.05})
    yield both
    for one in both:
        one.close()


@pytest.mark.timeout(180)
def test_real_runs_name_the_step_that_a_server_slowed_down_and_no_other(wedload, shops):
    """Three runs a side, all at the same time: together they have blocks enough."""
    started = []
    for one, side in zip(shops, ("base", "slow"), strict=True):
        plan = wedload.plan(PLAN.replace("{url}", one.url), f"{side}.toml")
        (wedload.folder / side).mkdir()
        started += [
            wedload.start("run", plan, "--quiet", "-o", f"{side}/{n}.json") for n in range(3)
        ]
    codes = [one.wait(120).code for one in started]

    done = wedload("compare", "base", "slow", "--format", "json", "--floor", "15ms")

    assert codes == [0] * 6
    assert done.code == 1, done.err
    worse = {row["name"] for row in done.result["rows"] if row["outcome"] == "regression"}
    assert worse & {"search p50", "search p95"}
    assert not {name for name in worse if name.startswith(("look", "buy"))}
