"""Series by second for tests of statistics: of a known make, from a seed."""

from __future__ import annotations

import numpy as np

from wedload.metrics.histogram import COARSE_HALF_BITS, bucket_edges, bucket_of
from wedload.statistics.seconds import CountBySecond, ShareBySecond, TrendBySecond


def trend_of(durations_ns, seconds, stages) -> TrendBySecond:
    """A trend of single durations: (n,) ns, (n,) second of each, (seconds,) stage of each."""
    buckets = bucket_of(np.asarray(durations_ns, dtype=np.int64), COARSE_HALF_BITS)
    used, place = np.unique(buckets, return_inverse=True)
    counts = np.zeros((len(stages), used.size), dtype=np.int64)
    np.add.at(counts, (np.asarray(seconds, dtype=np.int64), place), 1)
    lows, highs = bucket_edges(used, COARSE_HALF_BITS)
    return TrendBySecond(counts, lows, highs, np.asarray(stages, dtype=np.int64))


def log_normal(seed, seconds=120, rate=20, scale_ns=50e6, slower=1.0, stages=None):
    """Independent log-normal durations, `rate` in each second."""
    rng = np.random.default_rng(seed)
    durations = slower * scale_ns * np.exp(0.5 * rng.normal(size=seconds * rate))
    stages = np.zeros(seconds, dtype=np.int64) if stages is None else stages
    return trend_of(durations, np.repeat(np.arange(seconds), rate), stages)


def ar1(seed, seconds, phi):
    """A stationary AR(1) series of unit variance."""
    rng = np.random.default_rng(seed)
    found = np.empty(seconds)
    found[0] = rng.normal()
    for t in range(1, seconds):
        found[t] = phi * found[t - 1] + np.sqrt(1 - phi**2) * rng.normal()
    return found


def shares(yes, total, stages=None) -> ShareBySecond:
    yes, total = np.broadcast_arrays(np.asarray(yes), np.asarray(total))
    stages = np.zeros(yes.size, dtype=np.int64) if stages is None else np.asarray(stages)
    return ShareBySecond(yes.astype(np.int64), total.astype(np.int64), stages)


def counts(values, stages=None) -> CountBySecond:
    values = np.asarray(values, dtype=np.int64)
    stages = np.zeros(values.size, dtype=np.int64) if stages is None else np.asarray(stages)
    return CountBySecond(values, stages)
