"""The schedule of arrivals: when each iteration of an open load is due. Pure, exact to 1 ns.

A rate that moves linearly within each stage has an area under it; iteration i is due where this
area reaches i, so that the fraction of an iteration at a stage's end carries over into the next.
All of it is integer arithmetic: no float error grows over a long run.

Arrivals of a Poisson process are due where the area reaches the sums of exponential gaps of mean 1
(inversion: Cinlar, Introduction to Stochastic Processes, 1975, chapter 4.7). The gaps are drawn
from a seed, the same ones in every load process.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt, lcm
from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.workload.segment import Segment

_FINE: Final = 32  # bits of a fraction of an arrival


@dataclass(frozen=True, slots=True)
class RateStage:
    """A stretch of the schedule in which the rate moves linearly to `target`, arrivals per s."""

    name: str
    duration_ns: int
    target: Fraction


@dataclass(frozen=True, slots=True)
class Ramp:
    """A stage in whole numbers: rates are in arrivals per `unit_ns`, areas in 1/(2·unit_ns)."""

    begin_ns: int
    duration_ns: int
    start: int  # rate at its beginning
    end: int  # rate at its end
    area_before: int  # of all stages before this one
    unit_ns: int

    @property
    def area(self) -> int:
        """Area under this stage."""
        return (self.start + self.end) * self.duration_ns

    def due_ns(self, index: int) -> int:
        """Instant at which arrival `index` (from 0) is due, ns from the scenario's start.

        The first whole ns t with N(t) ≥ index, where N(t) = N₀ + r₀·t + (r₁ − r₀)·t²/2T. O(1).

        Raises:
            IndexError: it is not due in this stage.
        """
        left = 2 * self.unit_ns * index - self.area_before
        if not 0 <= left <= self.area:
            raise IndexError(f"arrival {index} is not due in this stage")
        return self.reached_ns(left)

    def reached_ns(self, left: int) -> int:
        """Instant at which the area from this stage's begin on is `left`, 0 to all of its area."""
        if left == 0:
            return self.begin_ns
        whole, change = self.start * self.duration_ns, self.end - self.start
        wanted = self.duration_ns * left  # = 2·r₀·T·t + (r₁ − r₀)·t²
        if change == 0:
            return self.begin_ns - (-wanted // (2 * whole))
        root = isqrt(whole * whole + change * wanted)
        t = (root - whole) // change  # within 1 of the solution: isqrt rounds down
        while (2 * whole + change * t) * t < wanted:
            t += 1
        while t and (2 * whole + change * (t - 1)) * (t - 1) >= wanted:
            t -= 1
        return self.begin_ns + t


def ramps(start: Fraction, stages: Sequence[RateStage]) -> tuple[Ramp, ...]:
    """The stages in whole numbers; rates are arrivals per s."""
    scale = lcm(start.denominator, *(stage.target.denominator for stage in stages))
    found: list[Ramp] = []
    rate, begin_ns, area = int(start * scale), 0, 0
    for stage in stages:
        target = int(stage.target * scale)
        ramp = Ramp(begin_ns, stage.duration_ns, rate, target, area, NS_PER_S * scale)
        found.append(ramp)
        rate, begin_ns, area = target, begin_ns + stage.duration_ns, area + ramp.area
    return tuple(found)


def total_arrivals(start: Fraction, stages: Sequence[RateStage]) -> int:
    """How many iterations are due before the end of the last stage. O(stages)."""
    last = ramps(start, stages)[-1]
    return -(-(last.area_before + last.area) // (2 * last.unit_ns))


def arrivals_ns(
    start: Fraction, stages: Sequence[RateStage], segment: Segment, vus: int
) -> Iterator[int]:
    """When each of a segment's iterations is due, ns from the scenario's start, in order; lazily.

    `vus` virtual users take turns, and a segment's iterations are those of its own: so they are in
    proportion to the users that it has for them, and shares add up exactly to the whole.
    """
    turn = segment.index  # of a segment's virtual user; its numbers are `count` apart
    if turn >= vus:
        return
    index = turn
    total = total_arrivals(start, stages)
    for ramp in ramps(start, stages):
        end = min((ramp.area_before + ramp.area) // (2 * ramp.unit_ns) + 1, total)
        while index < end:
            yield ramp.due_ns(index)
            index += segment.count
            turn += segment.count
            if turn >= vus:  # the next round begins with the user of number 0 again
                index += vus - turn + segment.index
                turn = segment.index


def poisson_ns(
    start: Fraction, stages: Sequence[RateStage], segment: Segment, vus: int, seed: str
) -> Iterator[int]:
    """The same for arrivals that know nothing of each other; `seed` draws them. Lazily.

    Every segment draws all of them, and takes those of its own virtual users.
    """
    rng = random.Random(f"arrivals/{seed}")  # noqa: S311 - repeatable on purpose
    lines = ramps(start, stages)
    number, reached = 0, _gap(rng)
    for ramp in lines:
        end = ramp.area_before + ramp.area
        while (area := 2 * ramp.unit_ns * reached >> _FINE) < end:
            if segment.owns(number % vus):
                yield ramp.reached_ns(area - ramp.area_before)
            number += 1
            reached += _gap(rng)


def _gap(rng: random.Random) -> int:
    """An exponential gap of mean 1, in 2**-32 of an arrival."""
    return round(rng.expovariate(1.0) * (1 << _FINE))


def most_within(start: Fraction, stages: Sequence[RateStage], window_ns: int) -> float:
    """The most arrivals that are due within some window of that length, about. O(stages²)."""
    lines = ramps(start, stages)
    ends_ns = [0, *(line.begin_ns + line.duration_ns for line in lines)]
    ends_ns = sorted({*ends_ns, *(end_ns + window_ns for end_ns in ends_ns)})
    # a peak that is not where a stage or a window ends is between two of these
    instants_ns = [*ends_ns, *((a + b) // 2 for a, b in pairwise(ends_ns))]
    return max(_due_by(lines, at_ns) - _due_by(lines, at_ns - window_ns) for at_ns in instants_ns)


def _due_by(lines: Sequence[Ramp], at_ns: int) -> float:
    """Arrivals that are due before an instant, with the fraction of the next one."""
    area = 0.0
    for line in lines:
        t = min(max(at_ns - line.begin_ns, 0), line.duration_ns)
        if t:
            area += 2 * line.start * t + (line.end - line.start) * t * t / line.duration_ns
    return area / (2 * lines[0].unit_ns)


def rate_at(start: Fraction, stages: Sequence[RateStage], at_ns: int) -> float:
    """Arrivals per s asked for at an instant; 0 outside of the stages. O(stages)."""
    rate, begin_ns = start, 0
    for stage in stages:
        if begin_ns <= at_ns < begin_ns + stage.duration_ns:
            share = Fraction(at_ns - begin_ns, stage.duration_ns)
            return float(rate + (stage.target - rate) * share)
        rate, begin_ns = stage.target, begin_ns + stage.duration_ns
    return 0.0
