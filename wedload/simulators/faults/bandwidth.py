"""`bandwidth`: so many bytes a second, exactly."""

from __future__ import annotations

from typing import Final

from wedload.simulators.faults.gate import NEVER, Gate
from wedload.units import NS_PER_S

_PIECES_PER_S: Final = 20  # of a steady stream, at most: it flows rather than comes in heaps


class BandwidthGate(Gate):
    """A piece leaves when its last byte would have gone over a line of this rate.

    Time is counted from when the line was idle last, so that no rounding adds up.
    """

    def __init__(self, bytes_per_s: int) -> None:
        self._rate = bytes_per_s
        self.most = max(bytes_per_s // _PIECES_PER_S, 1)
        self._busy_since_ns = 0
        self._sent = 0  # since then
        self._begins_ns = NEVER  # when the piece that was asked for goes on the line

    def leaves_ns(self, at_ns: int, size: int) -> int:
        """See `Gate`."""
        free_ns = self._free_ns(self._sent)
        self._begins_ns = min(self._begins_ns, max(at_ns, free_ns))
        if self._begins_ns == free_ns:
            return self._free_ns(self._sent + size)
        return self._begins_ns + self._takes_ns(size)

    def left(self, at_ns: int, size: int) -> None:
        """See `Gate`."""
        # another gate may have let it leave later
        begun_ns = max(self._begins_ns, at_ns - self._takes_ns(size))
        if begun_ns > self._free_ns(self._sent):
            self._busy_since_ns, self._sent = begun_ns, 0
        self._sent += size
        self._begins_ns = NEVER

    def _free_ns(self, sent: int) -> int:
        return self._busy_since_ns + self._takes_ns(sent)

    def _takes_ns(self, size: int) -> int:
        return -(-size * NS_PER_S // self._rate)  # rounded up
