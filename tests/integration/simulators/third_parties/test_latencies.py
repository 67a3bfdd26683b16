"""A thousand draws of each distribution through a real socket have its percentiles.

What is drawn is known: it is told with each attempt, and a seed makes it the same in every run. It
is compared with the distribution by Kolmogorov and Smirnov's statistic, whose critical value at
0.1 % is 1.95/√n. What the stamps of the third party's own side say is never shorter than what was
drawn; as a machine that is busy makes it longer, their statistic is allowed more.
"""

from __future__ import annotations

import asyncio
import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest

from wedload.plan.fields import RequestLine
from wedload.plan.latency import Empirical, parse_latency
from wedload.plan.third_parties import Dependency, Route
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DRAWS = 1_000
CLIENTS = 100
CRITICAL = 1.95 / math.sqrt(DRAWS)
#: what a busy machine may shift: latencies here spread over some 100 ms
BUSY = 0.15

Cdf = "Callable[[float], float]"
MEASURED_MS = (20, 20, 30, 35, 50, 55, 60, 90, 130, 160)


def measured(ms: float) -> float:
    """What numpy's quantiles of the file are inverted: linear between its order statistics."""
    return float(np.interp(ms, MEASURED_MS, np.linspace(0, 1, len(MEASURED_MS))))


SIGMA = math.log(150 / 40) / NormalDist().inv_cdf(0.99)
DISTRIBUTIONS = {
    "uniform(20ms, 120ms)": lambda ms: min(max((ms - 20) / 100, 0), 1),
    "normal(mean=70ms, sd=20ms)": lambda ms: NormalDist(70, 20).cdf(ms) if ms >= 0 else 0,
    "exponential(mean=40ms)": lambda ms: 1 - math.exp(-ms / 40) if ms > 0 else 0,
    "lognormal(p50=40ms, p99=150ms)": lambda ms: (
        NormalDist(math.log(40), SIGMA).cdf(math.log(ms)) if ms > 0 else 0
    ),
    "empirical(file)": measured,
}


def statistic(values_ms: Sequence[float], cdf: Callable[[float], float]) -> float:
    """The largest distance between the shares of values and those of the distribution.

    Values that are the same (those of a share that is all at one point) are one step.
    """
    ordered, counts = np.unique(np.asarray(values_ms), return_counts=True)
    above = np.cumsum(counts) / len(values_ms)
    below = above - counts / len(values_ms)
    expected = np.array([cdf(value) for value in ordered])
    before = np.array([cdf(np.nextafter(value, -1)) for value in ordered])
    return float(max(np.max(np.abs(above - expected)), np.max(np.abs(before - below))))


async def draws_of(play, text: str):
    """The attempts of a thousand requests, by some clients that stay connected."""
    latency = parse_latency(text)
    if isinstance(latency, Empirical):
        latency = Empirical("file", None, tuple(ms * NS_PER_MS for ms in MEASURED_MS))
    routes = (Route(http=RequestLine.parse("GET /")),)
    party = await play(Dependency(simulate="http", latency=latency, routes=routes), seed=1)

    async def client() -> None:
        peer = await party.peer()
        for _ in range(DRAWS // CLIENTS):
            await peer.ask("GET /")

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return await party.tells(DRAWS)


@pytest.mark.parametrize("text", DISTRIBUTIONS)
async def test_a_thousand_draws_are_those_of_the_distribution(play, text):
    cdf = DISTRIBUTIONS[text]
    attempts = await draws_of(play, text)
    drawn = [attempt.drawn_ns / NS_PER_MS for attempt in attempts]
    took = [(attempt.ended_ns - attempt.arrived_ns) / NS_PER_MS for attempt in attempts]
    assert statistic(drawn, cdf) < CRITICAL
    assert all(stamped >= asked for stamped, asked in zip(took, drawn, strict=True))
    assert statistic(took, cdf) < CRITICAL + BUSY


async def test_a_thousand_constant_ones_are_no_shorter_and_all_the_same(play):
    attempts = await draws_of(play, "3ms")
    assert {attempt.drawn_ns for attempt in attempts} == {3 * NS_PER_MS}
    assert all(one.ended_ns - one.arrived_ns >= 3 * NS_PER_MS for one in attempts)


def test_the_statistic_tells_distributions_apart():
    rng = np.random.default_rng(1)
    cdf = DISTRIBUTIONS["uniform(20ms, 120ms)"]
    assert statistic(list(rng.uniform(20, 120, DRAWS)), cdf) < CRITICAL
    assert statistic(list(rng.uniform(20, 140, DRAWS)), cdf) > CRITICAL
    assert statistic(list(rng.uniform(20, 120, DRAWS) + 25), cdf) > CRITICAL + BUSY
