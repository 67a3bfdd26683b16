"""A token bucket per signed-in token. Reads no clock: the instant is given to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a second one token may make; `per_s` 0 means as many as it likes."""

    per_s: float = 100.0

    @property
    def burst(self) -> float:
        """Twice the rate (at least 1): a page that asks for several things at once is no abuse."""
        return max(1.0, 2 * self.per_s)


@dataclass(slots=True)
class TokenBucket:
    """Starts full, refills at the limit's rate, is never fuller than the limit's burst."""

    limit: RateLimit
    now_s: float
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.limit.burst

    def take(self, now_s: float) -> int:
        """0 if a request may pass at `now_s`, else the whole seconds (≥ 1) until one may."""
        if self.limit.per_s == 0:
            return 0
        refilled = self.level + (now_s - self.now_s) * self.limit.per_s
        self.level = min(self.limit.burst, refilled)
        self.now_s = now_s
        if self.level >= 1:
            self.level -= 1
            return 0
        return max(1, ceil((1 - self.level) / self.limit.per_s))
