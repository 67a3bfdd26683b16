"""A run and what came of it: what a result is made of."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wedload.about import is_compiled
from wedload.metrics.pair_slots import PairSlots
from wedload.results.accepted_model import AcceptedData
from wedload.results.faults_model import PlannedFault
from wedload.units import NS_PER_S
from wedload.workload.schedule import ArrivalSchedule, VuSchedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.dependencies.envoy import Envoy
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.levels import Levels
    from wedload.metrics.summary import Summary
    from wedload.metrics.timeline import Timeline
    from wedload.results.capacity_model import Capacity
    from wedload.results.databases_model import Explained
    from wedload.results.monitoring_model import MonitoringFacts
    from wedload.traces.found import FoundTraces
    from wedload.verdict.model import Verdict
    from wedload.verdict.validity import GeneratorHealth
    from wedload.workload.compile_plan import Workload
    from wedload.workload.schedule import Schedule


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of a run before its load begins."""

    run_id: str
    plan: str
    plan_file: str
    plan_hash: str
    load_hash: str
    target: str
    base_url: str
    started_at: datetime
    planned_s: float  # length of the schedule
    time_scale: float
    seed: int
    version: str
    workers: int
    host: Mapping[str, Any]
    tags: Mapping[str, str]
    channels: Mapping[str, str] = field(default_factory=dict)  # name -> webhook or realtime
    #: channel -> when a message is in time at the latest, after its trigger
    within_ms: Mapping[str, float] = field(default_factory=dict)
    faults: tuple[PlannedFault, ...] = ()  # in the time scale of the run
    dependencies: Mapping[str, str] = field(default_factory=dict)  # name -> what is simulated
    proxies: Mapping[str, str] = field(default_factory=dict)  # name -> upstream
    max_rate_per_s: float | None = None  # requests that the target gets at most
    routes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # name -> its two URLs
    accepted_data: tuple[AcceptedData, ...] = ()  # what may be somebody's, with the reasons
    resources: Mapping[str, str] = field(default_factory=dict)  # name -> `process: api`

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "id": self.run_id,
            "plan": self.plan,
            "plan_file": self.plan_file,
            "plan_hash": self.plan_hash,
            "load_hash": self.load_hash,
            "target": self.target,
            "base_url": self.base_url,
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            "planned_s": round(self.planned_s, 3),
            "time_scale": self.time_scale,
            "seed": self.seed,
            "version": self.version,
            "workers": self.workers,
            "host": dict(self.host),
            "tags": dict(self.tags),
            "channels": dict(self.channels),
            "within_ms": dict(self.within_ms),
            "faults": [one.model_dump(mode="json") for one in self.faults],
            "dependencies": dict(self.dependencies),
            "proxies": dict(self.proxies),
            "max_rate_per_s": self.max_rate_per_s,
            "routes": {name: dict(one) for name, one in self.routes.items()},
            "accepted_data": [one.model_dump(mode="json") for one in self.accepted_data],
            "resources": dict(self.resources),
        }

    @staticmethod
    def of(facts: Mapping[str, Any]) -> RunInfo:
        """What `facts` gave.

        Raises:
            KeyError, TypeError, ValueError: it did not give this.
        """
        known = dict(facts)
        started_at = datetime.fromisoformat(known.pop("started_at"))
        faults = tuple(map(PlannedFault.model_validate, known.pop("faults", ())))
        accepted = tuple(map(AcceptedData.model_validate, known.pop("accepted_data", ())))
        return RunInfo(
            run_id=known.pop("id"),
            started_at=started_at,
            faults=faults,
            accepted_data=accepted,
            **known,
        )


@dataclass(frozen=True, slots=True)
class StageSpan:
    """When a stage of a scenario is in force, by the schedule."""

    scenario: str
    stage: str | None
    begin_s: float
    end_s: float
    start_vus: int | None  # it ramps from here to its target
    target_vus: int | None
    start_rate: float | None  # per second
    target_rate: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is over."""

    info: RunInfo
    load_s: float  # how long the load lasted
    interrupted: bool
    stages: tuple[StageSpan, ...]
    summary: Summary
    timeline: Timeline
    health: GeneratorHealth
    cleanup: CleanupCount | None  # None: lost with the load process
    verdict: Verdict
    complete: bool = True  # else the coordinator ended in mid-run
    aborted_s: float | None = None  # when a row with `abort` ended the load, if one did
    #: what the ear of each channel says beside its metrics; None: lost with their process
    channels: Mapping[str, Mapping[str, Any]] | None = None
    #: what the process of third parties reports of each, and of each proxy; None: lost with it
    dependencies: Mapping[str, Mapping[str, Any]] | None = None
    proxies: Mapping[str, Mapping[str, Any]] | None = None
    pairs: PairSlots = field(default_factory=PairSlots)  # what both ways of routes differ by
    envoys: Mapping[str, Envoy] = field(default_factory=dict)  # of routes that name one
    traces: FoundTraces | None = None  # None: nothing was to be traced
    explained: tuple[Explained, ...] = ()  # slowest queries
    levels: Levels | None = None  # of resources; None: nothing was sampled
    #: what is known of each resource beside its levels; none of them: lost with the coordinator
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    capacity: Capacity | None = None  # of a search for it
    monitoring: MonitoringFacts | None = None  # None: nobody was to be told


def stage_spans(workload: Workload) -> tuple[StageSpan, ...]:
    """The stages of all scenarios, in their order."""
    spans = []
    for scenario in workload.scenarios:
        begin_ns, schedule = scenario.start_ns, scenario.schedule
        rates = isinstance(schedule, ArrivalSchedule)
        level = _level_before(schedule)
        for stage in schedule.stages:
            end_ns = begin_ns + stage.duration_ns
            spans.append(
                StageSpan(
                    scenario.name,
                    stage.name or None,
                    begin_ns / NS_PER_S,
                    end_ns / NS_PER_S,
                    None if rates else int(level),
                    None if rates else int(stage.target),
                    level if rates else None,
                    float(stage.target) if rates else None,
                )
            )
            begin_ns, level = end_ns, float(stage.target)
    return tuple(spans)


def _level_before(schedule: Schedule) -> float:
    """Virtual users, or iterations per second, as a schedule begins."""
    match schedule:
        case ArrivalSchedule():
            return float(schedule.start_rate)
        case VuSchedule():
            return float(schedule.start_vus)
        case _:
            return float(schedule.most_vus)


def host_facts() -> dict[str, Any]:
    """The machine that a run is made on."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "compiled": is_compiled(),  # what drives the load, which then needs less CPU time
    }
