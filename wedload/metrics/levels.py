"""Levels: what was sampled of resources, second by second, exactly as it was.

A level is a figure at the end of a second, or of what happened in it. Samples are few – one a
second of each quantity – so all of them are kept, in columns: 8 bytes a second.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wedload.metrics.catalogue import PHASE_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.summary import Where


class LevelKey(NamedTuple):
    """What a level is of."""

    resource: str
    metric: str


class Level(NamedTuple):
    """A level, and where it can rise no further; None: nowhere that is known."""

    value: float
    capacity: float | None = None


class Levels:
    """All levels of a run."""

    def __init__(self) -> None:
        self._columns: dict[LevelKey, array[float]] = {}
        self._capacities: dict[LevelKey, float] = {}

    def add(self, second: int, levels: Mapping[LevelKey, Level]) -> None:
        """Take in what was sampled at the end of a second of the load."""
        for key, level in levels.items():
            column = self._columns.setdefault(key, array("d"))
            if second >= len(column):
                column.extend([math.nan] * (second + 1 - len(column)))
            column[second] = level.value
            if level.capacity is not None:
                self._capacities[key] = level.capacity

    def of(self, resource: str) -> Iterator[LevelKey]:
        """What was sampled of a resource, in the order in which it came."""
        return (key for key in self._columns if key.resource == resource)

    def by_second(self, key: LevelKey, seconds: int) -> NDArray[np.float64]:
        """The levels of the first seconds of the load, (seconds,); NaN: not sampled."""
        found = np.full(seconds, np.nan)
        column = self._columns.get(key)
        if column is not None:
            known = min(seconds, len(column))
            found[:known] = np.frombuffer(column, np.float64)[:known]
        return found

    def capacity(self, key: LevelKey) -> float | None:
        """Where it can rise no further, as known last."""
        return self._capacities.get(key)


def spans_of(catalogue: Catalogue, where: Where) -> list[tuple[float, float]] | None:
    """Begin and end, s of the load, of when what selectors name is in force; None: always.

    Selectors that are not of the schedule say nothing of it.
    """
    asked = [pair for pair in where if pair[0] in PHASE_DIMENSIONS or pair[0] == "scenario"]
    if not asked:
        return None
    return [
        (one.begin_s, one.begin_s + one.duration_s)
        for one in catalogue.phases
        if one.duration_s > 0
        and all(
            one.scenario == value if dimension == "scenario" else one.has(dimension, value)
            for dimension, value in asked
        )
    ]
