"""The instant by which an operation is over, all of its attempts and waits included.

Pure: the instants are given to it, in seconds of one clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

# An attempt that has less left than this would only be sent to be abandoned.
SHORTEST_ATTEMPT_S = 0.005


@dataclass(frozen=True, slots=True)
class Deadline:
    """Ends at `ends_s`; infinite where nothing limits it."""

    ends_s: float = inf

    @classmethod
    def after(cls, now_s: float, allowed_s: float | None) -> Deadline:
        """One that begins now; None is none."""
        return cls() if allowed_s is None else cls(now_s + allowed_s)

    def left_s(self, now_s: float) -> float:
        """Seconds until it ends, never negative."""
        return max(0.0, self.ends_s - now_s)

    def allows(self, now_s: float, wait_s: float = 0.0) -> bool:
        """Whether an attempt that begins after a wait still makes sense."""
        return now_s + wait_s + SHORTEST_ATTEMPT_S < self.ends_s

    def at_most(self, now_s: float, allowed_s: float) -> Deadline:
        """The earlier of this one and one that begins now."""
        return Deadline(min(self.ends_s, now_s + allowed_s))
