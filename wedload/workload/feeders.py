"""Feeders: which row of a data file an iteration sees. Pure but for each feeder's own position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from wedload.plan.model import Feeder
    from wedload.workload.segment import Segment


class FeederExhaustedError(Exception):
    """A `unique` feeder has no row left: its scenario ends."""


class RowSource:
    """Hands out the rows of one feeder to the iterations of one load process.

    Load processes take turns over the rows by their segment, so that a row stays unique over all.
    """

    def __init__(self, name: str, feeder: Feeder, segment: Segment) -> None:
        self._name = name
        self._rows = feeder.rows
        self._pick = feeder.pick
        self._segment = segment
        self._taken = 0
        self._place_by_row: dict[int, int] = {}  # by identity; made when first asked for

    def place_of(self, row: Mapping[str, Any]) -> int:
        """Which row of its file a row is that it has handed out, from 0."""
        if not self._place_by_row:
            self._place_by_row = {id(one): place for place, one in enumerate(self._rows)}
        return self._place_by_row[id(row)]

    def next_row(self, vu: int, rng: random.Random) -> Mapping[str, Any]:
        """The row for one iteration of a virtual user (from 0).

        Raises:
            FeederExhaustedError: the feeder is `unique` and every row has been seen.
        """
        rows = self._rows
        if self._pick == "random":
            return rng.choice(rows)
        if self._pick == "per_vu":
            return rows[vu % len(rows)]
        position = self._segment.nth(self._taken)
        if self._pick == "unique" and position >= len(rows):
            of = "" if self._segment.count == 1 else " that fall to a load process"
            raise FeederExhaustedError(
                f"data.{self._name}: all {self._taken:,} rows{of} have been used, each once"
            )
        self._taken += 1
        return rows[position % len(rows)]
