"""Asks a third party that keeps failing only now and then, until it answers again.

Closed: everything passes, and the last outcomes are watched. Open: nothing passes, for a while.
Half-open: a single probe passes, and its outcome decides. Pure: the instants are given to it.

Source: https://martinfowler.com/bliki/CircuitBreaker.html
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Opens for `open_s` when so large a share of the last `window` operations failed.

    Judged once there are `least` of them.
    """

    window: int = 20
    least: int = 10
    ratio: float = 0.5
    open_s: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Leave for one operation, given back with its outcome; `probe` if that decides."""

    since: int
    probe: bool


class Breaker:
    """One third party's; `opened` counts how often it opened."""

    __slots__ = ("_failed", "_limits", "_probing", "_since", "_until_s", "opened", "state")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._failed: deque[bool] = deque(maxlen=limits.window)
        self._until_s = 0.0
        self._since = 0  # changes of state: outcomes of an earlier one say nothing of this one
        self._probing = False
        self.state: State = "closed"
        self.opened = 0

    def admit(self, now_s: float) -> Permit | None:
        """Leave to ask, or None."""
        if self.state == "open" and now_s >= self._until_s:
            self._turn("half-open")
        if self.state == "closed":
            return Permit(self._since, probe=False)
        if self.state == "open" or self._probing:
            return None
        self._probing = True
        return Permit(self._since, probe=True)

    def waits_s(self, now_s: float) -> float:
        """Seconds until it may admit again; 0: it may now, unless a probe is under way."""
        return max(0.0, self._until_s - now_s) if self.state == "open" else 0.0

    def settle(self, permit: Permit, now_s: float, *, failed: bool | None) -> None:
        """What came of it; None: nothing that says anything, e.g. the caller hung up."""
        if permit.since != self._since:
            return
        if permit.probe:
            self._probing = False
            if failed:
                self._open(now_s)
            elif failed is False:
                self._turn("closed")
            return
        if failed is None:
            return
        self._failed.append(failed)
        enough = len(self._failed) >= self._limits.least
        if enough and sum(self._failed) >= self._limits.ratio * len(self._failed):
            self._open(now_s)

    def _open(self, now_s: float) -> None:
        self._turn("open")
        self._until_s = now_s + self._limits.open_s
        self.opened += 1

    def _turn(self, state: State) -> None:
        self.state = state
        self._since += 1
        self._probing = False
        self._failed.clear()
