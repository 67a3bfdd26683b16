"""`limit_data`: a connection ends when so many bytes of it have come through."""

from __future__ import annotations

from wedload.simulators.faults.gate import NEVER, Cut, Gate


class LimitDataGate(Gate):
    """Counts from when the fault is in force on the connection."""

    def __init__(self, limit_bytes: int) -> None:
        self._left = limit_bytes
        self.most = max(limit_bytes, 1)

    def leaves_ns(self, at_ns: int, size: int) -> int:
        """See `Gate`."""
        if self._left or not size:
            return at_ns
        if self.cut is None:  # not a byte may pass: it ends with the first that wants to
            self.cut = Cut(at_ns, "end")
        return NEVER

    def left(self, at_ns: int, size: int) -> None:
        """See `Gate`."""
        self._left -= size
        self.most = max(self._left, 1)
        if size and not self._left:
            self.cut = Cut(at_ns, "end")
