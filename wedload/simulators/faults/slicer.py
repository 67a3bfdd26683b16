"""`slicer`: what is sent comes in small pieces, of sizes that vary, with a pause after each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.simulators.faults.gate import Gate

if TYPE_CHECKING:
    import random

    from wedload.plan.faults import Slicer


class SlicerGate(Gate):
    """The size of each slice is drawn, uniformly in `size` ± `vary`, and never below one byte."""

    def __init__(self, slicer: Slicer, rng: random.Random) -> None:
        self._slicer = slicer
        self._rng = rng
        self._open_ns = 0  # from when on the next slice may leave
        self.most = self._drawn()

    def leaves_ns(self, at_ns: int, size: int) -> int:
        """See `Gate`."""
        return max(at_ns, self._open_ns) if size else at_ns

    def left(self, at_ns: int, size: int) -> None:
        """See `Gate`. Another gate may have let a part of the slice through."""
        self.most -= size
        if self.most == 0:
            self._open_ns = at_ns + self._slicer.delay
            self.most = self._drawn()

    def _drawn(self) -> int:
        size, vary = self._slicer.size, self._slicer.vary
        return max(self._rng.randint(size - vary, size + vary) if vary else size, 1)
