"""Student's t and the normal distribution, as far as bounds need them; knows no data.

Source: the t distribution's tail as a regularised incomplete beta function, Abramowitz & Stegun
26.7.1 and 26.5.2; its continued fraction, 26.5.8, evaluated by Lentz's method (Thompson & Barnett,
J. Comput. Phys. 64, 1986).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

NORMAL: Final = NormalDist()
_ALIKE: Final = 1e-14
_MOST_STEPS: Final = 500  # a dozen, but for tails of 1e-9 at one degree of freedom
_NORMAL_FROM: Final = 1e6  # degrees: closer to the normal distribution than a float's rounding


def t_tail(t: float, degrees: float) -> float:
    """P(T > t) for Student's t; accurate to a relative 1e-10 far out too.

    Raises:
        ValueError: `degrees` is not positive.
    """
    if not degrees > 0:
        raise ValueError(f"degrees of freedom must be positive: {degrees}")
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    if degrees >= _NORMAL_FROM:
        return math.erfc(t / math.sqrt(2)) / 2
    half = _beta_share(degrees / 2, 0.5, degrees, t * t) / 2
    return half if t >= 0 else 1 - half


@lru_cache(maxsize=1_024)
def t_quantile(level: float, degrees: float) -> float:
    """The t that T does not exceed with probability `level` (between 0 and 1, exclusive).

    Raises:
        ValueError: `level` or `degrees` is out of range.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1: {level}")
    if level < 0.5:
        return -_upper_quantile(level, degrees)
    return _upper_quantile(1 - level, degrees)


def _upper_quantile(tail: float, degrees: float) -> float:
    """The t >= 0 with P(T > t) = `tail` (at most 0.5), by Newton's method.

    The tail is convex above 0, and heavier than the normal one: from the normal quantile on, steps
    approach the answer from below without ever passing it.
    """
    t = max(0.0, -NORMAL.inv_cdf(tail))
    if degrees >= _NORMAL_FROM:
        return t
    for _ in range(_MOST_STEPS):
        step = (t_tail(t, degrees) - tail) / _density(t, degrees)
        t += step
        if step <= 1e-14 * t:
            break
    return t


def _density(t: float, degrees: float) -> float:
    log_front = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    log_rest = (degrees + 1) / 2 * math.log1p(t * t / degrees)
    return math.exp(log_front - log_rest) / math.sqrt(degrees * math.pi)


def _beta_share(a: float, b: float, degrees: float, square: float) -> float:
    """The incomplete beta function I_x(a, b) at x = degrees / (degrees + square)."""
    if square <= 0:
        return 1.0
    log_x = -math.log1p(square / degrees)
    log_rest = -math.log1p(degrees / square)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * log_x + b * log_rest
    front = math.exp(log_front)
    x = math.exp(log_x)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, math.exp(log_rest)) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, for x below (a+1)/(a+b+2).

    There its denominators stay away from 0.
    """
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 1_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / (1 + even * d), 1 + even / c
        value *= c * d
        d, c = 1 / (1 + odd * d), 1 + odd / c
        value *= c * d
        if abs(c * d - 1) < _ALIKE:
            break
    return value
