"""A token bucket per signed-in token, and whether who was told to wait did. Reads no clock.

Source: https://www.rfc-editor.org/rfc/rfc9110, section 10.2.3 (Retry-After: whole seconds, or a
date, whose resolution is a second too).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from math import ceil
from typing import Literal

#: how a 429 says when to come back: Retry-After in seconds, as a date, or not at all
Tells = Literal["seconds", "date", "none"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a second one token may make; `per_s` 0 means as many as it likes."""

    per_s: float = 100.0
    tells: Tells = "seconds"

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


@dataclass(slots=True)
class Record:
    """What became of one token's requests.

    `limited` were answered 429, `early` came before the instant that the last 429 told, whatever
    became of them. A wait that was told is `obeyed` if the first request after it came at or after
    that instant, `broken` if it came before; until one comes, it is `waiting`.
    """

    passed: int = 0
    limited: int = 0
    early: int = 0
    obeyed: int = 0
    broken: int = 0
    until_s: float | None = None  # the instant that the last 429 told, if it is not over
    _is_broken: bool = False

    def arrives(self, now_s: float) -> None:
        """A request is here that may or may not be let through."""
        if self.until_s is None:
            return
        if now_s < self.until_s:
            self.early += 1
            self.broken += not self._is_broken
            self._is_broken = True
            return
        self.obeyed += not self._is_broken
        self.until_s = None

    def tell(self, until_s: float | None) -> None:
        """It is answered 429, and told to come back at an instant, or just that it is too much."""
        self.limited += 1
        self.until_s, self._is_broken = until_s, False

    def counts(self) -> Counter[str]:
        """As `/_sandbox/rate-limit` shows them."""
        names = ("passed", "limited", "early", "obeyed", "broken")
        waiting = self.until_s is not None and not self._is_broken
        return Counter({**{name: getattr(self, name) for name in names}, "waiting": int(waiting)})


def told(tells: Tells, wait_s: int, unix_s: float) -> tuple[str | None, float | None]:
    """The Retry-After of a 429 at this instant, and the seconds from then on that it tells.

    A date is the first whole second that is late enough.
    """
    if tells == "none":
        return None, None
    if tells == "seconds":
        return str(wait_s), float(wait_s)
    at_s = ceil(unix_s + wait_s)
    return formatdate(at_s, usegmt=True), at_s - unix_s
