"""Two variants measured in turn, and what one costs beside the other.

A round is one of each, in an order that changes; a ratio is that of a round, so that what the
machine does in the meantime meets both. The median of the ratios has an interval by their order
alone (binomial).
"""

from __future__ import annotations

import gc
import math
import os
import statistics
from typing import TYPE_CHECKING

from wedload.fleet.collecting import collect_seldom

if TYPE_CHECKING:
    from collections.abc import Callable


def interval(ratios: list[float]) -> tuple[float, float]:
    """Where the median of such ratios is, at 95 %: two of them by their order."""
    ordered, below = sorted(ratios), 0
    while below < len(ordered) // 2:
        tail = sum(math.comb(len(ordered), n) for n in range(below + 1)) / 2 ** len(ordered)
        if tail > 0.025:
            break
        below += 1
    below = max(below - 1, 0)
    return ordered[below], ordered[-1 - below]


def tell_cost(rate: Callable[[bool], float], rounds: int, what: str) -> None:
    """Print what it costs; `rate` gives requests per second of CPU, with `what` or without."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rate(True)  # caches fill
    collect_seldom()  # as a load process does
    for number in range(rounds):
        for with_it in (False, True) if number % 2 else (True, False):
            gc.collect()  # what the last one has left is not this one's
            rates[with_it].append(rate(with_it))
    ratios = [one / other for other, one in zip(rates[False], rates[True], strict=True)]
    print(f"requests per CPU-second: {statistics.median(rates[False]):,.0f} without {what},")
    print(f"                         {statistics.median(rates[True]):,.0f} with")
    low, high = interval(ratios)
    print(
        f"it costs {1 - statistics.median(ratios):.2%} "
        f"({1 - high:.2%} to {1 - low:.2%}, {rounds} rounds)"
    )
