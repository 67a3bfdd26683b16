"""`--once`: every workflow once, without faults and the benchmark rows that need a whole load."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.plan.dependency_metrics import OF_FAULTS
from wedload.plan.fault_times import FAULT_DIMENSIONS

if TYPE_CHECKING:
    from wedload.plan.benchmark import Requirement
    from wedload.plan.loader import LoadedPlan


def without_load(loaded: LoadedPlan) -> tuple[LoadedPlan, dict[str, str]]:
    """The plan without the rows that one iteration says nothing of, and why for each of them.

    Nor has it faults: they begin when a load is under way.
    """
    benchmarks = loaded.plan.benchmarks
    whys = {name: _why_not(row) for name, row in benchmarks.items()}
    dropped = {name: why for name, why in whys.items() if why is not None}
    kept = {name: row for name, row in benchmarks.items() if name not in dropped}
    return replace(loaded, plan=replace(loaded.plan, benchmarks=kept, faults=())), dropped


def _why_not(row: Requirement) -> str | None:
    if any(key == "stage" for key, _ in row.where):
        return "--once has no stages"
    if row.metric in OF_FAULTS or any(key in FAULT_DIMENSIONS for key, _ in row.where):
        return "--once has no faults"
    if row.timed or row.kind == "gauge":
        return "--once has no seconds of load"
    if row.quantile is not None:
        return "--once has too few samples for a percentile"
    if row.claims and row.threshold < 1:
        return "--once has too few deliveries to prove a share of them"
    if row.unit == "per_s":
        return "--once has no throughput"
    return None
