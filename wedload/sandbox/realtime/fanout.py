"""How a message's copies go out: written, or what a weakness makes of them. Knows no protocol.

Weaknesses are of copies: each subscriber's copy of a message is one more in their count, and what
is swapped is that subscriber's copy with its next one.
"""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING, Final

from ..faults.line import Line
from ..slow import SHORTEST_SLEEP_S

if TYPE_CHECKING:
    from ..faults.timeline import Faults
    from ..weakness import Weaknesses
    from .counts import Counts
    from .outlet import Outlet

# How long a copy that is to be swapped waits for the next one; then it goes out as it is.
SWAP_WITHIN_S: Final = 0.5
_NUMBERS = count(1)


class Subscriber:
    """Somebody who gets copies: one of the things that a connection listens to."""

    __slots__ = ("_held", "_patience", "gone", "name", "outlet")

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.name = str(next(_NUMBERS))
        self.gone = False
        self._held: bytes | None = None
        self._patience: asyncio.TimerHandle | None = None

    def hold(self, copy: bytes, patience: asyncio.TimerHandle) -> None:
        """Keep the copy until the next one, or until patience ends."""
        self._held, self._patience = copy, patience

    def release(self) -> bytes | None:
        """The copy that was kept, if there is one."""
        if self._patience is not None:
            self._patience.cancel()
        held, self._held, self._patience = self._held, None, None
        return held


class Fanout:
    """Writes copies, and counts them."""

    __slots__ = ("_counts", "_faults", "_line", "_loop", "_weak", "_weaknesses")

    def __init__(
        self, counts: Counts, weaknesses: Weaknesses, faults: Faults | None = None
    ) -> None:
        self._counts = counts
        self._weaknesses = weaknesses
        self._weak = bool(weaknesses.counts())
        self._loop = asyncio.get_running_loop()
        self._faults = faults
        self._line = Line()

    def copy(self, to: Subscriber, content: bytes) -> None:
        """Give the subscriber its copy, now or later, once, twice or not at all."""
        if self._faults is not None and self._faults.armed:
            hit = self._faults.hit("realtime")
            if self._line or (hit is not None and hit.late_s):
                late_s = hit.late_s if hit is not None else 0.0
                self._line.after(late_s, lambda: self._copy(to, content))
                return
        elif self._line:  # those that a fault of before holds back still come first
            self._line.after(0.0, lambda: self._copy(to, content))
            return
        self._copy(to, content)

    def _copy(self, to: Subscriber, content: bytes) -> None:
        if not self._weak:
            self._write(to, content)
            return
        hit = self._weaknesses.next(to.name)
        match hit.kind if hit else None:
            case "lose":
                return
            case "delay":
                assert hit is not None
                self._late(time.perf_counter() + hit.delay_s, to, content)
                return
            case "reorder":
                to.hold(content, self._loop.call_later(SWAP_WITHIN_S, self._give_up, to))
                return
            case "duplicate":
                self._write(to, content)
        self._write(to, content)
        if (held := to.release()) is not None:
            self._write(to, held)

    def forget(self, subscriber: Subscriber) -> None:
        """It is gone, and gets no more, not even what was on its way."""
        subscriber.gone = True
        if subscriber.release() is not None:
            self._weaknesses.give_up_swap(subscriber.name)

    def _write(self, to: Subscriber, content: bytes) -> None:
        if not to.gone and to.outlet.send(content):
            self._counts.copies += 1

    def _late(self, due_s: float, to: Subscriber, content: bytes) -> None:
        """Write it then, never earlier: a timer may be early by its rounding."""
        left_s = due_s - time.perf_counter()
        if left_s > 0:
            self._loop.call_later(max(left_s, SHORTEST_SLEEP_S), self._late, due_s, to, content)
        else:
            self._write(to, content)

    def _give_up(self, to: Subscriber) -> None:
        self._weaknesses.give_up_swap(to.name)
        if (held := to.release()) is not None:
            self._write(to, held)
