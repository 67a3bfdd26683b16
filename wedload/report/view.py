"""A run as those who watch it see it, while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from wedload.results.planned_faults import planned_faults
from wedload.results.run import stage_spans
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.verdict.collected import Collected
from wedload.verdict.fault_account import FaultAccount
from wedload.workload.schedule import ArrivalSchedule
from wedload.workload.verbs.channels import shortest_within_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.summary import Summary
    from wedload.metrics.timeline import Timeline
    from wedload.plan.benchmark import Requirement
    from wedload.plan.model import Plan
    from wedload.report.figures import KnownP95
    from wedload.results.faults_model import PlannedFault
    from wedload.verdict.timed_rows import TimedRows
    from wedload.workload.compile_plan import Workload


@dataclass(slots=True)
class RunView:
    """What is known of a run at a moment."""

    plan: str
    target: str
    workload: Workload
    collected: Collected
    elapsed_s: float = 0.0  # of the load
    known_p95: KnownP95 = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)  # name -> webhook or realtime
    dependencies: tuple[str, ...] = ()  # third parties that wedload plays, by name
    faults: tuple[PlannedFault, ...] = ()  # in the time scale of the run
    run_id: str = ""
    doing: str = ""  # what a search for the capacity is at; empty: the stages say it all

    @property
    def benchmarks(self) -> Mapping[str, Requirement]:
        """The rows, in the time scale of the run."""
        return self.collected.benchmarks

    @property
    def summary(self) -> Summary:
        """The run so far as a whole."""
        return self.collected.summary

    @property
    def timeline(self) -> Timeline:
        """The run so far by second."""
        return self.collected.timeline

    @property
    def timed(self) -> TimedRows:
        """The rows about a part of the load."""
        return self.collected.timed


def view_of(
    plan: Plan, target: str, workload: Workload, *, time_scale: float = 1.0, workers: int = 1,
    max_rate_per_s: float | None = None,
) -> RunView:  # fmt: skip
    """The view of a run that has not begun; `workers`: processes that will tell of it.

    The last of them is that of the third parties, if the plan has any or has proxies; before it
    is that of the channels, if the plan has any.
    """
    played = bool(plan.dependencies or plan.proxies)
    within_ns = shortest_within_ns(plan)
    collected = Collected.of(
        workload.catalogue,
        {name: row.scaled(time_scale) for name, row in plan.benchmarks.items()},
        workers=workers,
        ears=workers - 1 - played if plan.channels else None,
        parties=workers - 1 if played else None,
        within_ms=None if within_ns is None else within_ns / NS_PER_MS,
        schedule_s=workload.end_ns / NS_PER_S,
        faults=FaultAccount(workload.faults, stage_spans(workload)),
        arrivals=any(isinstance(one.schedule, ArrivalSchedule) for one in workload.scenarios),
        max_rate_per_s=max_rate_per_s,
    )
    channels = {name: one.kind for name, one in plan.channels.items()}
    return RunView(
        plan.name, target, workload, collected, channels=channels,
        dependencies=tuple(plan.dependencies), faults=planned_faults(plan, time_scale),
    )  # fmt: skip


class Observer(Protocol):
    """Who watches a run."""

    def notice(self, text: str) -> None:
        """Something happens outside of the load: starting, setting up, cleaning up."""

    def tick(self, view: RunView) -> None:
        """Twice a second while the load lasts."""

    def close(self) -> None:
        """The run is over, or has failed: leave the terminal as it was."""
