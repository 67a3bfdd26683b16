"""The routes of a result: what is counted of pairs, and how sure the figures are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wedload.dependencies.envoy import COUNTERS, Envoy
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.loader import parse_plan
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.routes import routes_of
from wedload.results.run import stage_spans
from wedload.units import NS_PER_MS
from wedload.verdict.collected import Collected
from wedload.workload.compile_plan import Settings, compile_workload

PLAN = """schema = 1
name = "routes"
[targets.local]
base_url = "http://127.0.0.1:8000"
[routes.gate]
via = "http://127.0.0.1:10000"
[scenarios.main]
executor = "ramping-vus"
stages = [{ duration = "30s", target = 1 }, { duration = "30s", target = 1 }]
workflow = "visit"
[[workflows.visit]]
name = "read"
http = "GET /a"
routes = "gate"
[[workflows.visit]]
name = "other"
http = "GET /b"
routes = "gate"
[benchmarks]
"mean" = "route_overhead{route=gate}: avg < 2ms"
"p95" = "route_overhead{step=read}: p95 < 9ms"
"max" = "route_overhead: max < 90ms"
"in a stage" = "route_overhead{stage=2}: avg < 2ms"
"through it" = "http_req_duration{route=via}: p95 < 2s"
"""
MEAN, SPREAD, PAIRS = 0.3, 2.0, 40  # ms; pairs of a step and quarter of a second
SECONDS = 60


@pytest.fixture
def run(make, tmp_path):
    """A minute in which what both ways differ by is drawn from a normal distribution."""
    loaded = parse_plan(PLAN, file="plan.toml", base=tmp_path)
    workload = compile_workload(loaded.plan, Settings("local", "http://127.0.0.1:8000"))
    collected = Collected.of(
        workload.catalogue, loaded.plan.benchmarks, workers=1, schedule_s=60.0, arrivals=False
    )
    rng = np.random.default_rng(3)
    series = list(enumerate(workload.catalogue.series))
    for quarter in range(SECONDS * 4):
        trends, counts = {}, {}
        for number, one in series:
            if one.route == "gate":
                drawn = np.rint(rng.normal(MEAN, SPREAD, PAIRS) * NS_PER_MS).astype(np.int64)
                for metric, values in (
                    ("route_overhead-", -drawn[drawn < 0]), ("route_overhead+", drawn[drawn >= 0]),
                ):  # fmt: skip
                    trends[CellKey(number, metric, 1, "")] = Histogram.of(values)
                counts[CellKey(number, "route_pairs", 1, "measured")] = PAIRS
            elif one.route is not None:
                took = [10 * NS_PER_MS] * PAIRS
                trends[CellKey(number, "http_req_duration", 1, "ok")] = Histogram.of(took)
                counts[CellKey(number, "http_reqs", 1, "ok")] = PAIRS
        if not quarter:
            (first, *_) = (number for number, one in series if one.route == "gate")
            counts[CellKey(first, "route_pairs", 1, "cold")] = 2
            counts[CellKey(first, "route_pairs", 1, "failed")] = 1
        collected.add(Snapshot(0, quarter // 4, trends, counts, {"main": 1}))
    health, verdict = collected.judged((), load_s=float(SECONDS))
    made = make().run
    routes = {"gate": {"direct": "http://127.0.0.1:8000", "via": "http://127.0.0.1:10000"}}
    envoy = Envoy(
        "http://127.0.0.1:1", {"a": dict.fromkeys(COUNTERS, 0) | {"upstream_rq_retry": 3}}
    )
    return replace(
        made, info=replace(made.info, routes=routes), load_s=float(SECONDS),
        stages=stage_spans(workload), summary=collected.summary, timeline=collected.timeline,
        health=health, verdict=verdict, pairs=collected.pairs, envoys={"gate": envoy},
    )  # fmt: skip


def test_figures_are_of_all_steps_and_of_each(run):
    (route,) = routes_of(run)
    one, other = route.steps
    assert (route.name, route.direct, route.via) == (
        "gate", "http://127.0.0.1:8000", "http://127.0.0.1:10000",
    )  # fmt: skip
    assert [step.step for step in route.steps] == ["read", "other"]
    assert one.overhead.count == other.overhead.count == SECONDS * 4 * PAIRS
    assert route.pairs.overhead.count == 2 * one.overhead.count
    assert (one.cold, one.failed, other.cold, route.pairs.cold) == (2, 1, 0, 2)
    assert one.via is not None
    assert (one.via.count, one.via.avg) == (SECONDS * 4 * PAIRS, 10.0)
    assert route.pairs.direct is not None
    assert route.pairs.direct.count == 2 * SECONDS * 4 * PAIRS
    assert one.overhead.avg == pytest.approx(MEAN, abs=0.1)
    assert one.overhead.p95 == pytest.approx(MEAN + 1.645 * SPREAD, rel=0.05)
    assert one.overhead.min is not None
    assert one.overhead.min < 0 < MEAN
    assert route.envoy is not None
    assert route.envoy.clusters[0].rq_retry == 3


def test_intervals_hold_what_is_true(run):
    (route,) = routes_of(run)
    for pairs in (route.pairs, *route.steps):
        found = pairs.overhead
        for interval, truth in (
            (found.avg_95, MEAN), (found.med_95, MEAN), (found.p95_95, MEAN + 1.645 * SPREAD),
        ):  # fmt: skip
            assert interval is not None
            assert interval[0] < truth < interval[1]
            assert interval[1] - interval[0] < 1.0


def test_rows_have_the_interval_of_what_they_are_about(run):
    result = Result.model_validate(document_of(run))
    rows = {row.name: row for row in result.benchmarks}
    (route,) = result.routes
    assert rows["mean"].status == "met"
    assert rows["mean"].interval_95 == route.pairs.overhead.avg_95
    assert rows["p95"].interval_95 == route.steps[0].overhead.p95_95
    assert rows["max"].interval_95 is None
    assert rows["in a stage"].interval_95 is None
    assert rows["through it"].samples == 2 * SECONDS * 4 * PAIRS


def test_without_routes_there_are_none(make):
    assert routes_of(make().run) == []
