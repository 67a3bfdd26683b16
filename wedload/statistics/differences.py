"""How sure means and quantiles of differences are, which may be below 0; knows no metric.

Differences have no logarithm, so all is on their own scale. Blocks of slots, as everywhere: what
follows each other is alike (see `wedload.statistics.blocks`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.blocks import strata_of
from wedload.statistics.quantiles import merge
from wedload.statistics.statistic import Statistic, spread_of
from wedload.statistics.student import t_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.statistics.seconds import TrendBySecond

_LEVEL: Final = 0.975

Interval = tuple[float, float]


def mean_of_differences(
    sums: NDArray[np.float64], counts: NDArray[np.float64], stages: NDArray[np.int64], seed: int
) -> Interval | None:
    """The two-sided 95 % interval of a mean, in the unit of `sums`; None: too few slots to say.

    Args:
        sums: (slots,) of the differences in each, in order of time.
        counts: (slots,) how many these are.
        stages: (slots,) ascending numbers of the stretches that differ by design.
        seed: of the resamples.
    """
    total = float(counts.sum())
    if not total:
        return None
    mean = float(sums.sum()) / total
    side = Statistic(
        value=mean,
        effect=mean,
        by_run=(mean,),
        influence=(sums - counts * mean) / total,
        strata=strata_of(stages),
        replicate=lambda weights: (weights @ sums) / np.maximum(weights @ counts, 1.0),
    )
    return _around(side, seed)


def quantile_of_differences(
    trend: TrendBySecond, q: float, seed: int, *, value: float | None = None
) -> Interval | None:
    """The same of the q-quantile (0 < q < 1), in ns; around `value` if it is known more exactly."""
    if not trend.counts.any():
        return None
    merged = merge([trend])
    found = float(merged.quantiles(merged.counts.sum(axis=0, dtype=np.float64)[None], q)[0])
    width = merged.ends - merged.lows
    above = np.clip((merged.ends - found) / width, 0.0, 1.0) - (1 - q)
    centre = found if value is None else value
    side = Statistic(
        value=centre,
        effect=centre,
        by_run=(centre,),
        influence=np.asarray(merged.counts.astype(np.float64) @ above),
        strata=strata_of(merged.stages),
        replicate=lambda weights: merged.quantiles(weights @ merged.counts, q),
    )
    return _around(side, seed)


def _around(side: Statistic, seed: int) -> Interval | None:
    spread = spread_of(side, seed)
    if not spread.suffices:
        return None
    reach = t_quantile(_LEVEL, spread.degrees) * math.sqrt(spread.variance)
    return side.value - reach, side.value + reach
