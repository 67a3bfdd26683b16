"""Simulated pairs of runs, compared as `wedload compare` does: how often it is wrong, or finds it.

A pair is simulated once, of two runs that are alike. What a comparison would say had the second
been slower by some ratio follows from the same estimates, as multiplying all durations adds the
ratio's logarithm to each effect and changes nothing else (a property test holds it); likewise an
offset that a run has as a whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.compare.latency import STEPS, Model, SimulatedRun, simulate_run
from wedload.statistics.counts import estimate_rate
from wedload.statistics.decide import believed, decide, too_short_together
from wedload.statistics.intervals import quantile_interval
from wedload.statistics.model import Decision, Estimate, TooShort
from wedload.statistics.quantiles import estimate_quantile
from wedload.statistics.shares import estimate_share
from wedload.statistics.student import t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN: Final = math.log(1.05)
SLOWER: Final = math.log(1.10)
SHARE_MARGIN: Final = 0.001
QUANTILES: Final = (0.5, 0.95)
RESAMPLES: Final = 400  # a standard deviation is then known to 3.5 %, with 2,000 to 1.6 %
TRENDS: Final = STEPS * len(QUANTILES)
ROWS: Final = TRENDS + 2  # and failures and throughput
MARGINS: Final = [MARGIN] * TRENDS + [SHARE_MARGIN, MARGIN]


@dataclass(frozen=True, slots=True)
class Setting:
    """What pairs are simulated of."""

    model: Model
    offset: float = 0.0  # standard deviation of what a run as a whole is slower by


@dataclass(slots=True)
class Tally:
    """What came of the pairs of one setting: numbers of pairs, or of rows."""

    pairs: int = 0
    alike_regression: int = 0
    alike_cleared: int = 0  # all rows: no regression
    margin_regression: int = 0
    margin_cleared_rows: int = 0
    slower_found: int = 0
    one_step_found: int = 0
    one_step_p95_found: int = 0
    short_rows: int = 0
    short_pairs: int = 0  # so many rows that nothing is said of the others
    differences: int = 0  # intervals of rows' effects
    differences_covered: int = 0
    intervals: int = 0  # of the p95 of the first step of the first run
    intervals_covered: int = 0

    def add(self, other: Tally) -> None:
        """Count the other's pairs too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


Found = list[Estimate | TooShort]


def compare(base: SimulatedRun, current: SimulatedRun, seed: int) -> Found:
    """Every row of a comparison: each quantile of each step, failures, throughput."""
    return [
        *(
            estimate_quantile([one], [other], q, seed=seed, resamples=RESAMPLES)
            for one, other in zip(base.trends, current.trends, strict=True)
            for q in QUANTILES
        ),
        estimate_share([base.failures], [current.failures], seed=seed, resamples=RESAMPLES),
        estimate_rate([base.throughput], [current.throughput], seed=seed, resamples=RESAMPLES),
    ]


def decided(found: Found, shifts: Sequence[float]) -> list[Decision]:
    """What is decided of each row, had its effect been more by so much."""
    rows = map(_shifted, [*believed(found[:TRENDS]), *found[TRENDS:]], shifts)
    return decide(list(zip(rows, MARGINS, strict=True)))


def _shifted(row: Estimate | TooShort, by: float) -> Estimate | TooShort:
    """The same row, had the current run been worse by so much all the time."""
    apart = row.apart
    if apart is not None:
        apart = replace(apart, beyond=apart.beyond + by, low=apart.low + by)
    return replace(row, effect=row.effect + by, apart=apart)


def simulate_pair(setting: Setting, rng: np.random.Generator, seed: int) -> Tally:
    """One pair: what is said of it as it is, at the margin, and slower."""
    base, current = simulate_run(setting.model, rng), simulate_run(setting.model, rng)
    found = compare(base, current, seed)
    offset = float(rng.normal()) * setting.offset * math.sqrt(2)
    tally = Tally(pairs=1, short_pairs=too_short_together(found[:TRENDS]))
    tally.short_rows = sum(isinstance(row, TooShort) for row in found)
    _count_alike(tally, decided(found, _shifts(offset, offset)))
    worse = replace(
        current.failures,
        yes=rng.binomial(current.failures.total, setting.model.failing + SHARE_MARGIN),
    )
    failing = estimate_share([base.failures], [worse], seed=seed, resamples=RESAMPLES)
    at_margin = [*found[:TRENDS], failing, found[-1]]
    trends = _shifts(MARGIN + offset, MARGIN + offset)[:TRENDS]
    _count_margin(tally, decided(at_margin, [*trends, 0.0, MARGIN]))
    _count_slower(tally, found, offset)
    _count_covered(tally, found, base, setting.model, seed)
    return tally


def _shifts(first: float, others: float) -> list[float]:
    """By how much effects are more: of the first step's rows, of other steps'; of no others."""
    return [first] * len(QUANTILES) + [others] * (TRENDS - len(QUANTILES)) + [0.0, 0.0]


def _is(decision: Decision, outcome: str) -> bool:
    return decision.outcome == outcome


def _count_alike(tally: Tally, decisions: list[Decision]) -> None:
    tally.alike_regression += any(_is(row, "regression") for row in decisions)
    tally.alike_cleared += all(_is(row, "no-regression") for row in decisions)


def _count_margin(tally: Tally, decisions: list[Decision]) -> None:
    tally.margin_regression += any(_is(row, "regression") for row in decisions)
    tally.margin_cleared_rows += sum(_is(row, "no-regression") for row in decisions)


def _count_slower(tally: Tally, found: Found, offset: float) -> None:
    """All steps slower by a tenth, and only the first."""
    every = decided(found, _shifts(SLOWER + offset, SLOWER + offset))
    tally.slower_found += any(_is(row, "regression") for row in every[:TRENDS])
    first = decided(found, _shifts(SLOWER + offset, offset))
    tally.one_step_found += any(_is(row, "regression") for row in first[: len(QUANTILES)])
    tally.one_step_p95_found += _is(first[QUANTILES.index(0.95)], "regression")


def _count_covered(tally: Tally, found: Found, base: SimulatedRun, model: Model, seed: int) -> None:
    """Whether 95 % intervals hold the truth: of the differences, and of one run's p95."""
    for estimate in found[:TRENDS]:
        if isinstance(estimate, Estimate):
            reach = t_quantile(0.975, estimate.degrees) * estimate.deviation
            tally.differences += 1
            tally.differences_covered += abs(estimate.effect) <= reach
    interval = quantile_interval(base.trends[0], 0.95, seed, resamples=RESAMPLES)
    if interval is not None:
        tally.intervals += 1
        tally.intervals_covered += interval[0] <= model.quantile_ns(0, 0.95) <= interval[1]


def simulate(setting: Setting, pairs: int, seed: int, jobs: int = 1) -> Tally:
    """So many pairs, each from its own seed: the same whatever `jobs` is."""
    tasks = [(setting, seed, pair) for pair in range(pairs)]
    tally = Tally()
    if jobs == 1:
        for task in tasks:
            tally.add(_pair(task))
        return tally
    with get_context("spawn").Pool(jobs) as pool:
        for part in pool.imap_unordered(_pair, tasks, chunksize=20):
            tally.add(part)
    return tally


def _pair(task: tuple[Setting, int, int]) -> Tally:
    setting, seed, pair = task
    rng = np.random.default_rng((seed, setting.model.seconds, pair))
    return simulate_pair(setting, rng, seed)
