"""How far a trend's quantile or mean differs between two sides; knows no metric.

Quantiles and means are of merged histograms, so they weigh every sample alike. The effect is the
logarithm of the ratio: a service that is 10 % slower is so at every quantile of every step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.blocks import strata_of
from wedload.statistics.resample import RESAMPLES
from wedload.statistics.statistic import Statistic, difference, end_to_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.statistics.model import Estimate, TooShort
    from wedload.statistics.seconds import TrendBySecond

_MEDIAN: Final = 0.5
_WIDER: Final = 1.5
_LEAST_NS: Final = 0.5  # stands for 0, of which there is no logarithm


def estimate_quantile(
    base: Sequence[TrendBySecond],
    current: Sequence[TrendBySecond],
    q: float,
    *,
    seed: int,
    base_value: float | None = None,
    current_value: float | None = None,
    resamples: int = RESAMPLES,
) -> Estimate | TooShort:
    """The logarithm of the ratio of the q-quantiles (0 < q < 1), current to base.

    Args:
        base: one entry a run of that side.
        current: likewise.
        q: the quantile, 0.95 for p95.
        seed: of the resamples; the same one gives the same answer.
        base_value: the quantile in ns, if it is known more exactly than from `base`.
        current_value: likewise.
        resamples: fewer are faster, and their deviation less precise by 1/sqrt(2 resamples).

    Raises:
        ValueError: a side has no run, a run no sample, or `q` is out of range.
    """
    return difference(
        quantile_statistic(base, q, base_value), quantile_statistic(current, q, current_value),
        seed=seed, resamples=resamples,
    )  # fmt: skip


def estimate_mean(
    base: Sequence[TrendBySecond],
    current: Sequence[TrendBySecond],
    *,
    seed: int,
    base_value: float | None = None,
    current_value: float | None = None,
    resamples: int = RESAMPLES,
) -> Estimate | TooShort:
    """The logarithm of the ratio of the means; arguments as of `estimate_quantile`.

    Raises:
        ValueError: a run has no sample.
    """
    return difference(
        mean_statistic(base, base_value), mean_statistic(current, current_value),
        seed=seed, resamples=resamples,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Runs of one side, one after the other, in the buckets that any of them has samples in."""

    counts: NDArray[np.float32]  # (seconds, buckets)
    lows: NDArray[np.float64]  # (buckets,) ns
    ends: NDArray[np.float64]  # (buckets,) ns, where the bucket ends: exclusive
    stages: NDArray[np.int64]  # (seconds,) numbered on from run to run
    runs: NDArray[np.int64]  # (seconds,)

    def quantiles(self, merged: NDArray[np.floating], q: float) -> NDArray[np.float64]:
        """Of (histograms, buckets), in ns, linear within a bucket; NaN for an empty one."""
        below = np.cumsum(merged, axis=1, dtype=np.float64)
        total = below[:, -1]
        rank = np.maximum(q * total, np.finfo(np.float64).tiny)  # never in a bucket of none
        place = np.minimum(np.sum(below < rank[:, None], axis=1), below.shape[1] - 1)
        rows = np.arange(place.size)
        inside = merged[rows, place].astype(np.float64)
        into = rank - (below[rows, place] - inside)
        with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 says: no sample
            share = np.clip(into / inside, 0.0, 1.0)
        return np.asarray(self.lows[place] + share * (self.ends - self.lows)[place])

    def resampled(self, weights: NDArray[np.float32], q: float) -> NDArray[np.float64]:
        """The q-quantile of each resample, in ns: of (resamples, seconds) weights.

        Quantiles of resamples are close to each other, so buckets far below and far above are
        merged before the matrix product. Where that was too narrow all buckets are used.
        """
        whole = self.counts.sum(axis=0, dtype=np.float64)
        share = np.cumsum(whole) / whole.sum()
        at = min(int(np.searchsorted(share, q)), share.size - 1)
        below = self.counts[:, : at + 1].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 says: no sample
            shares = (weights @ below) / (weights @ self.counts.sum(axis=1))
        reach = _WIDER * float(np.nanmax(np.abs(shares - share[at]), initial=0.0))
        first = max(int(np.searchsorted(share, q - reach)) - 1, 0)
        end = min(int(np.searchsorted(share, q + reach)) + 2, share.size)
        beyond = self.ends[end - 1] + 1
        narrow = replace(
            self,
            counts=np.column_stack((
                self.counts[:, :first].sum(axis=1),
                self.counts[:, first:end],
                self.counts[:, end:].sum(axis=1),
            )),
            lows=np.concatenate(([-1.0], self.lows[first:end], [beyond])),
            ends=np.concatenate(([-1.0], self.ends[first:end], [beyond])),
        )  # fmt: skip
        found = narrow.quantiles(weights @ narrow.counts, q)
        if np.any((found < self.lows[first]) | (found > self.ends[end - 1])):
            return self.quantiles(weights @ self.counts, q)
        return found

    def means(self, merged: NDArray[np.floating]) -> NDArray[np.float64]:
        """Of (histograms, buckets), in ns, by the middles of the buckets; NaN for an empty one."""
        with np.errstate(invalid="ignore"):  # 0/0 says: no sample
            return np.asarray((merged @ self.middles) / merged.sum(axis=1, dtype=np.float64))

    @property
    def middles(self) -> NDArray[np.float64]:
        """(buckets,) ns; of inclusive bounds, so that a bucket of one value is that value."""
        return np.maximum((self.lows + self.ends - 1) / 2, _LEAST_NS)

    def by_run(self) -> NDArray[np.float64]:
        """(runs, buckets) of the samples."""
        return np.stack(
            [
                self.counts[self.runs == run].sum(axis=0, dtype=np.float64)
                for run in range(int(self.runs[-1]) + 1)
            ]
        )


def merge(runs: Sequence[TrendBySecond]) -> Merged:
    """Runs of one side, one after the other; their buckets may be different selections of one set.

    Raises:
        ValueError: a run has no sample.
    """
    if not runs or any(run.counts.sum() == 0 for run in runs):
        raise ValueError("a run without a sample has no quantile and no mean")
    used = [run.counts.any(axis=0) for run in runs]
    lows = np.unique(
        np.concatenate([run.lows_ns[use] for run, use in zip(runs, used, strict=True)])
    )
    highs = np.zeros(lows.size, dtype=np.int64)
    parts = []
    for run, use in zip(runs, used, strict=True):
        places = np.searchsorted(lows, run.lows_ns[use])
        highs[places] = run.highs_ns[use]
        part = np.zeros((run.counts.shape[0], lows.size), dtype=np.float32)
        part[:, places] = run.counts[:, use]
        parts.append(part)
    return Merged(
        np.concatenate(parts), lows.astype(np.float64), highs.astype(np.float64) + 1,
        end_to_end([run.stages for run in runs]),
        np.repeat(np.arange(len(runs)), [run.stages.size for run in runs]),
    )  # fmt: skip


def quantile_statistic(
    runs: Sequence[TrendBySecond], q: float, value: float | None = None
) -> Statistic:
    """What the q-quantile tells about runs; `value` in ns if it is known more exactly.

    Raises:
        ValueError: a run has no sample, or `q` is out of range.
    """
    if not 0 < q < 1:
        raise ValueError(f"a quantile lies between 0 and 1: {q}")
    merged = merge(runs)
    found = float(merged.quantiles(merged.counts.sum(axis=0, dtype=np.float64)[None], q)[0])
    value = max(found if value is None else value, _LEAST_NS)
    return Statistic(
        value=value,
        effect=math.log(value),
        by_run=tuple(np.log(merged.quantiles(merged.by_run(), q)).tolist()),
        influence=_above(merged, found, q),
        strata=strata_of(merged.stages),
        replicate=lambda weights: np.log(merged.resampled(weights, q)),
        also_alike=() if q == _MEDIAN else (_above(merged, _median(merged), _MEDIAN),),
    )


def _median(merged: Merged) -> float:
    return float(merged.quantiles(merged.counts.sum(axis=0, dtype=np.float64)[None], _MEDIAN)[0])


def _above(merged: Merged, level: float, q: float) -> NDArray[np.float64]:
    """(seconds,) samples above `level` (ns) beyond the share 1 - q of all of a second."""
    width = merged.ends - merged.lows
    share = np.clip((merged.ends - level) / width, 0.0, 1.0) - (1 - q)
    return np.asarray(merged.counts.astype(np.float64) @ share)


def mean_statistic(runs: Sequence[TrendBySecond], value: float | None = None) -> Statistic:
    """What the mean tells about runs; `value` in ns if it is known more exactly.

    Raises:
        ValueError: a run has no sample.
    """
    merged = merge(runs)
    found = float(merged.means(merged.counts.sum(axis=0, dtype=np.float64)[None])[0])
    value = max(found if value is None else value, _LEAST_NS)
    return Statistic(
        value=value,
        effect=math.log(value),
        by_run=tuple(np.log(merged.means(merged.by_run())).tolist()),
        influence=np.asarray(merged.counts.astype(np.float64) @ (merged.middles - found)),
        strata=strata_of(merged.stages),
        replicate=lambda weights: np.log(merged.means((weights @ merged.counts).astype(float))),
    )
