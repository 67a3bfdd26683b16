"""Queues whose behaviour is known: M/M/c by formula and by simulation."""

from __future__ import annotations

import heapq
import math
import random

from wedload.capacity.probe import BadShare, RowSeen, Seen


def erlang_c(rate: float, servers: int, service_s: float) -> float:
    """The probability that an arrival must wait in an M/M/c queue: Erlang's C formula."""
    offered = rate * service_s
    assert offered < servers
    blocked = 1.0  # Erlang's B, by its recursion
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def sojourn_tail(t_s: float, rate: float, servers: int, service_s: float) -> float:
    """P(T > t) of the whole time in an M/M/c queue, first come first served.

    T = S + W, where W is 0 with probability 1 - C and else exponential with rate c mu - lambda, and
    independent of S, which is exponential with rate mu. Source: Gross, Shortle, Thompson & Harris,
    Fundamentals of Queueing Theory, 4th edition, 2.3.
    """
    mu = 1 / service_s
    left = servers * mu - rate
    waits = erlang_c(rate, servers, service_s)
    alone = math.exp(-mu * t_s)
    if math.isclose(left, mu, rel_tol=1e-9):
        both = (1 + mu * t_s) * alone
    else:
        both = (left * alone - mu * math.exp(-left * t_s)) / (left - mu)
    return (1 - waits) * alone + waits * both


def breaking_rate(q: float, limit_s: float, servers: int, service_s: float) -> float:
    """The rate at which the q-quantile of the whole time comes to a limit, by bisection."""
    low, high = 0.0, servers / service_s * (1 - 1e-12)
    for _ in range(200):
        middle = (low + high) / 2
        if sojourn_tail(limit_s, middle, servers, service_s) < 1 - q:
            low = middle
        else:
            high = middle
    return low


def sojourns(
    rate: float, servers: int, service_s: float, *, warm_s: float, judged_s: float, seed: int
) -> list[float]:
    """Whole times in an M/M/c queue that begins empty, of those who come after `warm_s`; s."""
    rng = random.Random(seed)
    free = [0.0] * servers
    took, at = [], 0.0
    while (at := at + rng.expovariate(rate)) < warm_s + judged_s:
        end = max(at, heapq.heappop(free)) + rng.expovariate(1 / service_s)
        heapq.heappush(free, end)
        if at >= warm_s:
            took.append(end - at)
    return took


def probed(rate: float, took_s: list[float], limit_s: float, q: float, row: str = "p95") -> Seen:
    """What a row `pQ < limit` makes of a probe."""
    bad = BadShare(1 - q, sum(one >= limit_s for one in took_s), len(took_s))
    needed = math.ceil(math.log(0.05) / math.log(q))
    status = "insufficient" if bad.total < needed else "met" if bad.share < 1 - q else "missed"
    return Seen(rate, {row: RowSeen(status, None, bad.total, bad=bad)})
