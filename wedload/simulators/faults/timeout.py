"""`timeout`: nothing comes through; after a duration, if there is one, the connection is closed.

What is held flows when the fault ends before that.
"""

from __future__ import annotations

from wedload.simulators.faults.gate import Cut, Hold


class TimeoutHold(Hold):
    """The time counts from the first piece that is held; without one it is held for good."""

    def __init__(self, after_ns: int | None) -> None:
        self._after_ns = after_ns

    def holds(self, at_ns: int) -> None:
        """See `Hold`."""
        if self.cut is None and self._after_ns is not None:
            self.cut = Cut(at_ns + self._after_ns, "end")
