"""What rows of the benchmark table say of time: that it fits the schedule, and can be judged.

`after` and `window` are about the load; `abort` needs a row that can be certain of a miss before
the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.dependency_metrics import OF_FAULTS
from wedload.plan.fault_times import FAULT_DIMENSIONS
from wedload.plan.scenarios import SETUP, TEARDOWN
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.benchmark import Requirement
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Scenario

_BEFORE_AND_AFTER: Final = frozenset({SETUP, TEARDOWN})
_BY_ITERATIONS: Final = ("per-vu-iterations", "shared-iterations")
_WITH_A_WINDOW: Final = (
    'add a window, such as window = "10s", which is judged when it is over, or leave out abort'
)


def end_of_schedule_ns(scenarios: Iterable[Scenario]) -> int:
    """When the last scenario ends by its schedule, at the latest; ns from the start of the load."""
    return max((one.start_time + _length_ns(one) for one in scenarios), default=0)


def _length_ns(scenario: Scenario) -> int:
    if scenario.executor in _BY_ITERATIONS:
        return scenario.max_duration
    if scenario.stages:
        return sum(stage.duration for stage in scenario.stages)
    return scenario.duration or 0


def check_row_times(draft: Draft, plan: Plan, *, sound: bool) -> None:
    """Report rows whose times do not fit; `sound`: nothing of the scenarios was taken out."""
    end_ns = end_of_schedule_ns(plan.scenarios.values()) if sound else None
    for name, row in plan.benchmarks.items():
        for key, message, hint in _findings(row, end_ns):
            draft.report(("benchmarks", name, key), message, hint)


def _findings(row: Requirement, end_ns: int | None) -> Iterable[tuple[str, str, str]]:
    """Key, message and remedy of what is wrong with a row."""
    key = "window" if row.window_s is not None else "after" if row.after_s else "abort"
    outside = {value for name, value in row.where if name == "scenario"} & _BEFORE_AND_AFTER
    if end_ns is not None and row.after_s * NS_PER_S >= end_ns > 0:
        after, end = format_duration_ns(row.after_s * NS_PER_S), format_duration_ns(end_ns)
        message = f"{after} is not before the end of the schedule, {end}: there would be no data"
        yield "after", message, "choose an earlier instant, or make the load longer"
    if outside and (row.timed or row.abort):
        message = f"{outside.pop()} is no part of the load, which after, window and abort are about"
        yield key, message, "write the requirement alone"
    if row.timed and (selector := _schedule_selector(row)) is not None:
        what = selector.rpartition("_")[2]
        if (problem := _beside(row, what)) is not None:
            yield key, problem, f"leave out {key}, or the {what}"
    own = row.metric in OF_FAULTS  # refused by wedload.plan.checks.fault_rows
    if row.abort and not own and row.window_s is None and (problem := uncertain(row)) is not None:
        yield "abort", problem, _WITH_A_WINDOW


def _schedule_selector(row: Requirement) -> str | None:
    """The selector by which a row is about what the plan schedules: a stage, a fault."""
    return next((name for name, _ in row.where if name in {"stage", *FAULT_DIMENSIONS}), None)


def _beside(row: Requirement, what: str) -> str | None:
    """Why an amount of a stage cannot be judged by time: beside its stage there is none of it.

    So it is of a fault.
    """
    per_second = row.kind == "counter" and row.aggregation == "rate"
    if row.window_s is not None and not row.upper and (per_second or row.aggregation == "count"):
        return f"beside its {what} every window would miss `{row.words}`: nothing is counted there"
    if row.window_s is None and per_second:
        return f"how much of its {what} is left then, and so the rate per second, is not known"
    return None


def uncertain(row: Requirement) -> str | None:
    """Why a row without a window cannot be known to be missed before the end; None if it can."""
    low = row.operator in {">", ">="}
    if row.kind == "gauge" and (row.quantile is not None or row.aggregation == "last"):
        return f"{row.aggregation} of a level can recover until the end"
    if row.kind == "counter" and row.aggregation == "rate":
        return "a rate per second is known at the end only"
    if row.aggregation == "count" and low:
        return f"`{row.words}` can be reached until the end, so a miss is certain then only"
    if row.aggregation in {"avg", "value"}:
        return "an average can recover until the end, so a miss is certain then only"
    if (row.aggregation == "max" and low) or (row.aggregation == "min" and row.upper):
        return f"one sample can still meet `{row.words}`, so a miss is certain at the end only"
    if row.quantile is not None and row.operator == "==":
        return "that a percentile is equal to something is certain at the end only"
    return None
