"""The Universal Scalability Law, fitted to the levels of a run, or why it cannot be. Pure.

X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1)): N requests in flight, alpha what of the work
waits for its turn (contention), beta what each request has to do with each other one (coherency).
N / X is linear in 1, N - 1 and N (N - 1), and none of the three can be negative. Rows are weighted
by 1 / R, as the noise of a mean is in proportion to it. Intervals: residuals are resampled, made
larger by what fitting has taken of them (leverage).

Sources: N. Gunther, Guerrilla Capacity Planning, 2007, chapters 4 to 6; Davison & Hinkley,
Bootstrap Methods and their Application, 1997, section 6.3.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.analysis.nnls import fit_not_negative
from wedload.results.analysis_model import Scalability
from wedload.statistics.student import NORMAL, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.results.analysis_model import Level

#: levels that three parameters need: as many again to tell how well they fit
LEAST_LEVELS: Final = 6
#: highest by lowest load: below, any curve is a line
_LEAST_RANGE: Final = 3.0
#: growth of N / X over the levels, by what alpha and beta say, below which nothing saturates
_LEAST_GROWTH: Final = 0.1
#: N / X that varies by more than this is no straight line, whatever the law says of it
_MOST_FLAT: Final = 1.5
#: share of the variance of N / X that the law has to explain
_LEAST_R_SQUARED: Final = 0.7
#: width of alpha's interval above which it says nothing
_MOST_WIDTH: Final = 0.5
_RESAMPLES: Final = 1_000
_SEED: Final = 1
_DIGITS: Final = 6  # significant ones


def scalability_of(levels: Sequence[Level]) -> Scalability | str:
    """The law's parameters with their 95 % intervals, or the reason why there are none."""
    # with less than one in flight nobody waits for anybody, and the law means nothing
    usable = [one for one in levels if one.in_flight >= 1 and one.rate_per_s > 0]
    if len(usable) < LEAST_LEVELS:
        return (
            f"{len(usable)} levels with at least one request in flight; {LEAST_LEVELS} are needed: "
            "let a stage ramp for longer"
        )
    return fit(
        np.array([one.in_flight for one in usable]), np.array([one.rate_per_s for one in usable])
    )


def fit(n: NDArray[np.float64], x: NDArray[np.float64]) -> Scalability | str:
    """Fit the law to rates `x` (per s) at `n` in flight; (levels,) each, at least 6."""
    if n.max() < _LEAST_RANGE * n.min():
        return (
            f"the load hardly varies: from {n.min():.3g} to {n.max():.3g} requests in flight; "
            f"it needs levels that differ by {_LEAST_RANGE:g} times"
        )
    times = n / x
    design = np.column_stack([np.ones_like(n), n - 1, n * (n - 1)]) / times[:, None]
    found = fit_not_negative(design, np.ones((n.size, 1)))[:, 0]
    fitted = design @ found * times
    spread = ((times - times.mean()) ** 2).sum()
    r_squared = 1 - ((times - fitted) ** 2).sum() / spread if spread else 0.0
    draws = _resampled(design, found)
    first = np.maximum(draws[0], 1e-300)
    alphas, betas, gammas = draws[1] / first, draws[2] / first, 1 / first
    alpha_95, beta_95, gamma_95 = map(_interval, (alphas, betas, gammas))
    if not found[0]:
        return "response times rise so steeply from the lowest load on that no rate of one fits"
    alpha, beta, gamma = found[1] / found[0], found[2] / found[0], 1 / found[0]
    ends = [1 + alpha * (at - 1) + beta * at * (at - 1) for at in (n.min(), n.max())]
    flat = (alpha_95[0] <= 0 and beta_95[0] <= 0) or ends[1] < (1 + _LEAST_GROWTH) * ends[0]
    if flat and times.max() < _MOST_FLAT * times.min():
        return (
            "nothing saturates: the rate grows in proportion to the requests in flight, "
            f"up to {x.max():,.3g}/s at {n.max():,.3g}"
        )
    if r_squared < _LEAST_R_SQUARED:
        explained = max(r_squared, 0.0)
        return f"the levels do not follow the law: it explains {explained:.0%} of what they vary by"
    if flat or alpha_95[1] - alpha_95[0] > _MOST_WIDTH:
        return (
            "the levels scatter too much: the share of the work that waits for its turn may be "
            f"anything from {alpha_95[0]:.0%} to {alpha_95[1]:.0%}"
        )
    peak_n = math.sqrt((1 - alpha) / beta) if beta_95[0] > 0 and alpha < 1 else None
    return Scalability(
        gamma_per_s=_short(gamma), alpha=_short(alpha), beta=_short(beta),
        alpha_95=alpha_95, beta_95=beta_95, gamma_95=gamma_95,
        peak_n=None if peak_n is None else _short(peak_n),
        peak_per_s=None if peak_n is None else _short(rate(peak_n, gamma, alpha, beta)),
        levels=int(n.size), r_squared=round(float(r_squared), 4),
    )  # fmt: skip


def rate(n: float, gamma: float, alpha: float, beta: float) -> float:
    """X(N), per s."""
    return gamma * n / (1 + alpha * (n - 1) + beta * n * (n - 1))


def _resampled(design: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of fits to resampled residuals; (3, resamples)."""
    used = design[:, found > 0]
    leverage = np.clip(np.diag(used @ np.linalg.pinv(used)), 0.0, 0.95)
    fitted = design @ found
    residuals = (1 - fitted) / np.sqrt(1 - leverage)
    residuals -= residuals.mean()
    # of few levels it is not sure how much they spread
    residuals *= t_quantile(0.975, design.shape[0] - 3) / NORMAL.inv_cdf(0.975)
    random = np.random.default_rng(_SEED)
    drawn = random.choice(residuals, size=(design.shape[0], _RESAMPLES))
    return fit_not_negative(design, fitted[:, None] + drawn)


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.025, 0.975))
    return _short(float(low)), _short(float(high))


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
