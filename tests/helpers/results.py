"""What all results of runs that never happened have in common: the document, and its parts.

The makers of results beside it – small, sampled, for comparisons – say only what they are about.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wedload.metrics import codec
from wedload.results.model import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.histogram import Histogram


def skeleton(*, run: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    """A whole run that passed, of nothing; `run` changes its facts, `parts` the rest."""
    facts = {
        "id": "20270619-120000-abcd", "plan": "peak-season", "plan_file": "plans/peak_season.toml",
        "plan_hash": "3f" * 32, "load_hash": "a7" * 32, "target": "sandbox",
        "base_url": "http://127.0.0.1:8080", "started_at": datetime(2027, 6, 19, 12, tzinfo=UTC),
        "time_scale": 1.0, "seed": 1, "version": "0.4.0", "workers": 1,
        "host": {"system": "Linux", "compiled": True}, "tags": {}, "interrupted": False,
        "complete": True,
    }  # fmt: skip
    return {
        "schema": SCHEMA,
        "run": facts | dict(run),
        "verdict": "pass", "reasons": [], "benchmarks": [], "validity": validity(),
        "metrics": {}, "steps": [], "checks": [], "stages": [], "failures": [],
        "cleanup": {"created": 0, "deleted": 0, "leaked": 0, "reasons": {}},
        "series": {"second": [], "vus": [], "counters": [], "rates": [], "trends": []},
        "histograms": [],
    } | parts  # fmt: skip


def changed(document: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document, with other parts, or with other facts of its `run`."""
    for key, value in changes.items():
        (document if key in document else document["run"])[key] = value
    return document


def process(**changes: Any) -> dict[str, Any]:
    """How a load process fared: well, unless said otherwise."""
    return {
        "cpu_avg_ratio": 0.3, "cpu_max_ratio": 0.5, "loop_lag": {"unit": "ms", "count": 0},
        "memory_max_bytes": 60_000_000, "gc": {"unit": "ms", "longest": 1.0, "total": 5.0},
    } | changes  # fmt: skip


def validity(
    of: Mapping[str, Any] | None = None, *, seconds: int = 60, **changes: Any
) -> dict[str, Any]:
    """A run that can be trusted, by one load process or as `processes` of the generator say."""
    fared = {"seconds": seconds, "processes": []} | dict(process() if of is None else of)
    return {"valid": True, "findings": [], "generator": fared} | changes


def benchmark(name: str, **changes: Any) -> dict[str, Any]:
    """A benchmark row that was met, of no sample."""
    return {
        "name": name, "metric": "http_req_duration", "where": {}, "aggregation": "p95",
        "require": "p95 < 250ms", "observed": None, "unit": "ms", "samples": 0, "needed": 59,
        "margin": None, "status": "met", "bound_95": None, "interval_95": None, "reason": None,
        "series": [],
    } | changes  # fmt: skip


def rate(yes: int, total: int) -> dict[str, Any]:
    """Figures of a rate."""
    return {"unit": "ratio", "count": total, "yes": yes, "rate": yes / max(total, 1)}


def histogram_of(histogram: Histogram, metric: str, **labels: Any) -> dict[str, Any]:
    """A histogram as a result keeps it."""
    return {
        **labels, "metric": metric, "unit": "ns", "count": histogram.count,
        "encoded": codec.encode(histogram),
    }  # fmt: skip
