"""Where a series of runs changed its level, and how sure that is. Pure and seeded.

Knows numbers in the order of time, and not what they measure. Only their ranks count: how far off
an outlier is means nothing, and nothing is assumed of the distribution.

A stretch of the series is compared with all the rest, for every stretch that there is; the one with
the most extreme sum of scores is a change if few shuffled series have one as extreme (a permutation
test, so many stretches being looked at is accounted for). Then the parts are searched likewise.
Scores are normal ones: of plain ranks a few highest values cannot add up to much in a long series,
and a change would be found only long after it.

Source: the search for stretches is Olshen, Venkatraman, Lucito & Wigler, Circular binary
segmentation, Biostatistics 5 (2004), which also finds a change that was taken back; with ranks as
in Pettitt, Applied Statistics 28 (1979), and the scores of van der Waerden (1952); with
permutations as in Matteson & James, JASA 109 (2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SHORTEST: Final = 3  # values on either side: fewer are outliers
PERMUTATIONS: Final = 1999
_AT_ONCE: Final = 50  # permutations scanned together: bounds memory, and allows to stop early
_SLACK: Final = 1e-9  # equal statistics, but for rounding


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A change of level."""

    index: int  # of the first value at the new level
    before: float  # medians of the values between this change and its neighbours
    after: float
    p: float  # of so extreme a stretch if the order of the values meant nothing


def change_points(
    values: Sequence[float], *, level: float = 0.01, seed: int = 1
) -> list[ChangePoint]:
    """Changes of level in a series, oldest first.

    In a series without any, whatever its distribution, one is claimed with probability `level` at
    most. That supposes that without a change the order of the values means nothing.
    """
    series = np.asarray(values, dtype=float)
    rng = np.random.default_rng(seed)
    found: dict[int, float] = {}
    _search(series, 0, level, rng, found)
    kept = _confirmed(series, sorted(found), level, rng)
    placed = _placed(series, kept)
    edges = [0, *placed, len(series)]
    medians = [float(np.median(series[a:b])) for a, b in pairwise(edges) if b > a]
    return [
        ChangePoint(at, before, after, found[one])
        for one, at, before, after in zip(kept, placed, medians, medians[1:], strict=False)
    ]


def _search(
    series: NDArray[np.float64],
    offset: int,
    level: float,
    rng: np.random.Generator,
    found: dict[int, float],
) -> None:
    """Add to `found` the changes in a part of the series that begins at `offset`.

    A part gets its share of the doubt by its length, as more parts are more chances to err.
    """
    if len(series) < 2 * SHORTEST:
        return
    scores = _normal_scores(series)
    if not scores.any():  # all values are the same
        return
    highest, begin, end = _most_extreme(scores)
    p = _p_value(scores, highest, level, rng)
    if p > level:
        return
    edges = [0, *(at for at in (begin, end) if 0 < at < len(series)), len(series)]
    for at in edges[1:-1]:
        found[offset + at] = p
    for a, b in pairwise(edges):
        _search(series[a:b], offset + a, level * (b - a) / len(series), rng, found)


def _normal_scores(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a normal distribution has at the rank of each value; equal ones share theirs; (n,)."""
    kinds, place, counts = np.unique(series, return_inverse=True, return_counts=True)
    if len(kinds) == 1:
        return np.zeros(len(series))
    ranks = np.cumsum(counts) - (counts - 1) / 2
    normal = NormalDist()
    scores = np.array([normal.inv_cdf(rank / (len(series) + 1)) for rank in ranks])[place]
    centred: NDArray[np.float64] = scores - scores.mean()
    return centred


def _starts(length: int, n: int) -> NDArray[np.intp]:
    """Where stretches of this length may begin: what is left beside them is none, or enough."""
    inner = np.arange(SHORTEST, n - length - SHORTEST + 1)
    return np.concatenate(([0], inner, [n - length]))


def _sums(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the first 0, 1, … n scores of each row; (rows, n) -> (rows, n + 1)."""
    sums = np.zeros((scores.shape[0], scores.shape[1] + 1))
    np.cumsum(scores, axis=1, out=sums[:, 1:])
    return sums


def _weights(n: int) -> NDArray[np.float64]:
    """1 / standard deviation of a stretch's sum, by its length, but for a common factor."""
    lengths = np.arange(1, n)
    return np.concatenate(([0.0], 1 / np.sqrt(lengths * (n - lengths))))


def _most_extreme(scores: NDArray[np.float64]) -> tuple[float, int, int]:
    """The stretch whose mean differs most from the rest: its statistic, begin and end."""
    n = len(scores)
    sums, weights = _sums(scores[None, :])[0], _weights(n)
    best = (-1.0, 0, 0)
    for length in range(SHORTEST, n - SHORTEST + 1):
        starts = _starts(length, n)
        statistics = np.abs(sums[starts + length] - sums[starts]) * weights[length]
        at = int(statistics.argmax())
        if statistics[at] > best[0] * (1 + _SLACK):
            best = (float(statistics[at]), int(starts[at]), int(starts[at]) + length)
    return best


def _highest(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The most extreme statistic of each row; (rows, n) -> (rows,)."""
    n = scores.shape[1]
    sums, weights = _sums(scores), _weights(n)
    highest = np.zeros(len(scores))
    for length in range(SHORTEST, n - SHORTEST + 1):
        first, last = sums[:, length], sums[:, n - length]
        found = np.maximum(np.abs(first), np.abs(last))  # all scores together are 0
        if n - length - SHORTEST >= SHORTEST:
            ends = sums[:, SHORTEST + length : n - SHORTEST + 1]
            begins = sums[:, SHORTEST : n - length - SHORTEST + 1]
            np.maximum(found, np.abs(ends - begins).max(axis=1), out=found)
        np.maximum(highest, found * weights[length], out=highest)
    return highest


def _p_value(
    scores: NDArray[np.float64], observed: float, level: float, rng: np.random.Generator
) -> float:
    """Share of shuffles at least as extreme, the observed order among them.

    Once it is sure to be above `level` the rest is not drawn: such a p is a lower bound.
    """
    return _share(
        (
            _highest(rng.permuted(np.tile(scores, (count, 1)), axis=1))
            for count in _batches(PERMUTATIONS)
        ),
        observed, level,
    )  # fmt: skip


def _share(batches: Iterable[NDArray[np.float64]], observed: float, level: float) -> float:
    extreme = 1
    for statistics in batches:
        extreme += int((statistics >= observed * (1 - _SLACK)).sum())
        if extreme > level * (PERMUTATIONS + 1):
            break
    return extreme / (PERMUTATIONS + 1)


def _batches(total: int) -> list[int]:
    return [_AT_ONCE] * (total // _AT_ONCE) + ([total % _AT_ONCE] if total % _AT_ONCE else [])


def _confirmed(
    series: NDArray[np.float64], points: list[int], level: float, rng: np.random.Generator
) -> list[int]:
    """Points at which the parts before and after do differ, the least sure ones taken out first.

    A stretch in the middle has two ends, and one of them may be only where another change lies.
    """
    points = list(points)
    while points:
        edges = [0, *points, len(series)]
        doubts = [
            _two_sided(series[a:b], series[b:c], rng)
            for a, b, c in zip(edges, edges[1:], edges[2:], strict=False)
        ]
        worst = max(range(len(points)), key=doubts.__getitem__)
        if doubts[worst] <= level:
            break
        del points[worst]
    return points


def _placed(series: NDArray[np.float64], points: list[int]) -> list[int]:
    """Each point where it splits the values around it best, by their distances from two medians.

    Ranks say surely that there is a change; where exactly it is they blur a little.
    """
    placed: list[int] = []
    for at, after in zip(points, [*points[1:], len(series)], strict=False):
        before = placed[-1] if placed else 0
        splits = range(before + SHORTEST, after - SHORTEST + 1)
        costs = [_spread(series[before:b]) + _spread(series[b:after]) for b in splits]
        placed.append(splits[int(np.argmin(costs))] if costs else at)
    return placed


def _spread(part: NDArray[np.float64]) -> float:
    return float(np.abs(part - np.median(part)).sum())


def _two_sided(
    left: NDArray[np.float64], right: NDArray[np.float64], rng: np.random.Generator
) -> float:
    """A test of two parts by permutation; no surer than their arrangements are many."""
    scores = _normal_scores(np.concatenate((left, right)))
    shorter = min(len(left), len(right))
    observed = abs(float(scores[: len(left)].sum()))
    arrangements = math.comb(len(scores), shorter)
    shuffled = rng.permuted(np.tile(scores, (PERMUTATIONS, 1)), axis=1)
    extreme = int((np.abs(shuffled[:, : len(left)].sum(axis=1)) >= observed * (1 - _SLACK)).sum())
    return max((extreme + 1) / (PERMUTATIONS + 1), 1 / arrangements)
