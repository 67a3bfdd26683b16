"""A result with a route of two steps, before an Envoy that repeated requests."""

from __future__ import annotations

from typing import Any

from tests.helpers.small_result import document, trend
from wedload.results.model import Result


def pairs(step: str | None, **overhead: Any) -> dict[str, Any]:
    figures = {
        "count": 4000, "min": -1.5, "avg": 0.3104, "med": 0.29, "p95": 0.5717, "max": 12.25,
        "avg_95": (0.2941, 0.3268), "med_95": None, "p95_95": None,
    }  # fmt: skip
    return {
        "scenario": step and "main", "workflow": step and "visit", "step": step, "cold": 2,
        "failed": 1, "direct": trend(avg=0.4676), "via": trend(avg=0.778),
        "overhead": figures | overhead,
    }  # fmt: skip


CLUSTER = {
    "cluster": "platform", "rq_total": 4012, "rq_retry": 9, "rq_retry_success": 7,
    "rq_retry_overflow": 0, "rq_retry_limit_exceeded": 1, "rq_pending_overflow": 3,
    "cx_overflow": 0, "rq_timeout": 0, "rq_5xx": 11,
}  # fmt: skip


def routed(**changes: Any) -> Result:
    """`changes` are of the route."""
    route = {
        "name": "gate", "direct": "http://127.0.0.1:8000", "via": "http://127.0.0.1:10000",
        "pairs": pairs(None), "steps": [pairs("look"), pairs("find", avg_95=None, avg=-0.0123)],
        "envoy": {"admin": "http://127.0.0.1:9901", "clusters": [CLUSTER]},
    }  # fmt: skip
    made = document()
    return Result.model_validate(made | {"routes": [route | changes]})
