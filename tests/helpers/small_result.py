"""A small result, and variations of it: what a run of one step in two stages found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.helpers.results import (
    benchmark,
    changed,
    histogram_of,
    process,
    rate,
    skeleton,
    validity,
)
from wedload.metrics.histogram import Histogram
from wedload.results.model import Result


def row(name: str, **changes: Any) -> dict[str, Any]:
    """A benchmark row: met, unless said otherwise."""
    look = {
        "where": {"step": "look"}, "require": "http_req_duration{step=look}: p95 < 250ms",
        "observed": 103.2, "samples": 4000, "margin": 0.6, "interval_95": (99.0, 107.0),
    }  # fmt: skip
    return benchmark(name, **look | changes)


def trend(p95: float = 103.2, **changes: Any) -> dict[str, Any]:
    return {
        "unit": "ms", "count": 4000, "min": 1.25, "avg": 40.5, "med": 38.0, "p90": 90.0,
        "p95": p95, "p99": 150.0, "p99_9": None, "max": 1520.75,
    } | changes  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    """The result as a dictionary; `changes` are of its parts or of its `run`."""
    metrics = {
        "http_reqs": {"unit": "count", "count": 4000, "rate": 66.6667},
        "http_req_duration": trend(),
        "http_req_failed": rate(10, 4000),
        "data_sent": {"unit": "bytes", "count": 123456, "rate": 2057.6},
    }
    lag = {"unit": "ms", "count": 60, "min": 0.1, "avg": 0.2, "max": 0.9}
    took = Histogram.of([40_000_000] * 100)
    made = skeleton(
        run={
            "id": "20261124-010203-abcd", "plan": "small", "plan_file": "plans/small.toml",
            "plan_hash": "1f" * 32, "load_hash": "2e" * 32, "target": "local",
            "started_at": datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC), "duration_s": 60.0,
            "planned_s": 60.0, "seed": 7, "host": {"system": "Linux"},
            "tags": {"commit": "a1b2c3d"},
        },
        benchmarks=[row("Looking is quick")],
        validity=validity(process(loop_lag=lag)),
        metrics=metrics,
        steps=[
            {
                "scenario": "main", "workflow": "visit", "step": "look",
                "outcomes": {"ok": 3990, "status": 10}, "metrics": metrics,
            }
        ],
        stages=[
            {
                "scenario": "main", "stage": name, "begin_s": at, "end_s": at + 30.0,
                "target_vus": 10, "target_rate": None, "metrics": {"http_req_duration": trend()},
            }
            for name, at in (("up", 0.0), ("hold", 30.0))
        ],
        histograms=[
            histogram_of(
                took, "workflow_duration", scenario="main", workflow="visit", step=None, stage=stage
            )
            for stage in ("up", "hold")
        ],
    )  # fmt: skip
    return changed(made, changes)


def small_result(**changes: Any) -> Result:
    return Result.model_validate(document(**changes))


def failed_result(**changes: Any) -> Result:
    """One with rows of every status; changes as for `small_result`."""
    rows = [
        row("Looking is quick"),
        row("Buying is quick", status="missed", observed=412.0, margin=-0.65, reason="Too slow."),
        row("Tail", status="insufficient", reason="12 samples are too few for p99.9.", samples=12),
        row("Critical", status="no-data", observed=None, samples=0, reason="No sample."),
    ]
    return small_result(
        **{
            "benchmarks": rows, "verdict": "invalid",
            "reasons": ["12 samples are too few for p99.9.", "No sample.", "Too slow."],
        }
        | changes
    )  # fmt: skip
