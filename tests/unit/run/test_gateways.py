"""The Envoys of a run: read before and after its load, and one that says nothing."""

from __future__ import annotations

import pytest

from wedload.dependencies.envoy import COUNTERS
from wedload.errors import UsageError
from wedload.fleet.envoy_admin import EnvoyAdmin, EnvoyError
from wedload.plan.loader import parse_plan
from wedload.run.gateways import Gateways
from wedload.workload.compile_plan import Settings

PLAN = """schema = 1
name = "routes"
[targets.local]
base_url = "http://127.0.0.1:8000"
[routes.gate]
via = "http://127.0.0.1:10000"
envoy = "http://127.0.0.1:9901"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET /a"
routes = "gate"
"""
SETTINGS = Settings(target="local", base_url="http://127.0.0.1:8000")


@pytest.fixture
def plan_of(tmp_path):
    return lambda text=PLAN: parse_plan(text, file="plan.toml", base=tmp_path).plan


@pytest.fixture
def said(monkeypatch):
    """What an Envoy says, one after the other: counts, or why not."""
    answers: list[object] = []

    async def read(_self):
        answer = answers.pop(0)
        if isinstance(answer, str):
            raise EnvoyError(answer)
        return answer

    monkeypatch.setattr(EnvoyAdmin, "read", read)
    return answers


def counts(**values: int):
    return {"a": {f"upstream_{name}": value for name, value in values.items()}}


async def test_what_was_counted_before_and_after_the_load_is_not_of_it(plan_of, said):
    said += [counts(rq_retry=1), counts(rq_retry=5), counts(rq_retry=12)]
    one = Gateways()
    await one.open(plan_of(), SETTINGS)
    await one.begin()
    await one.settle()
    assert one.envoys["gate"].clusters["a"] == dict.fromkeys(COUNTERS, 0) | {"upstream_rq_retry": 7}
    assert one.envoys["gate"].problem is None


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (["it did not answer: no"] * 3, "not known, before the load it did not answer: no"),
        ([counts(rq_total=1)] * 2 + ["it fell"], "not known, after the load it fell"),
        ([counts(rq_total=9)] * 2 + [counts(rq_total=2)], "it was started anew during the load"),
    ],
)
async def test_an_envoy_that_does_not_answer_costs_its_counters_and_no_run(
    plan_of, said, answers, problem
):
    said += answers
    notices: list[str] = []
    one = Gateways(notices.append)
    await one.open(plan_of(), SETTINGS)
    await one.begin()
    await one.settle()
    assert problem in str(one.envoys["gate"].problem)
    assert len(notices) == isinstance(answers[0], str)


async def test_routes_lead_where_load_may_go(plan_of):
    elsewhere = PLAN.replace("http://127.0.0.1:10000", "http://192.0.2.7:10000")
    with pytest.raises(UsageError, match=r"route gate, via \(http://192.0.2.7:10000\)"):
        await Gateways().open(plan_of(elsewhere), SETTINGS)


async def test_without_routes_nothing_happens(plan_of):
    one = Gateways()
    plain = PLAN.replace('routes = "gate"\n', "")
    start = plain.index("[routes.gate]")
    await one.open(plan_of(plain[:start] + plain[plain.index("[scenarios") :]), SETTINGS)
    await one.begin()
    await one.settle()
    assert one.envoys == {}
