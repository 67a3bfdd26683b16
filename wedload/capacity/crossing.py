"""The rate at which a row breaks, from the probes around it, with a 95 % interval. Pure.

The share of samples on a row's bad side is taken to be logistic in the rate, near where it comes to
what the row tolerates. In an M/M/c queue P(wait > t) = C exp(-(c mu - rate) t), whose logarithm is
linear in the rate but for C, which moves slowly; where the share is small the two are the same.

Requests that follow each other wait in the same queue, so samples of a probe are no independent
ones, and a quiet or a busy minute shifts a whole probe. But probes are independent of each other:
the queue drains between them. So the dispersion is estimated from how far probes lie off the curve
(quasi-likelihood), not from their samples, nor from blocks within them, which are too short to show
it. Probes that are farther off count less, as the curve is another one there, but tell the slope.
benchmarks/capacity simulates how often the interval holds the truth.

Source: logistic regression by Newton's method, and dispersion by Pearson's X2: McCullagh & Nelder,
Generalized Linear Models, 2nd edition, 1989, 4.4 and 4.5; the interval of a ratio: Fieller, Journal
of the Royal Statistical Society B 16 (1954), 175-185.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.statistics.student import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.capacity.probe import BadShare

_LEVEL: Final = 0.975
_FEWEST: Final = 4  # probes: two fit any line, and one more says too little of the dispersion
_NEWTON: Final = 60  # steps; it takes about 6
_SMALL: Final = 1e-10
_LONGEST: Final = 2.0  # step of the log-odds: far off, Newton's are too long


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a row breaks; rates are iterations per s."""

    rate: float
    low: float  # of the 95 % interval
    high: float
    steepness: float  # change of the log-odds by a relative change of the rate
    probes: int

    @property
    def doubt(self) -> float:
        """How far the farther end of the interval is from the rate, as a share of it."""
        return max(self.high - self.rate, self.rate - self.low) / self.rate


class _Point(NamedTuple):
    """A probe, as the fit knows it."""

    x: float  # its rate above the centre, as a share of that
    bad: float
    total: float
    weight: float  # by its distance from where the crossing is looked for


class _Fit(NamedTuple):
    """Log-odds a + b x, and the covariances of a and b."""

    a: float
    b: float
    var_a: float
    var_b: float
    cov: float
    degrees: float


def crossing(
    points: Sequence[tuple[float, BadShare]], centre: float, near: float = math.inf
) -> Crossing | str:
    """Where the share of bad samples comes to what is tolerated, or why that cannot be said.

    `points`: probes as (rate, their samples). Those that are farther than the share `near` from
    `centre`, where the crossing is looked for, count much less.
    """
    points = [(rate, one) for rate, one in points if one.total]
    if len(points) < _FEWEST:
        return f"{len(points)} probes near it are too few"
    tolerance = points[0][1].tolerance
    shares = [one.share for _, one in points]
    if not min(shares) < tolerance < max(shares):
        return "the probes near it all lie on one side"
    fit = _fitted([_point(rate / centre - 1, one, near) for rate, one in points])
    if fit.b <= 0:
        return "higher rates did not fare worse than lower ones"
    level = math.log(tolerance / (1 - tolerance))
    ends = _fieller(fit, level)
    if ends is None:
        return "higher rates did not clearly fare worse than lower ones"
    place = (level - fit.a) / fit.b
    rate, low, high = (centre * (1 + one) for one in (place, *ends))
    if rate <= 0:
        return "it lies far from all probes"
    return Crossing(rate, max(low, 0.0), high, fit.b * (1 + place), len(points))


def _point(x: float, one: BadShare, near: float) -> _Point:
    """With one sample more, as bad as is tolerated.

    It draws nothing to either side, and keeps the log-odds of a probe without a bad sample finite.
    """
    weight = 1 / (1 + (x / near) ** 2) ** 2
    return _Point(x, one.bad + one.tolerance, one.total + 1.0, weight)


def _fitted(points: Sequence[_Point]) -> _Fit:
    """The curve by weighted likelihood, and how far it can be off by how far the probes lie off.

    Samples never vary less than independent ones do; in a queue they vary more.
    """
    bad, total = sum(one.bad for one in points), sum(one.total for one in points)
    a, b = math.log(bad / (total - bad)), 0.0
    farthest = max(abs(one.x) for one in points) or 1.0
    for _ in range(_NEWTON):
        w0, w1, w2, s0, s1 = _sums(points, a, b)
        area = max(w0 * w2 - w1 * w1, _SMALL)
        step_a, step_b = (w2 * s0 - w1 * s1) / area, (w0 * s1 - w1 * s0) / area
        length = abs(step_a) + abs(step_b) * farthest
        shorter = min(1.0, _LONGEST / max(length, _SMALL))
        a, b = a + shorter * step_a, b + shorter * step_b
        if length < _SMALL:
            break
    weights = [one.weight for one in points]
    degrees = max(sum(weights) ** 2 / sum(one**2 for one in weights) - 2, 1.0)
    off = sum(
        one.weight * (one.bad - one.total * p) ** 2 / (one.total * p * (1 - p))
        for one, p in _with_shares(points, a, b)
    )
    dispersion = max(off / sum(weights) * (degrees + 2) / degrees, 1.0)
    return _Fit(a, b, *_covariances(points, a, b, dispersion), degrees)


def _covariances(
    points: Sequence[_Point], a: float, b: float, dispersion: float
) -> tuple[float, float, float]:
    """Variances of a and b, and their covariance: of weighted scores, whence the sandwich."""
    w0, w1, w2, _, _ = _sums(points, a, b)
    area = max(w0 * w2 - w1 * w1, _SMALL)
    inverse = (w2 / area, -w1 / area, w0 / area)
    var_a = var_b = cov = 0.0
    for one, p in _with_shares(points, a, b):
        pull_a, pull_b = inverse[0] + inverse[1] * one.x, inverse[1] + inverse[2] * one.x
        varies = one.weight**2 * one.total * p * (1 - p) * dispersion
        var_a += pull_a**2 * varies
        var_b += pull_b**2 * varies
        cov += pull_a * pull_b * varies
    return var_a, var_b, cov


def _with_shares(points: Sequence[_Point], a: float, b: float) -> list[tuple[_Point, float]]:
    """Each with the share of bad samples that the curve gives it."""
    return [(one, _logistic(a + b * one.x)) for one in points]


def _sums(points: Sequence[_Point], a: float, b: float) -> tuple[float, float, float, float, float]:
    """What a Newton step is made of: the information, and the gradient of the likelihood."""
    w0 = w1 = w2 = s0 = s1 = 0.0
    for one, p in _with_shares(points, a, b):
        weight = one.weight * one.total * p * (1 - p)
        off = one.weight * (one.bad - one.total * p)
        w0, w1, w2 = w0 + weight, w1 + weight * one.x, w2 + weight * one.x**2
        s0, s1 = s0 + off, s1 + off * one.x
    return w0, w1, w2, s0, s1


def _fieller(fit: _Fit, level: float) -> tuple[float, float] | None:
    """All x with (a + b x - level)² ≤ t² var(a + b x); None: they are no interval.

    That is a quadratic in x, which opens upwards only if the slope is surely not 0.
    """
    t2 = t_quantile(_LEVEL, fit.degrees) ** 2
    off = fit.a - level
    square = fit.b**2 - t2 * fit.var_b
    if square <= 0:
        return None
    half = fit.b * off - t2 * fit.cov
    root = math.sqrt(max(half**2 - square * (off**2 - t2 * fit.var_a), 0.0))
    return (-half - root) / square, (-half + root) / square


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-min(max(x, -30.0), 30.0)))
