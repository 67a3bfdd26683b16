"""Attempts: which arrivals are the same message again, and when they came. Pure.

A repeat after an answer of 2xx is a duplicate; a repeat after an error, which we provoked, is a
retry. What the sender's schedule of retries is shows in the gaps between attempts. Memory is
bounded: the message that came first is forgotten first, and counted; a repeat of it is a first
arrival again.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Literal

from wedload.metrics.histogram import EMPTY, Histogram
from wedload.units import NS_PER_MS

Kind = Literal["first", "duplicate", "retry", "forged"]

#: attempts of a message that the schedule of retries tells apart
MOST_NUMBERED: Final = 20
#: an attempt that was not answered at all
HUNG: Final = 0
_MOST_PENDING: Final = 1024


class Attempts:
    """What is known of the messages that came, by id."""

    def __init__(self, most: int) -> None:
        """`most`: ids that are remembered, > 0."""
        self._most = most
        self._known: dict[str, Attempt] = {}
        self._order: deque[str] = deque()  # a dict finds its oldest entry slowly once some are gone
        self._gaps: dict[tuple[int, int], Gaps] = {}
        self.forgotten = 0
        self.beyond = 0  # retries after the last one that is told apart

    def begin(self, message_id: str, at_ns: int, *, genuine: bool) -> Attempt:
        """An attempt arrives; `answered` must be told the answer. O(1)."""
        attempt = self._known.get(message_id)
        if attempt is None:
            attempt = self._known[message_id] = Attempt()
            self._order.append(message_id)
            if len(self._order) > self._most:
                del self._known[self._order.popleft()]
                self.forgotten += 1
        elif attempt.succeeded:
            # one that is not genuine was not sent by the sender: it tells nothing of its retries
            attempt.kind = "duplicate" if genuine else "forged"
        else:
            attempt.kind = "retry"
            self._note_gap(attempt, at_ns)
        if attempt.kind != "forged":
            attempt.number += 1
            attempt.genuine += genuine
            attempt.at_ns = at_ns
        return attempt

    def _note_gap(self, attempt: Attempt, at_ns: int) -> None:
        number = attempt.number + 1
        if number > MOST_NUMBERED:
            self.beyond += 1
            return
        of = number, attempt.status
        gaps = self._gaps.get(of)
        if gaps is None:
            gaps = self._gaps[of] = Gaps()
        gaps.add(at_ns - attempt.at_ns)

    def schedule(self) -> list[dict[str, Any]]:
        """How long after which answer each attempt came, for the result, in their order."""
        return [
            {"attempt": number, "after": status or "hang", **gaps.figures()}
            for (number, status), gaps in sorted(self._gaps.items())
        ]


class Attempt:
    """The latest attempt of a message, and how many there were."""

    __slots__ = ("accepted", "at_ns", "genuine", "kind", "number", "status")

    def __init__(self) -> None:
        self.kind: Kind = "first"
        self.number = 0  # of this one, from 1
        self.genuine = 0  # how many were, this one included
        self.at_ns = 0
        self.status = HUNG  # that the latest was answered with
        self.accepted = False  # whether any was: genuine, and answered with 2xx

    @property
    def succeeded(self) -> bool:
        """Whether the sender has been told of success by the latest answer."""
        return 200 <= self.status < 300

    def answered(self, status: int, *, genuine: bool) -> bool:
        """Note the answer, `HUNG` for none; whether this accepts the message for the first time."""
        if self.kind == "forged":
            return False
        self.status = status
        first = genuine and self.succeeded and not self.accepted
        self.accepted = self.accepted or first
        return first


class Gaps:
    """Times between an attempt and the one before it, as a histogram that is filled in lots."""

    __slots__ = ("_histogram", "_pending")

    def __init__(self) -> None:
        self._histogram = EMPTY
        self._pending: list[int] = []

    def add(self, gap_ns: int) -> None:
        """Count one more."""
        self._pending.append(gap_ns)
        if len(self._pending) >= _MOST_PENDING:
            self._fold()

    def _fold(self) -> None:
        self._histogram = Histogram.merge([self._histogram, Histogram.of(self._pending)])
        self._pending.clear()

    def figures(self) -> dict[str, Any]:
        """Count, and shortest, middle and longest gap, ms."""
        self._fold()
        one = self._histogram
        return {
            "count": one.count,
            "min_ms": one.min_ns / NS_PER_MS,
            "med_ms": one.quantile_ns(0.5) / NS_PER_MS,
            "max_ms": one.max_ns / NS_PER_MS,
        }
