"""Resamples of a run: how often each second is in each of them; knows no metric.

Circular blocks within each stratum (Politis & Romano 1992, in LePage & Billard, Exploring the
Limits of Bootstrap): a block that reaches a stratum's end goes on at its begin, so that each
second is as likely as any other, and each resample has as many seconds of each stratum as the run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.statistics.blocks import Strata

RESAMPLES: Final = 2_000
_CELLS_AT_ONCE: Final = 1_000_000  # an hour's seconds need 0.5 GB if all are counted together


@lru_cache(maxsize=8)  # for statistics of one series that want blocks of the same length
def resample(
    strata: Strata, block_s: int, seed: int, resamples: int = RESAMPLES
) -> NDArray[np.float32]:
    """Weights of the seconds, (resamples, seconds): a merged resample is one matrix product.

    Source of the method: Künsch, Annals of Statistics 17 (1989), 1217-1241.
    """
    rng = np.random.default_rng(seed)
    weights = np.concatenate(
        [_stratum(size, block_s, rng, resamples) for size in strata.sizes], axis=1
    )
    weights.flags.writeable = False
    return weights


def _stratum(
    size: int, block_s: int, rng: np.random.Generator, resamples: int
) -> NDArray[np.float32]:
    """Weights of one stratum's seconds; all 1 if it is no longer than a block."""
    if size <= block_s:
        return np.ones((resamples, size), dtype=np.float32)
    whole, rest = divmod(size, block_s)
    lengths = np.array([block_s] * whole + [rest] * (rest > 0))
    starts = rng.integers(size, size=(resamples, lengths.size))
    weights = np.empty((resamples, size), dtype=np.float32)
    step = max(_CELLS_AT_ONCE // size, 1)
    for first in range(0, resamples, step):
        weights[first : first + step] = _covered(starts[first : first + step], lengths, size)
    return weights


def _covered(starts: NDArray[np.int64], lengths: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How often blocks from `starts` (resamples, blocks) cover each second; (resamples, size)."""
    width = 2 * size + 1  # twice round, and where the last block of all ends
    count = len(starts)
    rows = np.arange(count)[:, None] * width
    begins = np.bincount((rows + starts).ravel(), minlength=count * width)
    ends = np.bincount((rows + starts + lengths).ravel(), minlength=count * width)
    inside = np.cumsum((begins - ends).reshape(count, width), axis=1)
    return np.asarray(inside[:, :size] + inside[:, size : 2 * size])
