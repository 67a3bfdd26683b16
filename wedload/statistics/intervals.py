"""Two-sided 95 % intervals of one run's figures, by blocks of its seconds; knows no metric.

The same resamples as a comparison's. None: the run is too short to say, or nothing was sampled.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.statistics.counts import rate_statistic
from wedload.statistics.quantiles import mean_statistic, quantile_statistic
from wedload.statistics.resample import RESAMPLES
from wedload.statistics.shares import share_statistic, wilson
from wedload.statistics.statistic import Statistic, spread_of
from wedload.statistics.student import NORMAL, t_quantile

if TYPE_CHECKING:
    from wedload.statistics.seconds import CountBySecond, ShareBySecond, TrendBySecond

_LEVEL: Final = 0.975
_Z: Final = NORMAL.inv_cdf(_LEVEL)

Interval = tuple[float, float]


def quantile_interval(
    trend: TrendBySecond,
    q: float,
    seed: int,
    *,
    value: float | None = None,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """Of the q-quantile (0 < q < 1), in ns; around `value` if it is known more exactly."""
    if not trend.counts.any():
        return None
    return _of_ratio(quantile_statistic([trend], q, value), seed, resamples)


def mean_interval(
    trend: TrendBySecond, seed: int, *, value: float | None = None
) -> Interval | None:
    """Of the mean, in ns; around `value` if it is known more exactly."""
    if not trend.counts.any():
        return None
    return _of_ratio(mean_statistic([trend], value), seed)


def rate_interval(
    count: CountBySecond, seed: int, *, value: float | None = None
) -> Interval | None:
    """Of counts per second; around `value` if that counts more than the seconds hold."""
    if not count.counts.size:
        return None
    if not count.counts.any():
        seen = not value and spread_of(rate_statistic([count]), seed).suffices
        return (0.0, -math.log(1 - _LEVEL) / count.counts.size) if seen else None  # Poisson, exact
    side = rate_statistic([count])
    return _of_ratio(side if value is None else replace(side, value=value), seed)


def share_interval(share: ShareBySecond, seed: int) -> Interval | None:
    """Of a share: the wider of what blocks and the binomial distribution (Wilson) say."""
    yes, total = int(share.yes.sum()), int(share.total.sum())
    if total == 0:
        return None
    side = share_statistic([share])
    reach = _reach(side, seed)
    if reach is None:
        return None
    low, high = wilson(yes, total, _Z)
    return max(0.0, min(low, side.value - reach)), min(1.0, max(high, side.value + reach))


def _of_ratio(side: Statistic, seed: int, resamples: int = RESAMPLES) -> Interval | None:
    """An interval that is symmetric on a log scale."""
    reach = _reach(side, seed, resamples)
    if reach is None:
        return None
    return side.value * math.exp(-reach), side.value * math.exp(reach)


def _reach(side: Statistic, seed: int, resamples: int = RESAMPLES) -> float | None:
    """How far the ends are from the value, on the scale of the effect."""
    spread = spread_of(side, seed, resamples)
    if not spread.suffices:
        return None
    return t_quantile(_LEVEL, spread.degrees) * math.sqrt(spread.variance)
