"""`slow_close`: the end of a connection comes so much later than what was sent before it."""

from __future__ import annotations

from wedload.simulators.faults.gate import NEVER, Gate


class SlowCloseGate(Gate):
    """An end that is held is passed on when the fault ends."""

    def __init__(self, delay_ns: int) -> None:
        self._delay_ns = delay_ns
        self._since_ns = NEVER

    def leaves_ns(self, at_ns: int, size: int) -> int:
        """See `Gate`."""
        if size:
            return at_ns
        self._since_ns = min(self._since_ns, at_ns)
        return self._since_ns + self._delay_ns
