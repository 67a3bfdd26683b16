"""How many retries a third party gets, together: a share of what is asked of it anyway.

Bounded attempts alone still multiply the load on somebody who is down by their number; a share
bounds what all operations add. Pure: the instants are given to it.

Source: https://sre.google/sre-book/handling-overload/ (a client's retries are 10 % of its requests)
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Allowance:
    """A tenth of the first attempts; where hardly anything is asked, a few a minute; saved up to 2.

    What is saved is what an outage can add at once, before the breaker opens: so it is little.
    """

    share: float = 0.1
    per_s: float = 0.05
    most: float = 2.0


@dataclass(slots=True)
class Budget:
    """A bucket of retries, full at first."""

    allowance: Allowance
    now_s: float
    _level: float = field(init=False)

    def __post_init__(self) -> None:
        self._level = self.allowance.most

    def asked(self, now_s: float) -> None:
        """An operation makes its first attempt."""
        self._fill(now_s, self.allowance.share)

    def take(self, now_s: float) -> bool:
        """Whether there may be a retry now."""
        self._fill(now_s, 0.0)
        # sums of tenths fall short of a whole by their rounding
        if self._level < 1 - 1e-9:
            return False
        self._level -= 1
        return True

    def _fill(self, now_s: float, more: float) -> None:
        since_s, self.now_s = max(0.0, now_s - self.now_s), max(now_s, self.now_s)
        self._level = min(self.allowance.most, self._level + more + since_s * self.allowance.per_s)
