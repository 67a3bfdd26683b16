"""`--vus`, `--duration`, `--stage`: another load model for a plan that has been checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wedload.errors import UsageError
from wedload.plan.fault_times import FAULT_DIMENSIONS, NO_FAULT
from wedload.plan.model import Stage
from wedload.plan.row_times import end_of_schedule_ns
from wedload.plan.scenarios import stage_names
from wedload.units import NS_PER_S, parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.benchmark import Requirement
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan, Scenario


@dataclass(frozen=True, slots=True)
class Shape:
    """What the command line says of the load."""

    vus: int | None = None
    duration: str | None = None
    stages: tuple[str, ...] = ()  # as "30s:100"

    def __bool__(self) -> bool:
        return self.vus is not None or self.duration is not None or bool(self.stages)


def reshape(loaded: LoadedPlan, shape: Shape) -> tuple[LoadedPlan, dict[str, str]]:
    """The plan with another load model, and the benchmarks that it then has no data for, with why.

    It has no faults any more that would begin when the load is over.

    Raises:
        UsageError: the options do not fit each other or the plan.
    """
    if not shape:
        return loaded, {}
    plan = loaded.plan
    if len(plan.scenarios) != 1:
        name = next(iter(plan.scenarios))
        raise UsageError(
            f"the plan has {len(plan.scenarios)} scenarios; --vus, --duration and --stage are for "
            "plans with one",
            f"change them one by one: --set scenarios.{name}.stages=…",
        )
    ((name, scenario),) = plan.scenarios.items()
    scenario = _reshaped(scenario, shape)
    end_ns = end_of_schedule_ns([scenario])
    faults = tuple(fault for fault in plan.faults if fault.at < end_ns or end_ns == 0)
    dropped = dict(_gone(plan, scenario, {fault.name for fault in faults}))
    plan = replace(
        plan,
        scenarios={name: scenario},
        faults=faults,
        benchmarks={row: one for row, one in plan.benchmarks.items() if row not in dropped},
    )
    digest, load_digest = (
        hashlib.sha256(f"{one} {shape}".encode()).hexdigest()
        for one in (loaded.digest, loaded.load_digest)
    )
    return replace(loaded, plan=plan, digest=digest, load_digest=load_digest), dropped


def _gone(plan: Plan, scenario: Scenario, faults: set[str]) -> Iterable[tuple[str, str]]:
    """Rows that a scenario has no data for, with why; `faults`: those that are left."""
    known = set(stage_names(scenario))
    end_ns = end_of_schedule_ns([scenario])
    selected = {*faults, NO_FAULT} if faults else set()
    ends = {one.name: one.at + one.for_ for one in plan.faults}
    over = {fault for fault in faults if ends[fault] < end_ns or end_ns == 0}
    for name, row in plan.benchmarks.items():
        if any(key in FAULT_DIMENSIONS and value not in selected for key, value in row.where):
            yield name, "the load ends before its fault begins"
        elif any(value not in over for value in _over(row)):
            yield name, "the load ends before its fault is over"
        elif any(key == "stage" and value not in known for key, value in row.where):
            yield name, "its stage is gone"
        elif row.after_s * NS_PER_S >= end_ns > 0:
            yield name, "the load then ends before its `after`"


def _over(row: Requirement) -> Iterable[str]:
    """The faults that must be over for a row to have data."""
    recovery = row.metric == "time_to_recover"
    return [value for key, value in row.where if key == "after_fault" or recovery]


def _reshaped(scenario: Scenario, shape: Shape) -> Scenario:
    if shape.stages:
        if shape.vus is not None or shape.duration is not None:
            raise UsageError(
                "--stage does not go with --vus and --duration", "choose one of the two"
            )
        stages = tuple(map(_stage, shape.stages))
        return replace(
            scenario, executor="ramping-vus", stages=stages, start_vus=0, vus=None, duration=None
        )
    vus = scenario.vus if shape.vus is None else shape.vus
    duration_ns = scenario.duration if shape.duration is None else _duration_ns(shape.duration)
    if vus is None or duration_ns is None:
        missing = "--duration" if duration_ns is None else "--vus"
        raise UsageError(
            f"the plan's scenario has stages, so {missing} is needed too",
            "write both: --vus 20 --duration 30s",
        )
    return replace(
        scenario, executor="constant-vus", vus=vus, duration=duration_ns, stages=(), start_vus=0
    )


def _duration_ns(text: str) -> int:
    try:
        return parse_duration_ns(text)
    except ValueError as error:
        raise UsageError(f"--duration: {error}") from None


def _stage(text: str) -> Stage:
    length, _, target = text.rpartition(":")
    try:
        return Stage(duration=parse_duration_ns(length), target=_natural(target))
    except ValueError:
        raise UsageError(
            f"--stage {text}: not a duration and a number of virtual users", "write --stage 30s:100"
        ) from None


def _natural(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(text)
    return int(text)
