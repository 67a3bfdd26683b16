"""Regression, none, or not to be said: what follows from estimates together; knows no metric.

A regression is claimed if the effect is more than its margin, and Holm's procedure holds the chance
of any false claim among all rows to `alpha` (Holm, Scandinavian J. Statistics 6, 1979). That there
is none needs no correction: whoever claims it of all rows must be right about each, and is wrong
about one with a chance of at most 5 % (intersection-union test: Berger, Technometrics 24, 1982).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from wedload.statistics.blocks import NEEDED_BLOCKS
from wedload.statistics.model import Decision, Estimate, Outcome, TooShort
from wedload.statistics.student import t_quantile, t_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LEVEL: Final = 0.95  # one-sided, of claims that there is no regression
_MOST_TIMES: Final = 100.0  # as long: nobody runs that
_SHORT_SHARE: Final = 0.25
_SAME: Final = 1e-9


def decide(
    rows: Sequence[tuple[Estimate | TooShort, float]], alpha: float = 0.05
) -> list[Decision]:
    """What follows from each (estimate, margin), in order.

    The margin is on the scale of the effect: log(1 + d) for trends and throughput, a difference
    for shares. Times as long a run are by variances that fall as 1/duration. What is too short for
    an estimate can only be a regression, where its sides lie apart by more than the margin.

    Raises:
        ValueError: `alpha` is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1: {alpha}")
    p_values = [p_above(estimate, margin) for estimate, margin in rows]
    lows = holm(
        p_values, alpha,
        low=lambda row, level: low_bound(*rows[row], level),
        margins=[margin for _, margin in rows],
    )  # fmt: skip
    return [
        _decision(estimate, margin, p, level, low)
        for (estimate, margin), p, (level, low) in zip(rows, p_values, lows, strict=True)
    ]


def too_short_together(found: Sequence[Estimate | TooShort]) -> bool:
    """Whether so many rows are too short that nothing is to be said of the others either.

    All rows are of the same seconds of the same two runs. A short run shows badly how long what it
    varies by lasts; if more than a quarter of its rows show that this is too long, chances are that
    it is so for the rest, and that their deviations are too small.
    """
    short = sum(isinstance(each, TooShort) for each in found)
    return short > len(found) * _SHORT_SHARE


def believed(found: Sequence[Estimate | TooShort]) -> list[Estimate | TooShort]:
    """What of the estimates for the rows of a comparison can be believed, see `too_short_together`.

    Of the others, what is left is whether their sides lie apart.
    """
    if not too_short_together(found):
        return list(found)
    return [
        TooShort(
            one.base, one.current, one.effect, one.blocks, NEEDED_BLOCKS + 1, one.block_s, one.apart
        )
        if isinstance(one, Estimate)
        else one
        for one in found
    ]


def holm(
    p_values: Sequence[float],
    alpha: float,
    *,
    low: Callable[[int, float], float],
    margins: Sequence[float],
) -> list[tuple[float, float]]:
    """Each row's level of confidence and its lower bound `low(row, level)` at that level.

    Rows are taken by ascending p: the first of m at 1 - alpha/m, the next at 1 - alpha/(m-1), until
    one is not above its margin; the rest keeps that level. A bound is above its margin just if the
    row is rejected, rounding included.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found: list[tuple[float, float]] = [(1 - alpha, -math.inf)] * len(order)
    stopped: float | None = None
    for done, row in enumerate(order):
        level = stopped if stopped is not None else 1 - alpha / (len(order) - done)
        bound = low(row, level)
        if stopped is not None or not bound > margins[row]:
            stopped = level
            bound = min(bound, margins[row])
        found[row] = level, bound
    return found


def p_above(estimate: Estimate | TooShort, margin: float) -> float:
    """How likely so large an effect is if the true one is the margin."""
    if isinstance(estimate, TooShort):
        apart = estimate.apart
        return 1.0 if apart is None or not apart.beyond > margin else apart.p
    beyond = estimate.effect - margin
    if estimate.deviation == 0:
        return 0.0 if beyond > 0 else 1.0
    return t_tail(beyond / estimate.deviation, estimate.degrees)


def low_bound(estimate: Estimate | TooShort, margin: float, level: float) -> float:
    """The effect is above this, at a one-sided level of confidence."""
    if isinstance(estimate, TooShort):
        p = p_above(estimate, margin)
        return -math.inf if estimate.apart is None or p > 1 - level + _SAME else estimate.apart.low
    if estimate.deviation == 0:
        return estimate.effect
    return estimate.effect - t_quantile(level, estimate.degrees) * estimate.deviation


def high_bound(estimate: Estimate | TooShort, level: float = _LEVEL) -> float:
    """The effect is below this, at a one-sided level of confidence; infinity: nobody knows."""
    if isinstance(estimate, TooShort):
        return math.inf
    if estimate.upward == 0:
        return estimate.effect
    return estimate.effect + t_quantile(level, estimate.degrees) * estimate.upward


def _decision(
    estimate: Estimate | TooShort, margin: float, p: float, level: float, low: float
) -> Decision:
    high = high_bound(estimate)
    outcome = outcome_of(low, high, margin)
    longer = None
    if outcome == "inconclusive" and isinstance(estimate, Estimate):
        longer = _longer(estimate, margin, level)
    return Decision(outcome, low, high, p, level, longer)


def outcome_of(low: float, high: float, margin: float) -> Outcome:
    """What bounds on both sides say."""
    if low > margin:
        return "regression"
    return "no-regression" if high < margin else "inconclusive"


def _longer(estimate: Estimate, margin: float, level: float) -> float | None:
    """Times as long a run would decide; None if that is beyond reason."""
    beyond = estimate.effect - margin
    if beyond > 0:
        reach = t_quantile(level, estimate.degrees) * estimate.deviation
    else:
        reach = t_quantile(_LEVEL, estimate.degrees) * estimate.upward
    if abs(beyond) <= _SAME * max(abs(margin), _SAME):
        return None
    times = (reach / beyond) ** 2
    return max(1.0, times) if times <= _MOST_TIMES else None
