"""Faults and third parties for results of runs that never happened.

What the tables say of third parties is what the seconds hold; goodput is that of the seconds, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.helpers.results import histogram_of, rate
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.results.figures import trend_figures
from wedload.results.model import Result
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: Final = {"calendar": "google-calendar", "mail": "email"}
PROXY: Final[dict[str, Any]] = {
    "name": "db", "upstream": "127.0.0.1:5432", "listen": "127.0.0.1:4100", "connections": 12,
    "bytes_up": 1_200_000, "bytes_down": 40_000_000, "resets": 3, "refused": 0,
    "upstream_failures": 2, "by_fault": {"slow": 5},
}  # fmt: skip
_GOOD_PER_S: Final = 40.0


def fault(name: str = "calendar outage", **changes: Any) -> dict[str, Any]:
    """A fault that was recovered from."""
    return {
        "name": name, "on": ["calendar"], "what": "down", "begin_s": 60.0, "end_s": 97.0,
        "goodput": {
            "before": {"per_s": 42.1, "expected_per_s": 42.1, "ratio": 1.0},
            "during": {"per_s": 40.9, "expected_per_s": 42.1, "ratio": 0.9731},
            "after": {"per_s": 42.0, "expected_per_s": 42.1, "ratio": 0.9976},
        },
        "recovered": True, "metastable": False, "time_to_recover_s": 4.2,
        "workflow_duration": {
            "before": {"unit": "ms", "count": 2526, "med": 800.0, "p95": 1204.0},
            "during": {"unit": "ms", "count": 1513, "med": 900.0, "p95": 2310.0},
            "after": {"unit": "ms", "count": 900, "med": 810.0, "p95": 1221.0},
        },
        "amplification": {"before": 1.0, "during": 2.314, "after": 1.02},
    } | changes  # fmt: skip


def lasting(name: str = "mail slow", **changes: Any) -> dict[str, Any]:
    """A fault that was not recovered from."""
    return fault(
        name, on=["mail", "db"], what="latency 5s", begin_s=110.0, end_s=130.0, recovered=False,
        metastable=True, time_to_recover_s=None,
        goodput={
            "before": {"per_s": 42.1, "expected_per_s": 42.1, "ratio": 1.0},
            "during": {"per_s": 20.0, "expected_per_s": 42.1, "ratio": 0.475},
            "after": {"per_s": 30.0, "expected_per_s": 42.1, "ratio": 0.7126},
        },
        amplification={"before": None, "during": None, "after": None},
    ) | changes  # fmt: skip


def unsure(name: str = "late", **changes: Any) -> dict[str, Any]:
    """A fault after which there was too little load to say anything."""
    return {
        "name": name, "on": ["mail"], "what": "reset", "begin_s": 150.0, "end_s": 162.0,
        "unknown": "there were 2 s to recover in, where it takes 5",
    } | changes  # fmt: skip


def with_faults(
    result: Result,
    faults: Sequence[Mapping[str, Any]] = (),
    kinds: Mapping[str, str] = KINDS,
    *,
    proxies: Sequence[Mapping[str, Any]] = (PROXY,),
    reports: bool = True,
    seed: int = 1,
) -> Result:
    """The result with faults, third parties and proxies; the first third party suffers them all."""
    random = np.random.default_rng(seed)
    seconds = len(result.series.second)
    document = result.model_dump(mode="json", by_alias=True)
    broken = np.zeros(seconds, np.bool_)
    for one in faults:
        broken[int(one["begin_s"]) : int(one["end_s"])] = True
    document["faults"] = list(faults)
    document["proxies"] = list(proxies)
    document["run"]["dependencies"] = dict(kinds)
    good = random.poisson(np.where(broken, 0.9, 1.0) * _GOOD_PER_S)
    bad = random.poisson(np.where(broken, 0.1, 0.0) * _GOOD_PER_S)
    document["series"]["rates"].append(
        {
            "metric": "workflow_failed", "scenario": result.stages[0].scenario, "workflow": "flow",
            "yes": bad.tolist(), "total": (good + bad).tolist(),
        }
    )  # fmt: skip
    for place, (name, simulate) in enumerate(kinds.items()):
        hurt = broken if place == 0 else np.zeros(seconds, np.bool_)
        _add(document, name, simulate, hurt, random, reports=reports)
    return Result.model_validate(document)


def _add(
    document: dict[str, Any],
    name: str,
    simulate: str,
    hurt: Any,
    random: np.random.Generator,
    *,
    reports: bool,
) -> None:
    total = random.poisson(np.where(hurt, 50.0, 20.0))
    failed = np.where(hurt, total, 0)
    took = []
    for count in total.tolist():
        ms = 120 * random.lognormal(0, 0.5, count)
        took.append(Histogram.of((ms * NS_PER_MS).astype(np.int64)))
    whole = Histogram.merge(took)
    key = {"scenario": "", "dependency": name}
    series = document["series"]
    series["rates"].append(
        {"metric": "dependency_failed", **key, "yes": failed.tolist(), "total": total.tolist()}
    )
    series["trends"].append({"metric": "dependency_duration", **key, **_course(took)})
    if whole.count:
        labels = {**key, "workflow": None, "step": None, "stage": None}
        document["histograms"].append(histogram_of(whole, "dependency_duration", **labels))
    operations = int((total - failed).sum() + failed.sum() // 3)
    attempts = Histogram.of([1] * (operations - 1) + [3] if operations else [])
    down = int(failed.sum())
    document["dependencies"].append(
        {
            "name": name, "simulate": simulate,
            "url": f"http://127.0.0.1:4200/{name}" if reports else None,
            "requests": int(total.sum()),
            "outcomes": {"ok": int(total.sum()) - down, **({"down": down} if down else {})},
            "operations": operations, "failed_operations": down // 3,
            "amplification": int(total.sum()) / max(operations, 1),
            "quota_breaches": 7 if down else 0, "duplicates": 2 if down else 0,
            "metrics": {
                "dependency_requests": {"unit": "count", "count": int(total.sum()), "rate": 20.0},
                "dependency_failed": rate(down, int(total.sum())),
                "dependency_duration": trend_figures(whole),
                "operation_attempts": trend_figures(attempts, durations=False),
                "retry_gap": trend_figures(Histogram.of([200 * NS_PER_MS] * 60)),
                "retry_policy_kept": rate(max(operations - 9, 0), operations),
                "retry_amplification": {"unit": "factor", "count": operations, "value": 1.4},
            },
            "told": "http://127.0.0.1:4300" if reports else None,
            "policy_broken": {"gap": 9} if reports else {},
            "endpoints": [
                {"endpoint": "events.insert", "outcome": "ok", "status": 200, "count": 9},
                {"endpoint": "events.insert", "outcome": "down", "status": 0, "count": 7},
            ] if reports else [],
            "report": {"hedged": 0} if reports else None,
        }
    )  # fmt: skip


def _course(histograms: list[Histogram]) -> dict[str, Any]:
    def figures(q: float) -> list[float | None]:
        return [one.quantile_ns(q) / NS_PER_MS if one.count else None for one in histograms]

    encoded = [codec.encode(one, 2) if one.count else None for one in histograms]
    return {"p50": figures(0.5), "p95": figures(0.95), "histograms": encoded}
