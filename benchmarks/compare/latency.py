"""Simulated runs: the latency model that the calibration states; knows no statistics.

In second t of a run a step's requests take `median * exp(level_t + sigma * z)` with z standard
normal: log-normal, around a level that wanders. The level is a stationary AR(1) process, per step:
`level_t = phi * level_(t-1) + e_t`, with standard deviation `sd`. Arrivals are Poisson. Steps are
independent of each other, which gives a comparison the most chances to be wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics.histogram import COARSE_HALF_BITS, bucket_edges, bucket_of
from wedload.statistics.seconds import CountBySecond, ShareBySecond, TrendBySecond

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS: Final = 4
_MEDIANS_NS: Final = (20e6, 50e6, 120e6, 300e6)


@dataclass(frozen=True, slots=True)
class Model:
    """How a run's requests come and what they take."""

    seconds: int
    phi: float  # autocorrelation of the level from second to second
    sd: float  # of the level: 0.05 is 5 %
    rate: float = 50.0  # requests a second, of each step
    sigma: float = 0.5  # of the logarithm of a request's duration, given the level
    failing: float = 0.002  # share of requests

    def quantile_ns(self, step: int, q: float) -> float:
        """The true one, over all runs that could be."""
        spread = math.hypot(self.sigma, self.sd)
        return _MEDIANS_NS[step] * math.exp(NormalDist().inv_cdf(q) * spread)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedRun:
    """A run as a comparison sees it."""

    trends: tuple[TrendBySecond, ...]  # of each step
    failures: ShareBySecond
    throughput: CountBySecond


def simulate_run(
    model: Model, rng: np.random.Generator, *, more_failing: float = 0.0
) -> SimulatedRun:
    """One run; `more_failing` is added to the share of requests that fail."""
    stages = np.zeros(model.seconds, dtype=np.int64)
    requests = rng.poisson(model.rate, size=(STEPS, model.seconds))
    trends = tuple(
        _trend(model, _MEDIANS_NS[step], requests[step], stages, rng) for step in range(STEPS)
    )
    total = requests.sum(axis=0)
    failed = rng.binomial(total, model.failing + more_failing)
    return SimulatedRun(trends, ShareBySecond(failed, total, stages), CountBySecond(total, stages))


def level(model: Model, rng: np.random.Generator) -> NDArray[np.float64]:
    """(seconds,) a stationary AR(1) process: what the logarithm of durations wanders by."""
    steps = rng.normal(size=model.seconds) * model.sd
    steps[1:] *= math.sqrt(1 - model.phi**2)
    found = np.empty(model.seconds)
    found[0] = steps[0]
    for t in range(1, model.seconds):
        found[t] = model.phi * found[t - 1] + steps[t]
    return found


def _trend(
    model: Model,
    median_ns: float,
    requests: NDArray[np.int64],
    stages: NDArray[np.int64],
    rng: np.random.Generator,
) -> TrendBySecond:
    """A step's durations, in histograms of 2 significant digits as result files have them."""
    noise = rng.normal(size=int(requests.sum())) * model.sigma
    durations = median_ns * np.exp(np.repeat(level(model, rng), requests) + noise)
    buckets = bucket_of(durations.astype(np.int64), COARSE_HALF_BITS)
    first = int(buckets.min())
    width = int(buckets.max()) - first + 1
    seconds = np.repeat(np.arange(model.seconds), requests)
    counts = np.bincount(seconds * width + buckets - first, minlength=model.seconds * width)
    lows, highs = bucket_edges(np.arange(first, first + width), COARSE_HALF_BITS)
    return TrendBySecond(counts.reshape(model.seconds, width), lows, highs, stages)
