"""Whether two sides lie apart over all their length: what short runs can show; knows no metric.

Fewer than 20 blocks do not say how far an effect can be off. But if every stretch of one side is
worse than every stretch of the other, it takes no variance to see that they differ: were they
alike, each order of the stretches would be as likely as any other, and this one comes about once
in C(m + n, m) times (the rank-sum test's most extreme outcome; the distance between the nearest two
stretches is then its lower bound of the effect). Runs of one machine drift as a whole, which that
reckoning does not know; so the distance must also be more than what stretches of a side differ by.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.model import Separation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.statistics.blocks import Strata
    from wedload.statistics.statistic import Statistic

FEWEST_BLOCKS: Final = 6  # 1 in 924 for six of each: enough for some forty rows


def separation(base: Statistic, current: Statistic, block_s: int) -> Separation | None:
    """How far the sides lie apart, by blocks of `block_s` s; None: there are too few.

    Less than nothing if they overlap.
    """
    values = [_by_block(side, block_s) for side in (base, current)]
    if min(one.size for one in values) < FEWEST_BLOCKS:
        return None
    low = float(values[1].min() - values[0].max())
    if not math.isfinite(low):  # a stretch without a sample has no value
        return None
    varies = max(float(np.ptp(one)) for one in values)
    sizes = [one.size for one in values]
    return Separation(low - varies, low, 1 / math.comb(sum(sizes), sizes[0]))


def _by_block(side: Statistic, block_s: int) -> NDArray[np.float64]:
    """The effect in each block of a side, strata apart; a stratum's last block takes the rest."""
    weights = _weights(side.strata, block_s)
    return side.replicate(weights) if len(weights) else np.empty(0)


def _weights(strata: Strata, block_s: int) -> NDArray[np.float32]:
    """Which seconds a block holds, (blocks, seconds)."""
    rows = []
    for start, size in zip(strata.starts, strata.sizes, strict=True):
        blocks = size // block_s
        for number in range(blocks):
            row = np.zeros(strata.seconds, np.float32)
            end = start + size if number == blocks - 1 else start + (number + 1) * block_s
            row[start + number * block_s : end] = 1
            rows.append(row)
    return np.array(rows, np.float32)
