"""What a virtual user was told to wait for, by origin. Pure: instants are given to it.

A response of 429, or of 503 with Retry-After, says that nothing is to be sent before an instant.
Where it does not say when, the first wait is 1 s, and each that follows in a row twice as long as
the one before, 30 s at most.

Source: RFC 6585 section 4 (429), RFC 9110 sections 10.2.3 and 15.6.4 (Retry-After, 503).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.engine.pacing import Pace
    from wedload.workload.request import Origin

#: where a 429 does not say how long to wait: the first time, and at most
FIRST_NS: Final = NS_PER_S
MOST_NS: Final = 30 * NS_PER_S
_MOST_DOUBLINGS: Final = 5


class _Told:
    """What an origin said last."""

    __slots__ = ("in_a_row", "until_ns")

    def __init__(self) -> None:
        self.until_ns = 0
        self.in_a_row = 0  # waits that were over and were followed by another


class Restraint:
    """What one virtual user holds back for, whoever it acts as and on whatever connections."""

    __slots__ = ("_told", "active", "pace", "waiting", "was_told")

    def __init__(self, pace: Pace | None = None) -> None:
        """`pace`: of all requests to the target, if it has a highest rate."""
        self.pace = pace
        #: whether there is anything to be asked before a request is sent; mostly there is not
        self.active = pace is not None
        self._told: dict[Origin, _Told] = {}
        self.was_told = False  # ever, by anybody
        #: the origins that it holds back for now: requests at the same time wait the same time
        self.waiting: set[Origin] = set()

    def tell(self, origin: Origin, now_ns: int, asked_ns: int | None) -> None:
        """An origin says now to wait; `asked_ns`: for how long, above 0; None if it does not say.

        What it said before still holds. Answers to requests at the same time are one telling.
        """
        told = self._told.get(origin)
        if told is None:
            told = self._told[origin] = _Told()
            self.active = self.was_told = True
        if now_ns >= told.until_ns:  # what was said before is over, and heeded
            told.in_a_row += 1
        if asked_ns is None:
            doublings = min(told.in_a_row - 1, _MOST_DOUBLINGS)
            asked_ns = min(FIRST_NS << doublings, MOST_NS)
        told.until_ns = max(told.until_ns, now_ns + asked_ns)

    def answered(self, origin: Origin, now_ns: int) -> None:
        """An origin answers without saying to wait: unless it still wants that, all is well."""
        told = self._told.get(origin)
        if told is not None and now_ns >= told.until_ns:
            del self._told[origin]
            self.active = self.pace is not None or len(self._told) > 0

    def until_ns(self, origin: Origin) -> int:
        """The instant before which nothing is to be sent there; 0 if it has not said any."""
        told = self._told.get(origin)
        return 0 if told is None else told.until_ns
