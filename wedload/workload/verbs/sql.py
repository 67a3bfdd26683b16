"""Compiling `sql`: a statement, its parameters, and for how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wedload.workload.compiled import Driven
from wedload.workload.render_parts import json_value

if TYPE_CHECKING:
    from wedload.plan.statements import Statement
    from wedload.plan.verbs.sql import SqlStep
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Value


@dataclass(frozen=True, slots=True)
class SqlTask:
    """What a sql step is to do."""

    database: str
    statement: Statement
    params: tuple[Value, ...]
    timeout_ns: int
    explain: bool  # whether its slowest query is to be remembered


@dataclass(frozen=True, slots=True)
class SlowestQuery:
    """The slowest query of a step that succeeded, in one load process."""

    series: int  # of the step
    database: str
    statement: Statement
    params: tuple[Any, ...]
    duration_ns: int


def compile_sql(steps: StepCompiler, step: SqlStep, workflow: str | None) -> Driven:
    """Compile a sql step."""
    database = step.database_in(steps.plan)
    task = SqlTask(
        database=database,
        statement=step.sql,
        params=tuple(json_value(value.value) for value in step.params),
        timeout_ns=step.timeout or steps.plan.databases[database].timeout,
        explain=step.explain is not None,
    )
    return Driven(**steps.sampled(step, workflow), task=task)


def slowest_of_all(found: list[SlowestQuery]) -> list[SlowestQuery]:
    """The slowest of each step, of what several load processes remember."""
    slowest: dict[int, SlowestQuery] = {}
    for one in found:
        if one.series not in slowest or slowest[one.series].duration_ns < one.duration_ns:
            slowest[one.series] = one
    return [slowest[series] for series in sorted(slowest)]
