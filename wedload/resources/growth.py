"""What has grown since somebody looked last. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping

    K = TypeVar("K", bound=Hashable)


def growth(before: Mapping[K, float], now: Mapping[K, float], born: Collection[K] = ()) -> float:
    """How much counters have grown together, ≥ 0.

    One that is new counts in full if it was `born` since, else not: its past is not ours. One that
    is gone has taken with it what it grew since; one that is smaller has begun anew, from 0.
    """
    grown = 0.0
    for key, value in now.items():
        if key in before:
            grown += value - before[key] if value >= before[key] else value
        elif key in born:
            grown += value
    return grown
