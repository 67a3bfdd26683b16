"""A result's resources, ready for charts: levels by second of load. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.results.model import Result


@dataclass(frozen=True, slots=True)
class LevelSeconds:
    """One quantity of a resource; NaN: not sampled."""

    resource: str
    kind: str
    quantity: str
    unit: str
    levels: NDArray[np.float64]  # (seconds,)
    capacity: float | None


def levels_of(result: Result) -> tuple[LevelSeconds, ...]:
    """All that a result says of its resources, in its order."""
    places = np.array(result.series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
    found = []
    for one in result.resources:
        for of in one.figures:
            levels = np.full(length, np.nan)
            values = [np.nan if value is None else value for value in of.by_second]
            known = min(places.size, len(values))
            levels[places[:known]] = values[:known]
            found.append(
                LevelSeconds(one.name, one.kind, of.quantity, of.unit, levels, of.capacity)
            )
    return tuple(found)
