"""What load the schedule asked for in each second: virtual users times seconds, or arrivals. Pure.

It is made of the stages as a result has them, so that a run and its recording have the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class StageOfLoad(Protocol):
    """A stage of a scenario; s from the begin of the load. Implemented by results' `StageSpan`."""

    @property
    def scenario(self) -> str:
        """Its scenario."""

    @property
    def begin_s(self) -> float:
        """When it begins."""

    @property
    def end_s(self) -> float:
        """When it ends."""

    @property
    def start_vus(self) -> int | None:
        """Virtual users at its begin, from which it ramps to its target; None: of a rate."""

    @property
    def target_vus(self) -> int | None:
        """Virtual users at its end."""

    @property
    def start_rate(self) -> float | None:
        """Iterations per s at its begin, likewise; None: of virtual users."""

    @property
    def target_rate(self) -> float | None:
        """Iterations per s at its end."""


def is_open(stages: Iterable[StageOfLoad], scenario: str) -> bool:
    """Whether a scenario has an arrival rate: then what is due does not depend on its users."""
    return any(one.target_rate is not None for one in stages if one.scenario == scenario)


def planned_load(stages: Iterable[StageOfLoad], scenario: str, seconds: int) -> NDArray[np.float64]:
    """The load of a scenario in each second, (seconds,): virtual users × s, or arrivals."""
    instants = np.arange(seconds + 1, dtype=np.float64)
    area = np.zeros(seconds + 1)
    for one in stages:
        if one.scenario == scenario and one.end_s > one.begin_s:
            area += _area(one, np.clip(instants, one.begin_s, one.end_s) - one.begin_s)
    return np.diff(area)


def by_ends(arrivals: NDArray[np.float64], ended: NDArray[np.int64]) -> NDArray[np.float64]:
    """Arrivals by when their iterations are to end: so much later as the first of them did.

    `ended`: iterations by second. There is nothing where nothing arrives; before any iteration has
    ended, arrivals are returned as they are. What takes longer than the first is expected too low
    a little, never too high. O(seconds).
    """
    due, over = np.flatnonzero(arrivals > 0), np.flatnonzero(ended)
    if not due.size or not over.size or over[0] <= due[0]:
        return arrivals
    late = int(over[0] - due[0])
    return np.where(arrivals > 0, np.concatenate([np.zeros(late), arrivals[:-late]]), 0.0)


def _area(stage: StageOfLoad, since: NDArray[np.float64]) -> NDArray[np.float64]:
    """The load of a stage until each instant; `since` its begin, s.

    A rate moves linearly. Of virtual users there is always a whole number: one more where the line
    reaches it, one less where it does (see wedload.workload.stages).
    """
    length = stage.end_s - stage.begin_s
    if stage.start_rate is not None and stage.target_rate is not None:
        start, rise = stage.start_rate, stage.target_rate - stage.start_rate
        return start * since + rise * since**2 / (2 * length)
    start, rise = stage.start_vus or 0, (stage.target_vus or 0) - (stage.start_vus or 0)
    if rise == 0:
        return start * since
    step_s = length / abs(rise)
    steps = since / step_s  # how many whole users the line has moved by, and a part of one
    whole = np.floor(steps)
    moved = step_s * whole * (steps - (whole + 1) / 2)  # the area under floor(steps)
    return start * since + (moved if rise > 0 else -moved)
