"""`reset`: what comes is not passed on, the connection is reset at once or so long after it."""

from __future__ import annotations

from wedload.simulators.faults.gate import Cut, Hold


class ResetHold(Hold):
    """The time counts from the first piece that comes while the fault is in force."""

    def __init__(self, after_ns: int) -> None:
        self._after_ns = after_ns

    def holds(self, at_ns: int) -> None:
        """See `Hold`."""
        if self.cut is None:
            self.cut = Cut(at_ns + self._after_ns, "reset")
