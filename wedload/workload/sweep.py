"""Compiling `[cleanup] sweep`: the request that deletes by run what no journal names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.fields import StatusSet
from wedload.plan.retry import Retry
from wedload.plan.verbs.http import HttpStep
from wedload.units import NS_PER_S
from wedload.workload.verbs.http import compile_call

if TYPE_CHECKING:
    from wedload.plan.cleanup import Cleanup
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Call, Value

#: the statuses of a sweep that found nothing
NOTHING_THERE: Final = frozenset({404, 410})
_DONE: Final = StatusSet.parse(["2xx", *sorted(NOTHING_THERE)])
#: what a sweep is patient with; sent twice it deletes no more than once
_AGAIN: Final = Retry(attempts=4, base_ns=NS_PER_S // 2)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The request, and what reads from its answer how much it has deleted."""

    call: Call
    count: Value | None


def compile_sweep(steps: StepCompiler, cleanup: Cleanup) -> Sweep | None:
    """Compile the sweep of a plan; None: it has none."""
    if cleanup.sweep is None:
        return None
    step = HttpStep(
        name="sweep",
        http=cleanup.sweep,
        as_=cleanup.as_,
        timeout=cleanup.timeout,
        discard_body=False,
        retry=_AGAIN,
        redirects=0,  # as of any deletion: where one leads, to sign in perhaps, is no sweep
        expected_status=_DONE,
    )
    count = None if cleanup.count is None else cleanup.count.evaluate
    return Sweep(compile_call(steps, step), count)
