"""Channels for results of runs that never happened, with as much lost and as slow as a test wants.

What the tables say is what the seconds and histograms hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.helpers.heard_run import REPORTS
from tests.helpers.results import histogram_of, rate
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.results.channels import DURATIONS, LAST
from wedload.results.figures import trend_figures
from wedload.results.model import Result
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = {"notices": "webhook", "guests": "realtime"}
_MEDIAN_MS: Final = {"webhook": 40.0, "realtime": 12.0}


def with_channels(
    result: Result,
    kinds: Mapping[str, str] = KINDS,
    *,
    per_s: float = 20.0,
    lost: float = 0.002,
    slower: float = 1.0,
    seed: int = 1,
    ears: bool = True,
) -> Result:
    """The result with channels: `lost` is a share, `slower` a factor."""
    random = np.random.default_rng(seed)
    seconds = len(result.series.second)
    document = result.model_dump(mode="json", by_alias=True)
    document["run"]["channels"] = dict(kinds)
    for name, kind in kinds.items():
        made = _made(kind, seconds, per_s, lost, slower, random)
        key = {
            "scenario": result.stages[0].scenario, "workflow": "flow", "step": f"await {name}",
            "channel": name,
        }  # fmt: skip
        series = document["series"]
        series["rates"].append(
            {"metric": f"{kind}_delivered", **key, "yes": made["yes"], "total": made["total"]}
        )
        for metric, histograms in made["trends"].items():
            series["trends"].append({"metric": metric, **key, **_course(histograms)})
            whole = Histogram.merge(histograms)
            if whole.count:
                stage = result.stages[0].stage
                document["histograms"].append(histogram_of(whole, metric, **key, stage=stage))
        document["channels"].append(_channel(name, kind, made, ears=ears))
    return Result.model_validate(document)


def _made(
    kind: str, seconds: int, per_s: float, lost: float, slower: float, random: np.random.Generator
) -> dict[str, Any]:
    total = random.poisson(per_s, seconds)
    yes = random.binomial(total, 1 - lost)
    took, last = [], []
    for count in yes.tolist():
        ms = _MEDIAN_MS[kind] * slower * random.lognormal(0, 0.4, count)
        took.append(Histogram.of((ms * NS_PER_MS).astype(np.int64)))
        tops = [ms.max()] * (count // 4) if count else []
        last.append(Histogram.of([round(one * NS_PER_MS) for one in tops]))
    trends = {DURATIONS[kind]: took}
    if kind == "realtime":
        trends[LAST] = last
    return {"yes": yes.tolist(), "total": total.tolist(), "trends": trends}


def _course(histograms: list[Histogram]) -> dict[str, Any]:
    def figures(q: float) -> list[float | None]:
        return [one.quantile_ns(q) / NS_PER_MS if one.count else None for one in histograms]

    encoded = [codec.encode(one, 2) if one.count else None for one in histograms]
    return {"p50": figures(0.5), "p95": figures(0.95), "histograms": encoded}


def _channel(name: str, kind: str, made: Mapping[str, Any], *, ears: bool) -> dict[str, Any]:
    yes, total = sum(made["yes"]), sum(made["total"])
    webhook = kind == "webhook"
    return {
        "name": name, "kind": kind, "expected": total, "delivered": yes, "missed": total - yes,
        "late": 0, "lost": total - yes, "undecided": 0, "withdrawn": 0, "unexpected": 1,
        "duplicates": 3, "out_of_order": 2, "attempts": total if webhook else 0,
        "retries": 9 if webhook else 0, "rejected": {"bad-signature": 5} if webhook else {},
        "drops": {} if webhook else {"reset": 2}, "quota_errors": {} if webhook else {"429": 4},
        "metrics": {
            f"{kind}_delivered": rate(yes, total),
            **{
                metric: trend_figures(Histogram.merge(histograms))
                for metric, histograms in made["trends"].items()
            },
        },
        "ear": REPORTS["notices" if webhook else "guests"] if ears else None,
    }  # fmt: skip
