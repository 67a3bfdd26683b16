"""Slots of the load: seconds at first, twice as long whenever there would be too many. Pure."""

from __future__ import annotations

from typing import Final

#: the most slots that a run has, whatever its length
MOST_SLOTS: Final = 120


def slot_length_s(second: int, length_s: int = 1) -> int:
    """How long slots must be for a second to be in one of them: `length_s`, doubled if need be."""
    while second // length_s >= MOST_SLOTS:
        length_s *= 2
    return length_s
