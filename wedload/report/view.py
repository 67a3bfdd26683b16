"""A run as those who watch it see it, while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline
from wedload.units import NS_PER_S
from wedload.verdict.timed_rows import TimedRows
from wedload.workload.schedule import ArrivalSchedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.plan.benchmark import Requirement
    from wedload.plan.model import Plan
    from wedload.report.figures import KnownP95
    from wedload.workload.compile_plan import Workload


@dataclass(slots=True)
class RunView:
    """What is known of a run at a moment."""

    plan: str
    target: str
    workload: Workload
    benchmarks: Mapping[str, Requirement]  # in the time scale of the run
    summary: Summary
    timeline: Timeline
    elapsed_s: float = 0.0  # of the load
    known_p95: KnownP95 = field(default_factory=dict)
    timed: TimedRows = field(default_factory=TimedRows.none)


def view_of(
    plan: Plan, target: str, workload: Workload, *, time_scale: float = 1.0, workers: int = 1
) -> RunView:
    """The view of a run that has not begun; `workers`: load processes that will tell of it."""
    benchmarks = {name: row.scaled(time_scale) for name, row in plan.benchmarks.items()}
    catalogue = workload.catalogue
    schedule_s = workload.end_ns / NS_PER_S
    timed = TimedRows(catalogue, benchmarks, workers=workers, schedule_s=schedule_s)
    return RunView(
        plan.name,
        target,
        workload,
        benchmarks,
        Summary(catalogue),
        _timeline(plan, workload),
        timed=timed,
    )


def _timeline(plan: Plan, workload: Workload) -> Timeline:
    """A timeline that keeps by second what is judged or, with arrival rates, waited for."""
    kept = {one.metric for one in plan.benchmarks.values() if one.kind == "trend"}
    if any(isinstance(one.schedule, ArrivalSchedule) for one in workload.scenarios):
        kept.add("response_time")
    return Timeline(kept)


class Observer(Protocol):
    """Who watches a run."""

    def notice(self, text: str) -> None:
        """Something happens outside of the load: starting, setting up, cleaning up."""

    def tick(self, view: RunView) -> None:
        """Twice a second while the load lasts."""

    def close(self) -> None:
        """The run is over, or has failed: leave the terminal as it was."""
