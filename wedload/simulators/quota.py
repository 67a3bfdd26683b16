"""Quotas over a sliding window: how much is let through, and when more will be. Pure.

A request is let through if fewer than `requests` were in the `per_ns` before it; so in no stretch
of that length, wherever it begins (its end excluded), are there more. One that is refused does not
count. Nothing is approximated: the instants of what was let through are kept.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.simulators.remembered import Remembered

if TYPE_CHECKING:
    from wedload.plan.third_parties import Quota
    from wedload.simulators.service import QuotaScope

#: users whose windows are kept; who comes back after so many others starts anew
MOST_USERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a quota stands when a request has been let through, or refused."""

    allowed: bool
    limit: int
    remaining: int  # how many more would be let through now
    next_ns: int  # the first instant at which `remaining` will be one more
    scope: QuotaScope = "all"


class SlidingWindow:
    """One quota; instants are to come in their order."""

    __slots__ = ("_instants", "_per_ns", "_requests", "_scope")

    def __init__(self, quota: Quota, scope: QuotaScope = "all") -> None:
        self._requests = quota.requests
        self._per_ns = quota.per_ns
        self._scope: QuotaScope = scope
        self._instants: deque[int] = deque()  # of those let through, within the window

    def look(self, now_ns: int) -> Allowance:
        """Whether one would be let through now. O(1), amortised."""
        instants = self._instants
        while instants and now_ns - instants[0] >= self._per_ns:
            instants.popleft()
        remaining = self._requests - len(instants)
        next_ns = instants[0] + self._per_ns if instants else now_ns
        return Allowance(remaining > 0, self._requests, remaining, next_ns, self._scope)

    def take(self, now_ns: int) -> Allowance:
        """Let one through, as `look` has allowed."""
        self._instants.append(now_ns)
        return replace(self.look(now_ns), allowed=True)


class Quotas:
    """The quotas of a dependency: that of all requests, and one for each user."""

    def __init__(self, of_all: Quota | None, of_user: Quota | None) -> None:
        self._all = None if of_all is None else SlidingWindow(of_all)
        self._of_user = of_user
        self._users: Remembered[SlidingWindow] = Remembered(MOST_USERS)

    @property
    def users_forgotten(self) -> int:
        """Users who have been forgotten, for lack of room."""
        return self._users.forgotten

    def admit(self, user: str, now_ns: int) -> Allowance | None:
        """Let a request through, or not; what stands in its way comes first. None: no quota.

        One that is over either quota counts against none.
        """
        windows = [window for window in (self._all, self._window(user)) if window is not None]
        for window in windows:
            standing = window.look(now_ns)
            if not standing.allowed:
                return standing
        standings = [window.take(now_ns) for window in windows]
        return min(standings, key=lambda standing: standing.remaining, default=None)

    def _window(self, user: str) -> SlidingWindow | None:
        if self._of_user is None or not user:
            return None
        window = self._users.get(user) or SlidingWindow(self._of_user, "user")
        self._users.keep(user, window)
        return window
