"""Retries held against what they are to be: the policy of a plan, and what the third party told.

Pure. Instants are those of the third party, which stamps an attempt's end when it has handed over
the answer and the next one when it has read it: a platform that waits long enough is never found
to have waited less, but for its timers, which may count milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.dependencies.operations import Operation
    from wedload.plan.third_parties import Policy

Kept = Literal["ok", "attempts", "gap", "within"]  # ok, or which part is broken

SLACK_NS: Final = 2 * NS_PER_MS


def policy_kept(operation: Operation, policy: Policy) -> Kept:
    """Whether an operation was retried as it is to be; of several broken parts the first."""
    if policy.attempts is not None and len(operation.attempts) > policy.attempts:
        return "attempts"
    if policy.gap is not None and any(
        gap_ns < policy.gap - SLACK_NS for gap_ns in operation.gaps_ns()
    ):
        return "gap"
    took_ns = operation.ended_ns - operation.arrived_ns
    if policy.within is not None and took_ns > policy.within + SLACK_NS:
        return "within"
    return "ok"


def waited_as_told(operation: Operation) -> list[bool]:
    """Of each attempt that was answered with Retry-After: whether that was kept.

    It is if no attempt began between the answer and then; giving up keeps it, too. One that was
    sent before the answer, hedged, had been told nothing.
    """
    found = []
    for told in operation.attempts:
        if told.retry_after_ns is not None:
            free_ns = told.ended_ns + told.retry_after_ns - SLACK_NS
            found.append(
                not any(told.ended_ns <= one.arrived_ns < free_ns for one in operation.attempts)
            )
    return found
