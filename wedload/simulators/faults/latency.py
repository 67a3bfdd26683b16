"""`latency`, with `jitter`: each piece arrives so much later, however many are under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from wedload.plan.latency import Latency


class LatencyWay:
    """A latency is drawn for each piece, and jitter is added or taken off, uniformly."""

    def __init__(self, latency: Latency | None, jitter_ns: int, rng: random.Random) -> None:
        self._latency = latency
        self._jitter_ns = jitter_ns
        self._rng = rng

    def takes_ns(self) -> int:
        """See `Way`."""
        drawn_ns = self._latency.draw_ns(self._rng) if self._latency is not None else 0
        if self._jitter_ns:
            drawn_ns += self._rng.randint(-self._jitter_ns, self._jitter_ns)
        return max(drawn_ns, 0)
