"""Segments: how load processes share a schedule without talking to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Segment:
    """One load process's share of a schedule: every `count`th virtual user from `index` on."""

    index: int = 0
    count: int = 1

    def owns(self, vu: int) -> bool:
        """Whether the virtual user of this number (from 0) runs here."""
        return vu % self.count == self.index

    def share(self, number: int) -> int:
        """How many of `number` things, shared out in turn, are this one's."""
        return (number - self.index + self.count - 1) // self.count

    def nth(self, position: int) -> int:
        """The number of this segment's thing at a position, both from 0."""
        return position * self.count + self.index

    def __reduce__(self) -> tuple[type[Segment], tuple[int, int]]:
        return Segment, (self.index, self.count)  # once compiled, it is not restored by fields


#: of a schedule that is not shared
WHOLE: Final = Segment()
