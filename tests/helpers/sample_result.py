"""Results of runs that never happened: nine minutes of a wedding platform, with a slow peak.

Everything that a report shows is consistent: what the tables say is what the histograms hold.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.helpers.results import (
    benchmark,
    changed,
    histogram_of,
    process,
    rate,
    skeleton,
    validity,
)
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.results.figures import trend_figures
from wedload.results.model import Result
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

STAGES = (
    ("ramp", 60, 100), ("normal", 60, 100), ("surge", 240, 1000),
    ("peak", 60, 1000), ("cool-down", 120, 0),
)  # fmt: skip
SHOW = {"scenario": "bridal_show", "workflow": "supplier_couple"}
STEPS = {  # name -> requests per virtual user and second, median ms
    "create intake form": (0.05, 38.0),
    "couple connects": (0.05, 24.0),
    "submit form": (0.05, 95.0),
    "search suppliers": (0.08, 61.0),
    "dashboard": (0.03, 140.0),
}


def sample_result(
    *,
    steps: Sequence[str] = tuple(STEPS),
    scale: float = 1.0,
    load: float = 1.0,
    slower: float = 1.0,
    seed: int = 1,
    samples: bool = True,
    **changes: Any,
) -> Result:
    """A result; `scale` of nine minutes, `load` of 1,000 virtual users, `slower` by a factor.

    `changes` replace parts of the result, or of its `run`.
    """
    random = np.random.default_rng(seed)
    stages, begin = [], 0.0
    for name, seconds, target in STAGES:
        stages.append((name, begin, begin + seconds * scale, round(target * load)))
        begin += seconds * scale
    seconds = math.ceil(begin) if samples else 0
    vus = [_vus_at(second, stages) for second in range(seconds)]
    made = [_step(name, vus, slower, random, stages) for name in steps] if samples else []
    made = [one for one in made if one["all"].count]
    whole = Histogram.merge(one["all"] for one in made)
    failed = sum(sum(one["failed"]) for one in made)
    metrics = _metrics(whole, sum(sum(one["requests"]) for one in made), failed, begin)
    document = skeleton(
        run=_facts(begin if samples else 0.0, begin),
        verdict="fail" if samples else "invalid",
        reasons=[_MISS] if samples else ["Nothing was sampled; see the failures."],
        benchmarks=_benchmarks(whole, failed),
        validity=_validity(seconds),
        metrics=metrics,
        steps=[
            {
                **SHOW, "step": one["name"],
                "outcomes": {
                    "ok": sum(one["requests"]) - sum(one["failed"]), "status": sum(one["failed"]),
                },
                "metrics": _metrics(
                    one["all"], sum(one["requests"]), sum(one["failed"]), begin
                ),
            }
            for one in made
        ],
        checks=[
            {
                **SHOW, "step": one["name"],
                "check": "status is right", "passed": sum(one["requests"]) - sum(one["failed"]),
                "failed": sum(one["failed"]),
            }
            for one in made
        ],
        stages=[
            {
                "scenario": "bridal_show", "stage": name, "begin_s": at, "end_s": end,
                "target_vus": target, "target_rate": None,
                "metrics": _metrics(
                    Histogram.merge(one["stages"][name] for one in made),
                    sum(one["stages"][name].count for one in made), 0, end - at,
                ),
            }
            for name, at, end, target in stages
        ],
        failures=[{"message": "submit form: status 503", "count": failed}] if failed else [],
        cleanup={"created": 9120, "deleted": 9118, "leaked": 2, "reasons": {"status 500": 2}},
        series={
            "second": list(range(seconds)),
            "vus": vus,
            "counters": [],
            "rates": [
                {
                    "metric": "http_req_failed", **SHOW, "step": one["name"],
                    "yes": one["failed"], "total": one["requests"],
                }
                for one in made
            ],
            "trends": [
                {
                    "metric": "http_req_duration", **SHOW, "step": one["name"],
                    "p50": one["p50"], "p95": one["p95"], "histograms": one["encoded"],
                }
                for one in made
            ],
        },
        histograms=[
            histogram_of(
                histogram, "http_req_duration", **SHOW, step=one["name"], stage=stage
            )
            for one in made
            for stage, histogram in one["stages"].items()
            if histogram.count
        ],
    )  # fmt: skip
    return Result.model_validate(changed(document, changes))


_MISS = (
    "“Submitting is quick” was missed: p95 of http_req_duration is 412 ms, 250 ms are allowed; "
    "the submit step is slow at the peak."
)


def _vus_at(second: float, stages: Sequence[tuple[str, float, float, int]]) -> int:
    before = 0
    for _, begin, end, target in stages:
        if second < end:
            return round(before + (target - before) * (second - begin) / (end - begin))
        before = target
    return before


def _step(
    name: str,
    vus: Sequence[int],
    slower: float,
    random: np.random.Generator,
    stages: Sequence[tuple[str, float, float, int]],
) -> dict[str, Any]:
    per_vu, median_ms = STEPS.get(name, (0.05, 50.0))
    made: dict[str, Any] = {"name": name, "requests": [], "failed": [], "p50": [], "p95": []}
    made["encoded"], by_stage = [], {stage: [] for stage, *_ in stages}
    everything = []
    for second, users in enumerate(vus):
        count = int(random.poisson(users * per_vu))
        busy = 1 + 2.5 * (users / 1000) ** 3
        ms = median_ms * slower * busy * random.lognormal(0, 0.45, count)
        ms[random.random(count) < 0.002] *= 12
        durations = Histogram.of(np.maximum((ms * NS_PER_MS).astype(np.int64), 1))
        overloaded = name == "submit form" and users > 900
        made["requests"].append(count)
        made["failed"].append(int(random.binomial(count, 0.02 if overloaded else 0.0)))
        for key, q in (("p50", 0.5), ("p95", 0.95)):
            made[key].append(round(durations.quantile_ns(q) / NS_PER_MS, 2) if count else None)
        made["encoded"].append(codec.encode(durations, 2) if count else None)
        everything.append(durations)
        stage = next((s for s, begin, end, _ in stages if begin <= second < end), stages[-1][0])
        by_stage[stage].append(durations)
    made["all"] = Histogram.merge(everything)
    made["stages"] = {stage: Histogram.merge(parts) for stage, parts in by_stage.items()}
    return made


def _metrics(histogram: Histogram, requests: int, failed: int, seconds: float) -> dict[str, Any]:
    if not requests:
        return {}
    return {
        "http_reqs": {"unit": "count", "count": requests, "rate": requests / seconds},
        "http_req_duration": trend_figures(histogram),
        "http_req_failed": rate(failed, requests),
        "data_received": {"unit": "bytes", "count": requests * 2100, "rate": 2100.0},
    }


def _facts(duration_s: float, planned_s: float) -> dict[str, Any]:
    return {
        "duration_s": duration_s, "planned_s": planned_s, "seed": 20270619, "workers": 2,
        "host": {"system": "Linux", "machine": "x86_64", "cpus": 4, "compiled": True},
        "tags": {"build": "1234", "branch": "main"},
    }  # fmt: skip


def _benchmarks(whole: Histogram, failed: int) -> list[dict[str, Any]]:
    def row(name: str, require: str, **values: Any) -> dict[str, Any]:
        return benchmark(name, require=require, **{"samples": whole.count} | values)

    if not whole.count:
        return [row("Submitting is quick", "p95 < 250ms", status="no-data", reason="No sample.")]
    return [
        row(
            "Submitting is quick", "p95 < 250ms", observed=412.3, interval_95=(396.1, 431.7),
            margin=-0.649, status="missed", where={"step": "submit form"}, reason=_MISS,
        ),
        row(
            "Nearly nothing fails", "rate < 1%", metric="http_req_failed", aggregation="rate",
            unit="ratio", observed=failed / whole.count, bound_95=failed / whole.count * 1.1,
            margin=0.87, status="met", abort=True, after_s=60.0,
        ),
        row(
            "Searches at the peak", "p99.9 < 2s", aggregation="p99.9", samples=1204, needed=2995,
            status="insufficient", window_s=30.0, at_s=330.0,
            reason="1,204 samples are too few for p99.9, which needs 2,995.",
        ),
    ]  # fmt: skip


def _validity(seconds: int) -> dict[str, Any]:
    lag = trend_figures(Histogram.of([400_000] * max(seconds, 1)))
    one = process(
        cpu_avg_ratio=0.34, cpu_max_ratio=0.61, loop_lag=lag, memory_max_bytes=81_000_000,
        gc={"unit": "ms", "longest": 3.1, "total": 88.0},
    )  # fmt: skip
    several = [
        one | {"worker": n, "open_files_max": 980, "open_files_limit": 1024} for n in range(2)
    ]
    open_files = {
        "kind": "open-files", "invalidates": False,
        "message": "A load process had 980 of at most 1,024 files open; raise the limit.",
    }  # fmt: skip
    return validity(
        one | {"processes": several}, seconds=seconds, valid=bool(seconds), findings=[open_files]
    )
