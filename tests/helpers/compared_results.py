"""Results of runs that never happened, with exactly the load, slowness and failures of a test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.helpers.results import benchmark, histogram_of, skeleton
from wedload.comparison.sides import Named, Sided
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.results.model import Result
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS = {"create form": 40.0, "submit form": 400.0, "dashboard": 120.0}
FLOW = {"scenario": "show", "workflow": "couple"}


def make_result(
    *,
    seed: int,
    seconds: int = 160,
    per_s: float = 60.0,
    steps: Mapping[str, float] = STEPS,
    slower: Mapping[str, float] | None = None,
    failing: Mapping[str, float] | None = None,
    dropped: float = 0.0,
    first_s: Mapping[str, int] | None = None,
    seldom: Mapping[str, float] | None = None,
    stages: tuple[str | None, ...] = ("up", "hold"),
    steady: bool = False,
    benchmarks: tuple[tuple[str, str, str | None, str, str], ...] = (),
    run: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Result:
    """A result; `slower`: factor by step; `failing`, `dropped`: shares; `steady`: no stage ramps.

    `first_s`: steps that are done in the first seconds only. `seldom`: share of iterations by step.
    `benchmarks`: name, step or metric,
    stage, aggregation, requirement.
    """
    random = np.random.default_rng(seed)
    load = random.poisson(per_s, seconds)
    made = []
    for name, median in steps.items():
        lasts = (first_s or {}).get(name, seconds)
        own = np.where(np.arange(seconds) < lasts, load, 0)
        if name in (seldom or {}):
            own = random.binomial(own, (seldom or {})[name])
        factor, share = (slower or {}).get(name, 1.0), (failing or {}).get(name, 0.0)
        made.append(_step(name, median * factor, share, own, random))
    spans = _spans(stages, seconds)
    trends = [one["trend"] for one in made]
    rates = [
        {"metric": "http_req_failed", **one["key"], "yes": one["failed"], "total": one["load"]}
        for one in made
    ]
    rates += [
        {"metric": "checks", **one["key"], "check": "fine", "total": one["load"],
         "yes": [all_ - bad for all_, bad in zip(one["load"], one["failed"], strict=True)]}
        for one in made
    ]  # fmt: skip
    counters = [{"metric": "http_reqs", **one["key"], "count": one["load"]} for one in made]
    counters.append({"metric": "iterations", **FLOW, "count": load.tolist()})
    if dropped:
        lost = random.binomial(load, dropped)
        counters.append(
            {"metric": "dropped_iterations", "scenario": "show", "count": lost.tolist()}
        )
    document = skeleton(
        run={
            "id": f"20270619-120000-{seed:04x}", "plan_file": "peak.toml",
            "duration_s": float(seconds), "planned_s": float(seconds), **(run or {}),
        },
        benchmarks=[_benchmark(made, *row) for row in benchmarks],
        stages=[
            {"scenario": "show", "stage": name, "begin_s": begin, "end_s": end, "target_vus": 10,
             "start_vus": 10 if steady else None, "target_rate": None, "metrics": {}}
            for name, begin, end in spans
        ],
        series={
            "second": list(range(seconds)), "vus": [10] * seconds, "counters": counters,
            "rates": rates, "trends": trends,
        },
        histograms=[histogram for one in made for histogram in _by_stage(one, spans)],
    )  # fmt: skip
    return Result.model_validate(document | changes)


def _spans(stages: tuple[str | None, ...], seconds: int) -> list[tuple[str | None, float, float]]:
    length = seconds / len(stages)
    return [(name, n * length, (n + 1) * length) for n, name in enumerate(stages)]


#: steps by all that they are made of, and the state their randomness is left in
_MADE: dict[tuple[Any, ...], tuple[dict[str, Any], dict[str, Any]]] = {}


def _step(
    name: str, median_ms: float, failing: float, load: Any, random: np.random.Generator
) -> dict[str, Any]:
    """A step's seconds; made once, as most steps of a test are those of another test too.

    Whoever is given them changes nothing in them.
    """
    bits = random.bit_generator
    of = (name, median_ms, failing, tuple(load.tolist()), repr(bits.state))
    if of not in _MADE:
        made = _drawn(name, median_ms, failing, load, random)
        _MADE[of] = made, bits.state
    made, bits.state = _MADE[of]
    return made


def _drawn(
    name: str, median_ms: float, failing: float, load: Any, random: np.random.Generator
) -> dict[str, Any]:
    key = {**FLOW, "step": name}
    drift, seconds = 0.0, []
    for count in load.tolist():
        drift = 0.6 * drift + random.normal(0, 0.015)  # seconds that follow each other are alike
        ms = median_ms * math.exp(drift) * random.lognormal(0, 0.3, count)
        seconds.append(Histogram.of((ms * NS_PER_MS).astype(np.int64)))
    trend = {
        "metric": "http_req_duration", **key,
        "p50": [_ms(one, 0.5) for one in seconds], "p95": [_ms(one, 0.95) for one in seconds],
        "histograms": [codec.encode(one, 2) if one.count else None for one in seconds],
    }  # fmt: skip
    failed = random.binomial(load, failing).tolist()
    return {"key": key, "name": name, "trend": trend, "seconds": seconds, "failed": failed,
            "load": load.tolist()}  # fmt: skip


def _ms(histogram: Histogram, q: float) -> float | None:
    return histogram.quantile_ns(q) / NS_PER_MS if histogram.count else None


def _by_stage(one: dict[str, Any], spans: Any) -> list[dict[str, Any]]:
    rows = []
    for stage, begin, end in spans:
        merged = Histogram.merge(one["seconds"][round(begin) : round(end)])
        if merged.count:
            rows.append(histogram_of(merged, "http_req_duration", **one["key"], stage=stage))
    return rows


def _benchmark(
    made: list[dict[str, Any]], name: str, about: str, stage: str | None, aggregation: str,
    require: str,
) -> dict[str, Any]:  # fmt: skip
    steps = [number for number, one in enumerate(made) if one["name"] == about]
    metric = "http_req_duration" if steps else about
    places = steps or list(range(len(made)))
    merged = Histogram.merge(second for place in places for second in made[place]["seconds"])
    quantile = {"p50": 0.5, "p95": 0.95, "p99": 0.99}.get(aggregation)
    observed: float | None = None
    if quantile is not None and stage is None:
        observed = merged.quantile_ns(quantile) / NS_PER_MS
    elif metric == "http_req_failed":
        observed = sum(sum(one["failed"]) for one in made) / max(merged.count, 1)
    where = {"step": about} if steps else {}
    if stage is not None:
        where["stage"] = stage
    unit = {"http_req_failed": "ratio", "http_reqs": "per_s"}.get(metric, "ms")
    if aggregation == "count":
        unit, observed = "count", float(merged.count)
    return benchmark(
        name, metric=metric, where=where, aggregation=aggregation, require=require,
        observed=observed, unit=unit, samples=merged.count, margin=0.1, series=places,
    )  # fmt: skip


def sided(label: str, *results: Result) -> Sided:
    """A side, its runs called after it."""
    names = [label] if len(results) == 1 else [f"{label}/{n}" for n in range(len(results))]
    return Sided(label, tuple(Named(n, one) for n, one in zip(names, results, strict=True)))
