"""Holding back: a virtual user waits before a request, as it was told to, or for its turn.

Neither belongs to a request's duration, nor to the response time of its step: the step is due when
it is over, as after thinking. What a user was told to wait is part of its workflow, as any user
would have to; waiting for a turn is only so for us, and is not.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from wedload.engine.scope import EndIteration
from wedload.plan.scenarios import CLEANUP, SETUP, TEARDOWN
from wedload.protocols.http.retry_after import retry_after_ns
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.ending import Due
    from wedload.engine.restraint import Restraint
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Origin

_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
#: outside of the load, and where it has no end, nobody ends a wait: one that is longer is not begun
MOST_OUTSIDE_NS: Final = 60 * NS_PER_S
_OUTSIDE: Final = {SETUP: "set-up", TEARDOWN: "tear-down", CLEANUP: "clean-up"}


def asks_to_wait(response: Response) -> bool:
    """Whether a response is one of a limit: a 429, or a 503 that says to come back later."""
    if response.status == _TOO_MANY:
        return True
    return response.status == _UNAVAILABLE and asked_ns(response) is not None


def asked_ns(response: Response) -> int | None:
    """For how long from now a response asks to be left alone, above 0; None if it does not say.

    A Retry-After of 0, or of an instant that is over, asks for nothing.
    """
    return retry_after_ns(response.headers.get("retry-after", ""), time.time()) or None


def take_in(
    context: ScenarioContext, series: int, origin: Origin, response: Response,
    restraint: Restraint, counter: str, *, obeys: bool,
) -> None:  # fmt: skip
    """Heed what a response says of limits, and count it, as `counter` and as a wait to be obeyed.

    It is heeded by the steps that obey, whichever has heard it.
    """
    now_ns = context.shared.clock.now_ns()
    if not asks_to_wait(response):
        restraint.answered(origin, now_ns)
        return
    restraint.tell(origin, now_ns, asked_ns(response))
    recorder, phase = context.shared.recorder, context.phase_at(response.started_ns)
    recorder.count(series, counter, phase)
    if obeys:
        recorder.count(series, "rate_limit_waits", phase)


async def hold_back(
    context: ScenarioContext, series: int, origin: Origin,
    restraint: Restraint, due: Due, *, obeys: bool, sends: bool = True,
) -> None:  # fmt: skip
    """Return when a request may be sent to an origin; its step is due so much later.

    `obeys`: whether it does what it was told; `sends`: whether it is sent then, and not some time
    after, so that it takes its turn.

    Raises:
        EndIteration: it would be too long, where nobody ends it.
    """
    while True:
        if obeys:
            await _as_told(context, series, origin, restraint, due)
        if restraint.pace is None or not sends:
            return
        now_ns = context.shared.clock.now_ns
        began_ns = now_ns()
        try:
            await restraint.pace.turn()
        finally:
            held_ns = now_ns() - began_ns
            due.at_ns += held_ns
            due.paced_ns += held_ns
            _record(context, "max_rate_wait", series, began_ns, held_ns)
        if not obeys or restraint.until_ns(origin) <= now_ns():
            return  # nothing was said to another request in the meantime


async def _as_told(
    context: ScenarioContext, series: int, origin: Origin, restraint: Restraint, due: Due
) -> None:
    clock = context.shared.clock
    began_ns = clock.now_ns()
    if restraint.until_ns(origin) <= began_ns:
        return
    first = origin not in restraint.waiting
    restraint.waiting.add(origin)
    try:
        while (until_ns := restraint.until_ns(origin)) > clock.now_ns():
            _require_short(context, origin, until_ns - clock.now_ns())
            await clock.sleep_until(until_ns)
    finally:
        held_ns = clock.now_ns() - began_ns
        due.at_ns += held_ns
        if first:
            restraint.waiting.discard(origin)
            _record(context, "rate_limit_wait", series, began_ns, held_ns)


def _require_short(context: ScenarioContext, origin: Origin, left_ns: int) -> None:
    what = _OUTSIDE.get(context.name)
    if what is None and context.shared.settings.once:
        what = "a run with --once"
    if what is not None and left_ns > MOST_OUTSIDE_NS:
        left, most = format_duration_ns(left_ns), format_duration_ns(MOST_OUTSIDE_NS)
        context.shared.recorder.note(
            f"{origin} asks to be left alone for {left}, and {what} waits {most} at most"
        )
        raise EndIteration


def _record(
    context: ScenarioContext, metric: str, series: int, began_ns: int, held_ns: int
) -> None:
    if held_ns > 0:
        phase = context.phase_at(began_ns)
        context.shared.recorder.trend(metric, series, phase).append(held_ns)
