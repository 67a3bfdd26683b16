"""How far a throughput differs between two sides; knows no metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.blocks import strata_of
from wedload.statistics.resample import RESAMPLES
from wedload.statistics.statistic import Statistic, difference, end_to_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.statistics.model import Estimate, TooShort
    from wedload.statistics.seconds import CountBySecond

_HALF: Final = 0.5  # of one: what stands for none where a logarithm is taken


def estimate_rate(
    base: Sequence[CountBySecond],
    current: Sequence[CountBySecond],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Estimate | TooShort:
    """The logarithm of the ratio of counts per second, base to current: less is worse.

    A side that counted nothing is taken for half a count, with the deviation of a Poisson count of
    that size on the log scale; `base` and `current` of the answer are as counted.

    Raises:
        ValueError: a run has no second.
    """
    return difference(rate_statistic(base), rate_statistic(current), seed=seed, resamples=resamples)


def rate_statistic(runs: Sequence[CountBySecond]) -> Statistic:
    """What counts per second tell about runs; the scale is minus the logarithm.

    Raises:
        ValueError: a run has no second.
    """
    if not runs or any(run.counts.size == 0 for run in runs):
        raise ValueError("a run without a second has no throughput")
    counts = np.concatenate([run.counts for run in runs]).astype(np.float64)
    return Statistic(
        value=float(counts.mean()),
        effect=-_log_rate(float(counts.sum()), counts.size),
        by_run=tuple(-_log_rate(float(run.counts.sum()), run.counts.size) for run in runs),
        influence=counts,
        strata=strata_of(end_to_end([run.stages for run in runs])),
        replicate=lambda weights: (
            -np.log(np.maximum(weights.astype(np.float64) @ counts, _HALF) / counts.size)
        ),
        least_variance=1 / _HALF if counts.sum() == 0 else 0.0,
    )


def _log_rate(count: float, seconds: int) -> float:
    return math.log(max(count, _HALF) / seconds)
