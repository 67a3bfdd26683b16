"""How long a simulated service takes: a distribution as for think time, or one from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Protocol

from wedload.plan.distribution import Distribution
from wedload.plan.parsing import Parsed, text_in

if TYPE_CHECKING:
    import random


class Latency(Protocol):
    """What durations are drawn from."""

    def draw_ns(self, rng: random.Random) -> int:
        """One duration, ns, never below zero."""


def parse_latency(value: Any) -> Latency:
    """Read `120ms`, `lognormal(p50=120ms, p99=900ms)` …; raises ValueError."""
    return Distribution.parse(text_in(value))


LatencyField = Annotated[Latency, Parsed(parse_latency)]
