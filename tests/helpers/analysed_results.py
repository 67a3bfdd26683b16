"""Results of runs that never happened, of a platform whose parts take the time that a test says.

Each request is drawn for itself: its parts vary, its duration is their sum, a share of them is
traced. So what an analysis finds can be held against what was put in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.helpers.results import benchmark, changed, rate, skeleton
from wedload.metrics import codec
from wedload.metrics.histogram import Histogram
from wedload.results.figures import trend_figures
from wedload.results.model import Result
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OUTSIDE = ("", "outside")
SEARCH, FORM = "search suppliers", "submit form"
RAMP = (("ramp", 48, 2, 40), ("peak", 30, 40, 40))
#: what a healthy platform takes, ms: within requests of a step
HEALTHY = {
    SEARCH: {
        OUTSIDE: 0.6, ("sandbox", "GET /api/suppliers/search"): 1.4,
        ("sandbox", "wait for a connection"): 0.1, ("postgresql", "SELECT suppliers"): 3.0,
    },
    FORM: {
        OUTSIDE: 0.6, ("sandbox", "POST /api/forms/submit"): 2.0, ("sandbox", "validation"): 0.3,
        ("sandbox", "wait for a connection"): 0.1, ("postgresql", "BEGIN"): 0.3,
        ("postgresql", "INSERT submissions"): 1.2, ("postgresql", "COMMIT"): 0.8,
    },
}  # fmt: skip


@dataclass
class Platform:
    """What parts take, by step and virtual users; `think_s` is between a user's requests."""

    parts: Callable[[str, float], Mapping[tuple[str, str], float]]
    steps: Sequence[str] = (SEARCH, FORM)
    stages: Sequence[tuple[str, int, int, int]] = RAMP
    think_s: float = 0.5
    share: float = 0.2  # that is traced
    spread: float = 0.4  # of the logarithm of a part
    resources: Sequence[dict[str, Any]] = field(default=())
    allowed_ms: float = 200.0


def healthy(step: str, vus: float) -> dict[tuple[str, str], float]:
    """Nothing depends on the load."""
    return dict(HEALTHY[step])


def with_parts(change: Callable[[str, float], Mapping[tuple[str, str], float]]) -> Any:
    """Healthy, but for the parts that `change` gives."""
    return lambda step, vus: {**healthy(step, vus), **change(step, vus)}


def vus_by_second(stages: Sequence[tuple[str, int, int, int]]) -> list[int]:
    found: list[int] = []
    for _, seconds, start, target in stages:
        found += [round(start + (target - start) * (at + 0.5) / seconds) for at in range(seconds)]
    return found


def analysed_result(
    platform: Platform, *, seed: int = 1, slot_s: int = 2, **changes: Any
) -> Result:
    """A run on the platform; `changes` replace parts of the result."""
    random = np.random.default_rng(seed)
    vus = vus_by_second(platform.stages)
    steps = [_Step(name, platform, vus, slot_s, random) for name in platform.steps]
    made = skeleton(
        run={
            "plan": "weak", "duration_s": float(len(vus)), "planned_s": float(len(vus)),
        },
        verdict="pass",
        benchmarks=[one.row(place, platform.allowed_ms) for place, one in enumerate(steps)],
        steps=[
            {**one.where, "outcomes": {"ok": one.requests}, "metrics": one.metrics()}
            for one in steps
        ],
        stages=_stages(platform.stages),
        series={
            "second": list(range(len(vus))), "vus": vus, "counters": [],
            "rates": [
                {"metric": "http_req_failed", **one.where, "yes": [0] * len(vus),
                 "total": one.counts}
                for one in steps
            ],
            "trends": [
                {"metric": "http_req_duration", **one.where, "p50": [None] * len(vus),
                 "p95": [None] * len(vus), "histograms": one.encoded}
                for one in steps
            ],
        },
        traces=_traces(steps, len(vus), slot_s, platform.share) if platform.share else None,
        resources=list(platform.resources),
    )  # fmt: skip
    if any(one["status"] == "missed" for one in made["benchmarks"]):
        made["verdict"] = "fail"
    for key, value in changes.items():
        made[key] = value
    return Result.model_validate(changed(made, {}))


class _Step:
    def __init__(
        self, name: str, platform: Platform, vus: list[int], slot_s: int,
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        self.where = {"scenario": "main", "workflow": "visit", "step": name}
        self.counts: list[int] = []
        self.encoded: list[str | None] = []
        self.everything: list[Histogram] = []
        self.traced: Counter[int] = Counter()
        self.root: defaultdict[int, float] = defaultdict(float)
        self.spans: defaultdict[tuple[int, str, str], list[float]] = defaultdict(list)
        for second, users in enumerate(vus):
            self._second(name, platform, second, users, slot_s, random)
        self.whole = Histogram.merge(self.everything)
        self.requests = sum(self.counts)

    def _second(
        self, name: str, platform: Platform, second: int, users: int, slot_s: int,
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        parts = platform.parts(name, users)
        mean_s = sum(sum(platform.parts(one, users).values()) for one in platform.steps) / 1000
        each_s = platform.think_s + mean_s / len(platform.steps)
        count = int(random.poisson(users / each_s / len(platform.steps)))
        sigma = platform.spread
        drawn = {
            key: ms * random.lognormal(-sigma * sigma / 2, sigma, count)
            for key, ms in parts.items()
        }
        total = sum(drawn.values(), np.zeros(count))
        durations = Histogram.of(np.maximum((total * NS_PER_MS).astype(np.int64), 1))
        self.counts.append(count)
        self.encoded.append(codec.encode(durations, 2) if count else None)
        self.everything.append(durations)
        traced = random.random(count) < platform.share
        slot = second // slot_s
        self.traced[slot] += int(traced.sum())
        self.root[slot] += float((total - drawn[OUTSIDE])[traced].sum())
        for (service, operation), ms in drawn.items():
            if (service, operation) != OUTSIDE and traced.any():
                self.spans[slot, service, operation] += ms[traced].tolist()

    def metrics(self) -> dict[str, Any]:
        return {
            "http_reqs": {"unit": "count", "count": self.requests, "rate": 1.0},
            "http_req_duration": trend_figures(self.whole),
            "http_req_failed": rate(0, self.requests),
        }

    def row(self, place: int, allowed_ms: float) -> dict[str, Any]:
        observed = self.whole.quantile_ns(0.95) / NS_PER_MS
        return benchmark(
            f"{self.where['step']} is quick", where={"step": self.where["step"]},
            require=f"p95 < {allowed_ms:g}ms", observed=observed, samples=self.requests,
            margin=(allowed_ms - observed) / allowed_ms,
            status="met" if observed < allowed_ms else "missed", series=[place],
        )  # fmt: skip


def _stages(stages: Sequence[tuple[str, int, int, int]]) -> list[dict[str, Any]]:
    found, begin = [], 0.0
    for name, seconds, start, target in stages:
        found.append(
            {
                "scenario": "main", "stage": name, "begin_s": begin, "end_s": begin + seconds,
                "start_vus": start, "target_vus": target, "target_rate": None, "metrics": {},
            }
        )  # fmt: skip
        begin += seconds
    return found


def _traces(steps: Sequence[_Step], seconds: int, slot_s: int, share: float) -> dict[str, Any]:
    traced = sum(sum(one.traced.values()) for one in steps)
    return {
        "share": share, "requests": traced, "traces": traced, "spans": traced * 4,
        "slots_s": [float(at) for at in range(0, seconds, slot_s)], "slot_s": float(slot_s),
        "steps": [
            {"slot": slot, **one.where, "count": count, "root_ms": one.root[slot]}
            for one in steps
            for slot, count in one.traced.items()
            if count
        ],
        "operations": [
            {
                "slot": slot, **one.where, "service": service, "operation": operation,
                "count": len(ms), "self_ms": sum(ms), "critical_ms": sum(ms),
                "max_self_ms": max(ms),
            }
            for one in steps
            for (slot, service, operation), ms in one.spans.items()
        ],
    }  # fmt: skip


def figures(
    quantity: str,
    values: Sequence[float | None],
    unit: str = "count",
    capacity: float | None = None,
) -> dict[str, Any]:
    """A quantity of a resource, by second."""
    known = [one for one in values if one is not None]
    return {
        "quantity": quantity, "metric": f"resource_{quantity}", "unit": unit,
        "samples": len(known), "min": min(known), "avg": sum(known) / len(known),
        "max": max(known), "p95": None, "capacity": capacity, "by_second": list(values),
    }  # fmt: skip


def resource(name: str, kind: str, what: str, *of: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource with its figures."""
    return {"name": name, "kind": kind, "what": what, "figures": list(of), **more}


def answers(name: str, ms: float, counts: Sequence[int]) -> dict[str, Any]:
    """A third party's answers by second, as a result has them."""
    encoded = [
        codec.encode(Histogram.of([round(ms * NS_PER_MS)] * count), 2) if count else None
        for count in counts
    ]
    return {
        "metric": "dependency_duration", "scenario": "dependencies", "dependency": name,
        "p50": [None] * len(counts), "p95": [None] * len(counts), "histograms": encoded,
    }  # fmt: skip


def dependency(name: str, simulate: str, ms: Sequence[float]) -> dict[str, Any]:
    """A third party that took so long to answer."""
    took = Histogram.of((np.array(ms) * NS_PER_MS).astype(np.int64))
    return {
        "name": name, "simulate": simulate, "requests": len(ms), "outcomes": {"ok": len(ms)},
        "operations": len(ms), "amplification": 1.0,
        "metrics": {"dependency_duration": trend_figures(took)},
    }  # fmt: skip
