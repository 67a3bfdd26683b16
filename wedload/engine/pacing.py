"""A highest rate of requests over all load processes, which do not talk to each other about it.

Time is cut into slots as long as the rate allows one request for, numbered from the clock's zero;
of N load processes of a machine, which share its monotonic clock, number i owns each N-th slot from
the i-th on. A request is due at the begin of a slot, and no two have the same.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from wedload.clock import Clock
    from wedload.workload.segment import Segment

#: a slot that is shorter may be used so late: no kernel wakes anybody on the microsecond
_LATE_NS: Final = NS_PER_MS


class Comb:
    """The slots that one load process owns. Pure."""

    def __init__(self, per_s: float | Fraction, segment: Segment) -> None:
        """`per_s`: requests a second of all load processes together, above 0."""
        length_ns = NS_PER_S / Fraction(per_s)  # of a slot, exact
        self._above, self._below = length_ns.numerator, length_ns.denominator
        self._segment = segment
        self._last = -segment.count  # number of the slot that was given last
        #: what is later than this after the begin of its slot has missed it
        self.late_ns = max(int(length_ns), _LATE_NS)

    def take(self, now_ns: int) -> int:
        """The begin of the next free slot that has not begun before an instant; it is taken then.

        Over all load processes together, so many begin within any T: T · rate + 1 at most.
        """
        number = -(-now_ns * self._below // self._above)  # begins now or later
        number = max(number, self._last + 1)
        number += (self._segment.index - number) % self._segment.count
        self._last = number
        return -(-number * self._above // self._below)


class Pace:
    """Lets the requests of a load process through, each in a slot of its own."""

    def __init__(self, comb: Comb, clock: Clock) -> None:
        self._comb = comb
        self._clock = clock

    async def turn(self) -> None:
        """Return within a slot that nobody else uses.

        Who is woken after the end of it, as the machine was busy, takes another one: else all that
        were late would be sent at once.
        """
        while True:
            due_ns = self._comb.take(self._clock.now_ns())
            await self._clock.sleep_until(due_ns)
            if self._clock.now_ns() - due_ns <= self._comb.late_ns:
                return
