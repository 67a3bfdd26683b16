"""How a step with samples ends, whatever its verb: response time, checks, captures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.scope import EndIteration
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.scope import Scope
    from wedload.workload.compiled import CompiledCheck, Sampled


class Due:
    """When a virtual user's next step is due: where the one before it and its thinking end."""

    __slots__ = ("at_ns", "paced_ns")

    def __init__(self) -> None:
        self.at_ns = 0
        self.paced_ns = 0  # how long its iteration has waited for a turn under a `max_rate`


def end_step(
    context: ScenarioContext, due: Due, series: int, phase: int, ended_ns: int, *, happened: bool
) -> int:
    """The next step is due now. The response time, to be recorded with the sample of `phase`.

    -1: it is not to be. A step belongs to the stage in which it was due, its sample to that of its
    beginning; if they differ, the response time is recorded here, if anything `happened`.
    """
    due_ns, due.at_ns = due.at_ns, ended_ns
    waited_ns = ended_ns - due_ns
    due_phase = context.phase_at(due_ns)
    if due_phase == phase:
        return waited_ns
    if happened:
        context.shared.recorder.trend("response_time", series, due_phase).append(waited_ns)
    return -1


def check_all(
    context: ScenarioContext,
    checks: tuple[CompiledCheck, ...],
    phase: int,
    scope: Scope,
    *,
    answered: bool,
) -> None:
    """Evaluate checks; without a whole answer none holds, however quickly or well it began."""
    recorder = context.shared.recorder
    for check in checks:
        try:
            passed = answered and bool(check.holds(scope))
        except EVALUATION_ERRORS:
            passed = False  # what it asks about is not there
        recorder.check(check.series, phase, passed)


def capture_and_expect(
    context: ScenarioContext, step: Sampled, scope: Scope, since_ns: int, *, succeeded: bool
) -> None:
    """Set the variables that a step captures; then expect what it causes, since it was sent.

    `since_ns`: when it was; 0: nothing was sent, and nothing is expected.

    Raises:
        EndIteration: a capture found nothing.
    """
    captured = False
    try:
        if step.captures:
            capture_all(context, step, scope, succeeded=succeeded)
        captured = True
    finally:
        if step.expects and since_ns:
            context.shared.expectations.open(
                context, step.expects, scope, since_ns, caused=succeeded and captured
            )


def capture_all(context: ScenarioContext, step: Sampled, scope: Scope, *, succeeded: bool) -> None:
    """Set the variables that the step captures.

    Raises:
        EndIteration: one of them found nothing; noted, if the step succeeded.
    """
    for name, find in step.captures:
        try:
            value = find(scope)
        except EVALUATION_ERRORS:
            value = None
        if value is None:
            if succeeded:
                context.shared.recorder.note(f"{step.name}: capture {name} found nothing")
            raise EndIteration
        scope.variables[name] = value
