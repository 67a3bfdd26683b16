"""A thousand draws of each distribution through a real socket have its percentiles.

What is drawn is known: it is told with each attempt, and a seed makes it the same in every run. It
is compared with the distribution by Kolmogorov and Smirnov's statistic, whose critical value at
0.1 % is 1.95/√n. What the stamps of the third party's own side say is never shorter than what was
drawn. What a busy machine adds, a metronome on the same loop suffers, too, and tells: that much is
taken off before the stamps are compared.
"""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.helpers.waiting import GENEROUS_S
from wedload.clock import MonotonicClock
from wedload.plan.fields import RequestLine
from wedload.plan.latency import Empirical, parse_latency
from wedload.plan.third_parties import Dependency, Route
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.simulators.attempt import Attempt

DRAWS = 1_000
CLIENTS = 100
CRITICAL = 1.95 / math.sqrt(DRAWS)
UNEXPLAINED = 0.05  # of the stamps that are late, though the metronome was not

MEASURED_MS = (30, 30, 45, 55, 75, 80, 90, 135, 150, 240)
SIGMA = math.log(225 / 60) / NormalDist().inv_cdf(0.99)
DISTRIBUTIONS: dict[str, Callable[[float], float]] = {
    "uniform(30ms, 180ms)": lambda ms: min(max((ms - 30) / 150, 0), 1),
    "normal(mean=100ms, sd=30ms)": lambda ms: NormalDist(100, 30).cdf(ms) if ms >= 0 else 0,
    "exponential(mean=60ms)": lambda ms: 1 - math.exp(-ms / 60) if ms > 0 else 0,
    "lognormal(p50=60ms, p99=225ms)": lambda ms: (
        NormalDist(math.log(60), SIGMA).cdf(math.log(ms)) if ms > 0 else 0
    ),
    # numpy's quantiles of the file, inverted: linear between its order statistics
    "empirical(file)": lambda ms: float(
        np.interp(ms, MEASURED_MS, np.linspace(0, 1, len(MEASURED_MS)))
    ),
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


class Metronome:
    """Wakes each millisecond, and knows when it should have and when it could."""

    def __init__(self) -> None:
        self._due_ns: list[int] = []
        self._woken_ns: list[int] = []

    async def beat(self) -> None:
        clock = MonotonicClock()
        due_ns = clock.now_ns()
        while True:
            due_ns += NS_PER_MS
            await clock.sleep_until(due_ns)
            for _ in range(2):  # whoever was to be woken with it has had its turn
                await asyncio.sleep(0)
            self._due_ns.append(due_ns)
            self._woken_ns.append(clock.now_ns())

    def late_ns(self, due_ns: int) -> int:
        """How late anybody was who wanted to be woken at an instant; 1 ms more at most."""
        beat = bisect_left(self._due_ns, due_ns)
        return self._woken_ns[min(beat, len(self._woken_ns) - 1)] - due_ns


class Asking(asyncio.Protocol):
    """Asks again as soon as it is answered, so many times; answers have no body. Costs little."""

    def __init__(self, times: int) -> None:
        self._left = times
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        assert data == b"HTTP/1.1 204 No Content\r\n\r\n"
        self._ask()

    def connection_lost(self, exc) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed early"))

    def _ask(self) -> None:
        if self._left:
            self._left -= 1
            self._transport.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        else:
            self.done.set_result(None)
            self._transport.close()


async def draws_of(play, text: str) -> list[Attempt]:
    """The attempts of a thousand requests, by some clients that stay connected."""
    latency = parse_latency(text)
    if isinstance(latency, Empirical):
        latency = Empirical("file", None, tuple(ms * NS_PER_MS for ms in MEASURED_MS))
    routes = (Route(http=RequestLine.parse("GET /"), status=204),)
    party = await play(Dependency(simulate="http", latency=latency, routes=routes), seed=1)
    loop = asyncio.get_running_loop()
    clients = [
        (await loop.create_connection(lambda: Asking(DRAWS // CLIENTS), "127.0.0.1", party.port))[1]
        for _ in range(CLIENTS)
    ]
    async with asyncio.timeout(GENEROUS_S):
        await asyncio.gather(*(client.done for client in clients))
    return await party.tells(DRAWS)


@pytest.mark.parametrize("text", DISTRIBUTIONS)
async def test_a_thousand_draws_are_those_of_the_distribution(play, text):
    cdf = DISTRIBUTIONS[text]
    metronome = Metronome()
    beating = asyncio.create_task(metronome.beat())
    attempts = await draws_of(play, text)
    await asyncio.sleep(0.005)
    beating.cancel()
    assert statistic([one.drawn_ns / NS_PER_MS for one in attempts], cdf) < CRITICAL
    stamped_ms = []
    for one in attempts:
        late_ns = one.ended_ns - one.arrived_ns - one.drawn_ns
        assert late_ns >= 0
        excused_ns = min(late_ns, metronome.late_ns(one.arrived_ns + one.drawn_ns))
        stamped_ms.append((one.drawn_ns + late_ns - excused_ns) / NS_PER_MS)
    assert statistic(stamped_ms, cdf) < CRITICAL + UNEXPLAINED


async def test_a_thousand_constant_ones_are_no_shorter_and_all_the_same(play):
    attempts = await draws_of(play, "3ms")
    assert {attempt.drawn_ns for attempt in attempts} == {3 * NS_PER_MS}
    assert all(one.ended_ns - one.arrived_ns >= 3 * NS_PER_MS for one in attempts)


def test_the_statistic_tells_distributions_apart():
    rng = np.random.default_rng(1)
    cdf = DISTRIBUTIONS["uniform(30ms, 180ms)"]
    right = rng.uniform(30, 180, DRAWS)
    assert statistic(list(right), cdf) < CRITICAL
    assert statistic(list(rng.uniform(30, 210, DRAWS)), cdf) > CRITICAL
    assert statistic(list(right * 1.3), cdf) > CRITICAL + UNEXPLAINED
    assert statistic(list(rng.exponential(100, DRAWS)), cdf) > CRITICAL + UNEXPLAINED
