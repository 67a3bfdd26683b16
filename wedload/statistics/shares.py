"""How far a share – of failures, of checks – differs between two sides; knows no metric.

Failures come in bursts, which blocks of seconds see; but where nothing failed, blocks know no
variation at all, and the binomial distribution says what zero of so many can prove. The wider of
both counts, in each direction for itself: near 0 a share can be more by far more than be less.

Source: Wilson, J. American Statistical Association 22 (1927); Newcombe, Statistics in Medicine 17
(1998), 873-890, method 10.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.blocks import strata_of
from wedload.statistics.model import Estimate, TooShort
from wedload.statistics.resample import RESAMPLES
from wedload.statistics.statistic import Statistic, difference, end_to_end
from wedload.statistics.student import NORMAL, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.statistics.seconds import ShareBySecond

# Wilson's bound of a share of zero grows by the square of the normal quantile; a deviation is taken
# from it at the level that Holm's correction asks of ten rows, so that it is too wide at 95 %
_Z: Final = NORMAL.inv_cdf(1 - 0.05 / 10)


def estimate_share(
    base: Sequence[ShareBySecond],
    current: Sequence[ShareBySecond],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate | TooShort:
    """The difference of the shares, current - base: more is worse.

    Raises:
        ValueError: a run's total is 0.
    """
    found = difference(
        share_statistic(base), share_statistic(current), seed=seed, resamples=resamples
    )
    if isinstance(found, TooShort):
        return found
    down, up = _newcombe(_sums(base), _sums(current), _Z)
    return replace(
        found,
        deviation=max(found.deviation, down / _Z),
        deviation_up=max(found.deviation, up / _Z),
    )


def cases_to_clear(margin: float, degrees: float) -> int:
    """Fewest cases of which none failing, on both sides, shows that a share grew by no more.

    `margin`: the growth, > 0; `degrees`: those of the estimate. Wilson's upper bound of none of n
    is z^2 / (n + z^2), and a decision takes t/z of it.
    """
    return max(math.ceil(t_quantile(0.95, degrees) * _Z / margin - _Z**2), 1)


def share_statistic(runs: Sequence[ShareBySecond]) -> Statistic:
    """What a share tells about runs.

    Raises:
        ValueError: a run's total is 0.
    """
    if not runs or any(run.total.sum() == 0 for run in runs):
        raise ValueError("a run without a single case has no share")
    yes = np.concatenate([run.yes for run in runs]).astype(np.float64)
    total = np.concatenate([run.total for run in runs]).astype(np.float64)
    share = float(yes.sum() / total.sum())
    return Statistic(
        value=share,
        effect=share,
        by_run=tuple(float(run.yes.sum() / run.total.sum()) for run in runs),
        influence=yes - share * total,
        strata=strata_of(end_to_end([run.stages for run in runs])),
        replicate=lambda weights: _ratio(weights @ yes, weights @ total),
    )


def _ratio(yes: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # 0/0: a resample without a case has no share
        return np.asarray(yes / total)


def _sums(runs: Sequence[ShareBySecond]) -> tuple[int, int]:
    return sum(int(run.yes.sum()) for run in runs), sum(int(run.total.sum()) for run in runs)


def wilson(yes: int, total: int, z: float) -> tuple[float, float]:
    """Lower and upper bound of a share, each so many normal deviations off (`z`)."""
    share = yes / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2)
    scale = 1 + z * z / total
    return (
        0.0 if yes == 0 else (middle - half) / scale,
        1.0 if yes == total else (middle + half) / scale,
    )


def _newcombe(base: tuple[int, int], current: tuple[int, int], z: float) -> tuple[float, float]:
    """How far below and above the observed difference current - base it can be."""
    base_low, base_high = wilson(*base, z)
    current_low, current_high = wilson(*current, z)
    base_share, current_share = base[0] / base[1], current[0] / current[1]
    return (
        math.hypot(current_share - current_low, base_high - base_share),
        math.hypot(current_high - current_share, base_share - base_low),
    )
