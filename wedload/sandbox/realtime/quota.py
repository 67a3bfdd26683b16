"""How much the realtime side allows. Off unless asked for; reads no clock but the one it is given.

Source: https://supabase.com/docs/guides/realtime/limits.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Quotas:
    """What there may be at most; 0 is no limit."""

    connections: int = 0
    joins_per_s: int = 0
    messages_per_s: int = 0


class PerSecond:
    """Lets so many through in each second, counted from the first; 0 lets all through."""

    __slots__ = ("_left", "_most", "_now", "_until_s")

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._until_s = 0.0
        self._left = 0

    def take(self) -> bool:
        """Whether one more may pass now; if so, it is counted."""
        if not self._most:
            return True
        now_s = self._now()
        if now_s >= self._until_s:
            self._until_s = now_s + 1.0
            self._left = self._most
        if not self._left:
            return False
        self._left -= 1
        return True
