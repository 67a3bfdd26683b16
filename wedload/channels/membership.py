"""Who has joined a channel, now and at instants that are over. Pure; times are instants, ns."""

from __future__ import annotations

from collections import deque
from typing import Final

from wedload.units import NS_PER_S

#: for how long it is known who had joined: longer than any deadline that is sensible
_KEPT_NS: Final = 3_600 * NS_PER_S


class Membership:
    """The subscribers of a channel, by number from 0, and their sessions."""

    def __init__(self, subscribers: int) -> None:
        self.joined = 0  # now
        self.most = 0  # that ever had at the same time
        self._since_ns = [-1] * subscribers  # since when each has; -1: it has not
        self._past: deque[tuple[int, int, int]] = deque()  # (left, joined, subscriber)
        self._changed_ns = -1
        self._now: bytes | None = None  # who has joined since the last change

    def join(self, subscriber: int, at_ns: int) -> None:
        """It gets every message from now on."""
        if self._since_ns[subscriber] < 0:
            self.joined += 1
            self.most = max(self.most, self.joined)
        self._since_ns[subscriber] = at_ns
        self._change(at_ns)

    def leave(self, subscriber: int, at_ns: int) -> None:
        """It does not any more."""
        since_ns = self._since_ns[subscriber]
        if since_ns < 0:
            return
        self.joined -= 1
        self._since_ns[subscriber] = -1
        self._past.append((at_ns, since_ns, subscriber))
        while self._past[0][0] < at_ns - _KEPT_NS:
            self._past.popleft()
        self._change(at_ns)

    def at(self, instant_ns: int) -> bytes:
        """Who had joined at an instant: a byte a subscriber, 1 for those who had."""
        if instant_ns >= self._changed_ns:
            if self._now is None:
                self._now = self._of(instant_ns)
            return self._now
        members = bytearray(self._of(instant_ns))
        for left_ns, joined_ns, subscriber in reversed(self._past):
            if left_ns <= instant_ns:
                break
            if joined_ns <= instant_ns:
                members[subscriber] = 1
        return bytes(members)

    def _of(self, instant_ns: int) -> bytes:
        return bytes(0 <= since_ns <= instant_ns for since_ns in self._since_ns)

    def _change(self, at_ns: int) -> None:
        self._changed_ns = max(self._changed_ns, at_ns)
        self._now = None
