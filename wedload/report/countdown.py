"""Notices that follow each other and say how far something is: `cleaning up: 900 left`. Pure.

Those with the same words before the colon are of one kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: between two lines of the same kind in a log, and how long something lasts before it is said
EVERY_S: Final = 5.0


class Countdown:
    """What goes on, and since when."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._kind: str | None = None
        self._since_s = self._shown_s = 0.0
        self._kept: str | None = None  # the last notice, not shown yet

    def told(self, text: str) -> bool:
        """Take a notice; whether a log shows it now: the first of a kind, then one every 5 s."""
        kind, now_s = text.partition(":")[0], self._now_s()
        if kind != self._kind:
            self._kind, self._since_s = kind, now_s
        elif now_s - self._shown_s < EVERY_S:
            self._kept = text
            return False
        self._shown_s, self._kept = now_s, None
        return True

    def worded(self, text: str) -> str:
        """A notice that was just taken, with how long it has lasted, if that is long."""
        lasted_s = self._now_s() - self._since_s
        return f"{text} …" if lasted_s < EVERY_S else f"{text}, for {lasted_s:.0f} s …"

    def over(self) -> str | None:
        """Something else goes on: the last notice, if it was not shown."""
        kept, self._kind, self._kept = self._kept, None, None
        return kept
