"""What can be said of levels: exact samples, so a percentile is one of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wedload.plan.measure import quantile_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def level_figure(samples: NDArray[np.float64], aggregation: str) -> float:
    """Their min, avg, max, last, or a percentile: the sample of rank ⌈q·n⌉.

    `samples`: (n,), n > 0, in order of time.
    """
    match aggregation:
        case "min":
            return float(samples.min())
        case "max":
            return float(samples.max())
        case "avg":
            return float(samples.mean())
        case "last":
            return float(samples[-1])
    q = quantile_of(aggregation)
    assert q is not None
    # 1e-9: 0.95 * 20 must be rank 19, whatever binary fractions make of it
    rank = min(max(int(np.ceil(q * samples.size - 1e-9)), 1), samples.size)
    return float(np.partition(samples, rank - 1)[rank - 1])
