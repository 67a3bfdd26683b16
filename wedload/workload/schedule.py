"""Schedules: what each executor is to carry out, as data. Pure.

Times are ns from the scenario's start. A segment is one load process's share of a schedule; the
shares add up exactly to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from wedload.plan.rate import Rate
from wedload.plan.scenarios import stage_names
from wedload.workload.arrivals import (
    RateStage,
    arrivals_ns,
    most_within,
    poisson_ns,
    rate_at,
    total_arrivals,
)
from wedload.workload.segment import Segment
from wedload.workload.stages import Stage, asked_vus, total_ns, vu_changes, vu_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Scenario
    from wedload.workload.stages import VuChange


@dataclass(frozen=True, slots=True)
class VuSchedule:
    """So many virtual users at a time: constant-vus, ramping-vus."""

    start_vus: int
    stages: tuple[Stage, ...]
    graceful_ramp_down_ns: int = 0

    @property
    def duration_ns(self) -> int:
        """Length of all stages."""
        return total_ns(self.stages)

    @property
    def most_vus(self) -> int:
        """The highest number of virtual users that it asks for."""
        return max([self.start_vus, *(stage.target for stage in self.stages)])

    @property
    def asked(self) -> float:
        """The load asked for: virtual users times seconds."""
        return vu_seconds(self.start_vus, self.stages)

    def level_at(self, at_ns: int) -> float:
        """Virtual users asked for at an instant."""
        return asked_vus(self.start_vus, self.stages, at_ns)

    def changes(self, segment: Segment) -> Iterator[VuChange]:
        """Starts and stops of a segment's virtual users."""
        return vu_changes(self.start_vus, self.stages, segment)


@dataclass(frozen=True, slots=True)
class ArrivalSchedule:
    """So many iterations a second, whoever is free: constant- and ramping-arrival-rate."""

    start_rate: Fraction  # per s
    stages: tuple[RateStage, ...]
    max_vus: int
    drop: bool  # an iteration that nobody is free for; else it waits, and keeps its due time
    #: what draws the arrivals of a Poisson process; None: they are due at regular intervals
    seed: str | None = None
    #: stretches at rates that are told while it runs, at most so many; 0: its stages say the rates
    probes: int = 0

    @property
    def duration_ns(self) -> int:
        """Length of all stages."""
        return sum(stage.duration_ns for stage in self.stages)

    @property
    def most_vus(self) -> int:
        """The highest number of virtual users that it may come to."""
        return self.max_vus

    @property
    def asked(self) -> float:
        """The load asked for: iterations; 0 if that is told while it runs."""
        return 0.0 if self.probes else total_arrivals(self.start_rate, self.stages)

    def level_at(self, at_ns: int) -> float:
        """Iterations per s asked for at an instant."""
        return rate_at(self.start_rate, self.stages, at_ns)

    def most_within(self, window_ns: int) -> float:
        """The most iterations that start within a window: those under way if each takes so long."""
        return most_within(self.start_rate, self.stages, window_ns)

    def due_ns(self, segment: Segment) -> Iterator[int]:
        """When each of a segment's iterations is due, in order."""
        if self.seed is not None:
            return poisson_ns(self.start_rate, self.stages, segment, self.max_vus, self.seed)
        return arrivals_ns(self.start_rate, self.stages, segment, self.max_vus)

    def probe(self, number: int, rate: Fraction, duration_ns: int) -> ArrivalSchedule:
        """The schedule of one of its stretches, from that one's begin on; `rate` is per s."""
        seed = None if self.seed is None else f"{self.seed}/{number}"
        stages = (RateStage("", duration_ns, rate),)
        return ArrivalSchedule(rate, stages, self.max_vus, self.drop, seed)


@dataclass(frozen=True, slots=True)
class IterationSchedule:
    """So many iterations, however long they take: per-vu-iterations, shared-iterations."""

    vus: int
    iterations: int  # of each virtual user, or of all of them
    shared: bool
    max_duration_ns: int

    @property
    def stages(self) -> tuple[Stage, ...]:
        """One, without a name."""
        return (Stage("", self.max_duration_ns, self.vus),)

    @property
    def duration_ns(self) -> int:
        """How long it may take."""
        return self.max_duration_ns

    @property
    def most_vus(self) -> int:
        """All of its virtual users start at once."""
        return self.vus

    @property
    def asked(self) -> float:
        """The load asked for: virtual users times seconds; 0, as nobody asks for a duration."""
        return 0.0

    def level_at(self, at_ns: int) -> float:
        """Virtual users there may be at an instant."""
        return self.vus if 0 <= at_ns < self.max_duration_ns else 0

    @property
    def total(self) -> int:
        """Iterations of all virtual users together."""
        return self.iterations if self.shared else self.iterations * self.vus

    def share_of(self, segment: Segment) -> int:
        """Iterations that a segment's virtual users share, in proportion to their number."""
        before = sum(
            Segment(index, segment.count).share(self.vus) for index in range(segment.index)
        )
        through = before + segment.share(self.vus)
        return self.iterations * through // self.vus - self.iterations * before // self.vus


@dataclass(frozen=True, slots=True)
class ControlledSchedule:
    """Virtual users that somebody scales while they run: externally-controlled."""

    vus: int  # at first
    max_vus: int
    duration_ns: int
    graceful_ramp_down_ns: int = 0

    @property
    def stages(self) -> tuple[Stage, ...]:
        """One, without a name."""
        return (Stage("", self.duration_ns, self.vus),)

    @property
    def most_vus(self) -> int:
        """The highest number of virtual users that it may come to."""
        return self.max_vus

    @property
    def asked(self) -> float:
        """0: what will be asked for is not known beforehand."""
        return 0.0

    def level_at(self, at_ns: int) -> float:
        """Virtual users at first."""
        return self.vus if 0 <= at_ns < self.duration_ns else 0


def schedule_of(scenario: Scenario, time_scale: float, seed: str = "") -> Schedule:
    """The schedule of a scenario that has been checked; `time_scale` stretches its stages.

    `seed`: what draws arrivals that are due at random.
    """

    def scaled(duration_ns: int) -> int:
        return round(duration_ns * time_scale)

    lengths = [
        (name, scaled(stage.duration), stage.target)
        for name, stage in zip(stage_names(scenario), scenario.stages, strict=True)
    ]
    duration_ns, vus = scaled(scenario.duration or 0), scenario.vus or 0
    match scenario.executor:
        case "constant-vus":
            return VuSchedule(vus, (Stage("", duration_ns, vus),))
        case "ramping-vus":
            stages = tuple(
                Stage(name, ns, target) for name, ns, target in lengths if isinstance(target, int)
            )
            return VuSchedule(scenario.start_vus, stages, scenario.graceful_ramp_down)
        case "per-vu-iterations" | "shared-iterations":
            return IterationSchedule(
                vus,
                scenario.iterations or 0,
                shared=scenario.executor == "shared-iterations",
                max_duration_ns=scenario.max_duration,
            )
        case "externally-controlled":
            return ControlledSchedule(
                vus, scenario.max_vus, duration_ns, scenario.graceful_ramp_down
            )
        case "constant-arrival-rate" | "ramping-arrival-rate":
            return _arrivals(scenario, duration_ns, lengths, seed)


def _arrivals(
    scenario: Scenario, duration_ns: int, lengths: list[tuple[str, int, int | Rate]], seed: str
) -> ArrivalSchedule:
    unit_ns = scenario.time_unit
    if scenario.rate is not None:
        start = scenario.rate.per_s(unit_ns)
        stages: tuple[RateStage, ...] = (RateStage("", duration_ns, start),)
    else:
        start = scenario.start_rate.per_s(unit_ns)
        rates = [
            target if isinstance(target, Rate) else Rate(Fraction(target), None)
            for _, _, target in lengths
        ]
        stages = tuple(
            RateStage(name, ns, rate.per_s(unit_ns))
            for (name, ns, _), rate in zip(lengths, rates, strict=True)
        )
    return ArrivalSchedule(
        start,
        stages,
        scenario.max_vus,
        drop=scenario.on_saturation == "drop",
        seed=seed if scenario.arrivals == "poisson" else None,
    )


Schedule = VuSchedule | ArrivalSchedule | IterationSchedule | ControlledSchedule

__all__ = [
    "ArrivalSchedule", "ControlledSchedule", "IterationSchedule", "RateStage", "Schedule", "Stage",
    "VuSchedule", "schedule_of",
]  # fmt: skip
