"""The knee of the response-time curve: where it begins to rise faster with the load. Pure.

Two lines that meet, R = a + b N + c max(N - k, 0), are fitted to the means of the levels over the
requests in flight, for every k, and compared with one line. As k is searched for, the F of the
best one is larger than F tables say: it is held against the best ones of curves without a knee that
have the same noise (parametric bootstrap). Source: Hansen, Econometrica 64 (1996), 413-430.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from wedload.results.analysis_model import Knee
from wedload.statistics.student import NORMAL, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.results.analysis_model import Level

#: levels that two lines and where they meet need: four parameters, and two more to judge them by
LEAST_LEVELS: Final = 6
_CANDIDATES: Final = 150
_RESAMPLES: Final = 500
_SEED: Final = 1
_LEVEL: Final = 0.05
#: how much steeper the curve has to get, and how much it has to rise from there on
_STEEPER: Final = 2.0
_RISES_BY: Final = 1.5


class _Fit(NamedTuple):
    at: NDArray[np.int64]  # (targets,) which candidate fits best
    rest: NDArray[np.float64]  # (targets,) sum of squares that are left


def knee_of(levels: Sequence[Level]) -> Knee | str:
    """The knee, or the reason why there is none to be seen."""
    usable = [one for one in levels if one.in_flight > 0]
    if len(usable) < LEAST_LEVELS:
        return f"{len(usable)} levels; {LEAST_LEVELS} are needed: let a stage ramp for longer"
    return find(
        np.array([one.in_flight for one in usable]),
        np.array([one.mean_ms for one in usable]),
        np.array([one.rate_per_s for one in usable]),
    )


def find(
    n: NDArray[np.float64], means_ms: NDArray[np.float64], rates: NDArray[np.float64]
) -> Knee | str:
    """Find it among levels, lowest load first; (levels,) each, at least 6."""
    if n.max() < 2 * n.min():
        return f"the load hardly varies: from {n.min():.3g} to {n.max():.3g} requests in flight"
    weights = 1 / means_ms
    line = np.column_stack([np.ones_like(n), n]) * weights[:, None]
    places = _places(n)
    bent = [np.column_stack([line, np.maximum(n - k, 0) * weights]) for k in places]
    target = np.ones((n.size, 1))
    straight = np.linalg.pinv(line) @ target
    left = float(((target - line @ straight) ** 2).sum())
    best = _best(bent, target)
    gain = _gain(np.array([left]), best.rest, n.size)[0]
    random = np.random.default_rng(_SEED)
    sigma = np.sqrt(left / (n.size - 2))
    noise = random.normal(0, sigma, (n.size, _RESAMPLES))
    without = line @ straight + noise
    rests = ((without - line @ (np.linalg.pinv(line) @ without)) ** 2).sum(axis=0)
    by_chance = float((_gain(rests, _best(bent, without).rest, n.size) >= gain).mean())
    if by_chance > _LEVEL:
        return "the curve has no knee: one line fits as well"
    k = float(places[best.at[0]])
    a, b, c = (np.linalg.pinv(bent[best.at[0]]) @ target)[:, 0].tolist()
    at_knee = a + b * k
    if b + c < _STEEPER * max(b, 0.0) or c <= 0:
        return "the curve gets no steeper with the load"
    if a + b * n.max() + c * (n.max() - k) < _RISES_BY * at_knee:
        return "the curve rises too little after its bend to call that a knee"
    return Knee(
        in_flight=round(k, 3),
        in_flight_95=_interval(bent, places, best, target, random),
        rate_per_s=round(float(np.interp(k, n, rates)), 3),
        mean_ms=round(max(at_knee, 0.0), 3),
        slope_before=round(b, 5), slope_after=round(b + c, 5),
    )  # fmt: skip


def _places(n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the knee may be: with two levels on either side of it at least."""
    low, high = n[1], n[-2]
    return np.unique(np.concatenate([n[1:-1], np.linspace(low, high, _CANDIDATES)]))


def _best(designs: Sequence[NDArray[np.float64]], targets: NDArray[np.float64]) -> _Fit:
    rests = np.array(
        [((targets - one @ (np.linalg.pinv(one) @ targets)) ** 2).sum(axis=0) for one in designs]
    )
    return _Fit(rests.argmin(axis=0), rests.min(axis=0))


def _gain(
    straight: NDArray[np.float64], bent: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """F of two more parameters."""
    return ((straight - bent) / 2) / np.maximum(bent / max(size - 4, 1), 1e-18)


def _interval(
    designs: Sequence[NDArray[np.float64]],
    places: NDArray[np.float64],
    best: _Fit,
    target: NDArray[np.float64],
    random: np.random.Generator,
) -> tuple[float, float]:
    """Where it is found if the residuals fall otherwise: 95 %."""
    design = designs[best.at[0]]
    fitted = design @ (np.linalg.pinv(design) @ target)
    size = target.shape[0]
    residuals = (target - fitted)[:, 0] * np.sqrt(size / (size - 4))
    residuals *= t_quantile(0.975, size - 4) / NORMAL.inv_cdf(0.975)  # of few, the spread is unsure
    residuals -= residuals.mean()
    drawn = random.choice(residuals, size=(size, _RESAMPLES))
    found = places[_best(designs, fitted + drawn).at]
    low, high = np.quantile(found, (0.025, 0.975))
    return round(float(low), 3), round(float(high), 3)
