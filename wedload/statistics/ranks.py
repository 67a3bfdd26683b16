"""What five or more runs a side say by their order alone; knows no metric and no second.

Runs are independent if they are interleaved, so the exact test of their order needs no model of
what varies within or between them. Values are on an additive scale on which more is worse, as
effects are: logarithms of quantiles, minus logarithms of throughputs, shares. To ask for a ratio
above 1 + d is to shift the base by log(1 + d).

With five runs a side the smallest p is 1/252: Holm's procedure over more than twelve rows could
never reject, so a caller passes no more than that.

Source: Mann & Whitney, Annals of Mathematical Statistics 18 (1947); Hodges & Lehmann, ibid. 34
(1963); exact distribution with ties by counting rank sums, Streitberg & Röhmel, Statistical
Software Newsletter 12 (1986).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.statistics.decide import holm, outcome_of
from wedload.statistics.model import Decision, RankEstimate
from wedload.statistics.student import NORMAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NEEDED_RUNS: Final = 5
_EXACT_UP_TO: Final = 60  # runs of both sides together
_LEVEL: Final = 0.95
_ROUNDING: Final = 1 + 1e-9  # 1 - (1 - alpha/m) is not quite alpha/m


def p_larger(base: Sequence[float], current: Sequence[float]) -> float:
    """P of `current` being so much larger by rank, or more, if both are of one distribution.

    One-sided Mann-Whitney with middle ranks for ties, exact for up to 60 values, else by the
    normal distribution with corrections for ties and continuity.

    Raises:
        ValueError: a side is empty.
    """
    if not base or not current:
        raise ValueError("each side needs a value")
    twice = _twice_ranks(np.array([*base, *current], dtype=np.float64))
    total = int(twice[len(base) :].sum())
    if twice.size <= _EXACT_UP_TO:
        return _exact_tail(tuple(sorted(twice.tolist())), len(current), total)
    return _normal_tail(twice, len(current), total)


def rank_estimate(base: Sequence[float], current: Sequence[float]) -> RankEstimate:
    """How far `current` is above `base`, with an exact interval of at least 95 %.

    Raises:
        ValueError: a side is empty.
    """
    differences = _differences(base, current)
    low = _low_bound(differences, len(base), len(current), 1 - (1 - _LEVEL) / 2)
    high = -_low_bound(-differences[::-1], len(base), len(current), 1 - (1 - _LEVEL) / 2)
    beyond = _pairs_for(len(base), len(current), (1 - _LEVEL) / 2)
    level = 1 - 2 * _tail_of_pairs(len(base), len(current), beyond) if beyond else 1.0
    return RankEstimate(float(np.median(differences)), low, high, level)


def decide_by_rank(
    rows: Sequence[tuple[Sequence[float], Sequence[float], float]], alpha: float = 0.05
) -> list[Decision]:
    """What follows from each (base, current, margin), in order; Holm's correction over the rows.

    Bounds are those of the exact interval without ties; with ties a bound never contradicts the
    outcome. `longer` is None: more runs would help, not longer ones.

    Raises:
        ValueError: a side has fewer than five runs, or `alpha` is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1: {alpha}")
    if any(min(len(base), len(current)) < NEEDED_RUNS for base, current, _ in rows):
        raise ValueError(f"each side needs {NEEDED_RUNS} runs or more")
    p_values = [p_larger(_shifted(base, margin), current) for base, current, margin in rows]

    def low(row: int, level: float) -> float:
        base, current, margin = rows[row]
        bound = _low_bound(_differences(base, current), len(base), len(current), level)
        if p_values[row] <= (1 - level) * _ROUNDING:
            return max(bound, math.nextafter(margin, math.inf))
        return min(bound, margin)

    found = []
    lows = holm(p_values, alpha, low=low, margins=[margin for *_, margin in rows])
    for (base, current, margin), p, (level, bound) in zip(rows, p_values, lows, strict=True):
        high = _high_bound(base, current, margin)
        found.append(Decision(outcome_of(bound, high, margin), bound, high, p, level, None))
    return found


def _high_bound(base: Sequence[float], current: Sequence[float], margin: float) -> float:
    """One-sided at 95 %; below the margin if, and only if, the test says that the effect is."""
    high = -_low_bound(-_differences(base, current)[::-1], len(base), len(current), _LEVEL)
    if p_larger(current, _shifted(base, margin)) <= (1 - _LEVEL) * _ROUNDING:
        return min(high, math.nextafter(margin, -math.inf))
    return max(high, margin)


def _shifted(base: Sequence[float], margin: float) -> list[float]:
    return [value + margin for value in base]


def _differences(base: Sequence[float], current: Sequence[float]) -> NDArray[np.float64]:
    """(pairs,) current less base, of every two runs, ascending."""
    if not base or not current:
        raise ValueError("each side needs a value")
    return np.sort(np.subtract.outer(np.asarray(current, float), np.asarray(base, float)).ravel())


def _low_bound(
    differences: NDArray[np.float64], base_runs: int, current_runs: int, level: float
) -> float:
    """The largest shift that the test rejects at 1 - `level`; -inf if it can reject none."""
    pairs = _pairs_for(base_runs, current_runs, 1 - level)
    return -math.inf if pairs is None else float(differences[differences.size - pairs])


def _pairs_for(base_runs: int, current_runs: int, alpha: float) -> int | None:
    """The fewest pairs with current above base that are as unlikely as `alpha`, without ties."""
    low, high = 1, base_runs * current_runs + 1
    while low < high:
        middle = (low + high) // 2
        if _tail_of_pairs(base_runs, current_runs, middle) <= alpha * _ROUNDING:
            high = middle
        else:
            low = middle + 1
    return low if low <= base_runs * current_runs else None


def _tail_of_pairs(base_runs: int, current_runs: int, pairs: int) -> float:
    """P(U >= pairs) without ties."""
    runs = base_runs + current_runs
    twice = np.arange(1, runs + 1) * 2
    total = 2 * pairs + current_runs * (current_runs + 1)
    if runs <= _EXACT_UP_TO:
        return _exact_tail(tuple(twice.tolist()), current_runs, total)
    return _normal_tail(twice, current_runs, total)


def _twice_ranks(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """(values,) twice the middle rank of each, so that ties have whole numbers too."""
    below = np.searchsorted(np.sort(values), values, side="left")
    up_to = np.searchsorted(np.sort(values), values, side="right")
    return np.asarray(below + up_to + 1, dtype=np.int64)


@lru_cache(maxsize=4_096)
def _exact_tail(twice: tuple[int, ...], chosen: int, total: int) -> float:
    """The share of all choices of `chosen` of the doubled ranks that sum to `total` or more."""
    sums = _sums(twice, chosen)
    return float(sum(sums[max(total, 0) :]) / math.comb(len(twice), chosen))


@lru_cache(maxsize=256)
def _sums(twice: tuple[int, ...], chosen: int) -> tuple[int, ...]:
    """How many choices of `chosen` of the doubled ranks have each sum, by counting up."""
    most = sum(sorted(twice)[-chosen:])
    ways = [[0] * (most + 1) for _ in range(chosen + 1)]
    ways[0][0] = 1
    for done, rank in enumerate(twice):
        for size in range(min(chosen, done + 1), 0, -1):
            smaller, larger = ways[size - 1], ways[size]
            for at in range(rank, most + 1):
                if smaller[at - rank]:
                    larger[at] += smaller[at - rank]
    return tuple(ways[chosen])


def _normal_tail(twice: NDArray[np.int64], chosen: int, total: int) -> float:
    """The same share, by the normal distribution; the moments are those of the ranks as tied."""
    size = twice.size
    mean = chosen * float(twice.mean())
    variance = chosen * (size - chosen) / (size - 1) * float(twice.var())
    if variance == 0:
        return 1.0
    return 1 - NORMAL.cdf((total - 1 - mean) / math.sqrt(variance))
