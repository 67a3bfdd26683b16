"""The sweep: one request that deletes by the run's id what its journal cannot name.

It is sent once, last of all, as one virtual user who signs in for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wedload.engine.scope import EndIteration
from wedload.engine.virtual_user import VirtualUser
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.workload.sweep import NOTHING_THERE

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.scope import Scope
    from wedload.workload.sweep import Sweep


class Swept(NamedTuple):
    """What became of a sweep."""

    problem: str | None  # why it was not done
    number: int | None = None  # of what it deleted; None: its answer does not say


async def carry_out(sweep: Sweep, context: ScenarioContext) -> Swept:
    """Send a sweep."""
    user = VirtualUser(context, context.scope(0))
    user.scope.begin_iteration(0, user.first_variables())
    user.due.at_ns = context.shared.clock.now_ns()
    try:
        succeeded = await user.http().call(sweep.call, user.scope)
    except EndIteration:  # signing in failed, or a value is missing
        succeeded = False
    finally:
        user.close()
    if not succeeded:
        return Swept("; ".join(context.shared.recorder.notes) or "it failed")
    return Swept(None, _number(sweep, user.scope))


def _number(sweep: Sweep, scope: Scope) -> int | None:
    response: object = scope.response
    if getattr(response, "status", None) in NOTHING_THERE:
        return 0
    if sweep.count is None:
        return None
    try:
        number = sweep.count(scope)
    except EVALUATION_ERRORS:
        return None
    return number if type(number) is int and number >= 0 else None
