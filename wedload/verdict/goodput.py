"""What a fault does to a platform, and whether it recovers by itself. Pure.

Good is an iteration that ends and has not failed. How many were to be expected of a stretch is
known from the seconds before the fault: for each scenario, the good ones of these to their load,
times the load of the stretch, where the load is what the schedule asks for. So neither a ramp nor
the end of a stage is taken for a dip. Seconds are whole ones, by when iterations end.

- before: the seconds until that of the fault's begin in which no fault is in force;
- during: from the second of its begin to that of its end;
- after: from there on (if other faults overlap it, from the end of the last of these) until the
  next fault begins, or nothing is asked for any more.

It has recovered at the first second from which on a window has 95 % of what is to be expected, and
all the rest 90 %. The window is 5 s, or as many as it takes to expect 100 good iterations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.plan.fault_times import RECOVERY_NS
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.plan.fault_times import FaultSpan

LEAST_BEFORE: Final = 20  # good iterations that what is to be expected is taken from
LEAST_EXPECTED: Final = 10  # in a stretch of which a share is to be told
WINDOW_S: Final = RECOVERY_NS // NS_PER_S  # at least
_WINDOW_EXPECTS: Final = 100  # good iterations
RECOVERED: Final = 0.95  # of what was to be expected, in the window …
_STAYS: Final = 0.9  # … and in all that comes after it
_ROUNDING: Final = 1e-9  # of sums of shares
_SHARE_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioSeconds:
    """A scenario by second: its good iterations, and the load that was asked for; (seconds,)."""

    good: NDArray[np.int64]
    load: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Goodput:
    """Good iterations of a stretch, and how many were to be expected."""

    seconds: int  # in which there was load
    good: int
    expected: float

    @property
    def ratio(self) -> float | None:
        """What share of them there was; None: too few were to be expected to say.

        What is expected is a sum of shares: without what that is off by, all of it is 100 %.
        """
        if self.expected < LEAST_EXPECTED - _ROUNDING:
            return None
        return round(self.good / self.expected, _SHARE_DIGITS)

    @property
    def per_s(self) -> float | None:
        """Good iterations per second; None of no second."""
        return self.good / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class Amplification:
    """Attempts per operation at third parties, before, during and after a fault; None: none."""

    before: float | None = None
    during: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class FaultEffect:
    """What came of a fault. None: the load did not reach it, or it cannot be told."""

    name: str
    begin_s: float
    end_s: float
    before: Goodput | None = None
    during: Goodput | None = None
    after: Goodput | None = None
    recovered: bool | None = None
    time_to_recover_s: float | None = None
    amplification: Amplification = Amplification()
    unknown: str | None = None  # why it is not known whether the platform recovered

    @property
    def metastable(self) -> bool:
        """Whether the platform stayed as it was once the cause was gone."""
        return self.recovered is False


def fault_effect(
    fault: FaultSpan, faults: Sequence[FaultSpan], scenarios: Sequence[ScenarioSeconds]
) -> FaultEffect:
    """What came of one of the faults; all scenarios have the same seconds, those that there were.

    O(scenarios × seconds).
    """
    seconds = len(scenarios[0].good) if scenarios else 0
    begin, end = math.floor(fault.begin_s), math.ceil(fault.end_s)
    if begin >= seconds:
        return FaultEffect(
            fault.name, fault.begin_s, fault.end_s, unknown="the load ended before it began"
        )
    free = np.ones(seconds, bool)
    for one in faults:
        free[math.floor(one.begin_s) : math.ceil(one.end_s)] = False
    before = np.flatnonzero(free[:begin])
    good, expected = _expected(scenarios, before)
    asked = np.any([one.load > 0 for one in scenarios], axis=0)

    def over(which: NDArray[np.int64] | slice) -> Goodput:
        return Goodput(
            int(asked[which].sum()), int(good[which].sum()), float(expected[which].sum())
        )

    told = over(before)
    first, last = _after(fault, faults, end, seconds)
    # what still runs when nothing is asked for any more is no time to recover in
    last = max(int(np.flatnonzero(asked[:last]).max(initial=-1)) + 1, first)
    during, after = over(slice(begin, min(end, seconds))), over(slice(first, last))
    time_s, unknown = None, _unknown(told, after, whole=end <= seconds)
    if unknown is None:
        at = _recovered(good[first:last], expected[first:last])
        since_s = fault.end_s if first == end else float(first)
        time_s = None if at is None else 0.0 if at == 0 else first + at - since_s
    return FaultEffect(
        fault.name, fault.begin_s, fault.end_s, told, during,
        after if first < last else None,
        recovered=None if unknown is not None else time_s is not None,
        time_to_recover_s=time_s, unknown=unknown,
    )  # fmt: skip


def _unknown(before: Goodput, after: Goodput, *, whole: bool) -> str | None:
    """Why it cannot be told whether the platform recovered; None: it can."""
    if not whole:
        return "the load ended while it was in force"
    if before.good < LEAST_BEFORE:
        return (
            f"only {before.good:,} iterations fared well before it, where it takes {LEAST_BEFORE} "
            "to know what is to be expected"
        )
    if after.seconds < WINDOW_S:
        return f"there were {after.seconds} s to recover in, where it takes {WINDOW_S}"
    if after.expected < LEAST_EXPECTED - _ROUNDING:
        return (
            f"only {after.expected:.0f} good iterations were to be expected after it, where it "
            f"takes {LEAST_EXPECTED}"
        )
    return None


def _expected(
    scenarios: Sequence[ScenarioSeconds], before: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Good iterations of all scenarios, and how many were to be expected, in each second.

    A scenario that had none before says nothing of what is to be expected; nor do seconds in which
    none of its load was asked for.
    """
    seconds = len(scenarios[0].good)
    good, expected = np.zeros(seconds, np.int64), np.zeros(seconds)
    for one in scenarios:
        asked = one.load > 0
        fared = np.where(asked, one.good, 0)
        if done := int(fared[before].sum()):
            good += fared
            expected += done / one.load[before].sum() * one.load
    return good, expected


def _after(
    fault: FaultSpan, faults: Sequence[FaultSpan], end: int, seconds: int
) -> tuple[int, int]:
    """The first second after a fault, and the one before which another one begins."""
    ended_s = fault.end_s
    for one in sorted(faults, key=lambda one: one.begin_ns):
        if one.end_s > ended_s and one.begin_s < ended_s:
            ended_s, end = one.end_s, math.ceil(one.end_s)
    following = [math.floor(one.begin_s) for one in faults if one.begin_s >= ended_s]
    return min(end, seconds), max(min([seconds, *following]), min(end, seconds))


def _recovered(good: NDArray[np.int64], expected: NDArray[np.float64]) -> int | None:
    """The second of a stretch from which on it has recovered; None: it has not."""
    seconds = len(good)
    # what there was, and was to be expected, before each second and before the end
    fared, due = np.concatenate([[0], np.cumsum(good)]), np.concatenate([[0], np.cumsum(expected)])
    for begin in range(seconds - WINDOW_S + 1):
        wanted = int(np.searchsorted(due, due[begin] + _WINDOW_EXPECTS))
        end = min(max(begin + WINDOW_S, wanted), seconds)
        in_window, in_rest = due[end] - due[begin], due[-1] - due[begin]
        if in_window < LEAST_EXPECTED - _ROUNDING:
            return None  # of so little nothing can be said, nor of what comes after it
        if fared[end] - fared[begin] < RECOVERED * in_window - _ROUNDING:
            continue
        if fared[-1] - fared[begin] >= _STAYS * in_rest - _ROUNDING:
            return begin
    return None
