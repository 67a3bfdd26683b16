"""The ports of subscribers: what a population asks of one, and whom one tells how it fares.

What a subscriber hears it tells the channel's `Hearing` itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from wedload.channels.realtime.quota import quota_code
from wedload.units import NS_PER_S

#: for connecting, and again for the server's answer to a join
JOIN_TIMEOUT_NS: Final = 10 * NS_PER_S
#: of a message; Supabase's largest has 3 MB
MOST_MESSAGE_BYTES: Final = 16_000_000

#: answers that another attempt would get again, to the same request
_FOR_GOOD: Final = frozenset({400, 401, 403, 404, 405, 410, 421, 426})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why somebody has not joined, or has left."""

    reason: str  # in a word, by which failures are counted
    text: str  # as the server says it
    quota: str | None = None  # the code of the quota that is exhausted
    final: bool = False  # another attempt would fare the same


class JoinFailedError(Exception):
    """A subscriber has not joined."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Subscriber(Protocol):
    """One subscriber; it joins again and again, over one connection as long as that lasts."""

    @property
    def retry_ns(self) -> int | None:
        """How long the server wants it to wait before it comes back, if it has said so."""

    async def join(self) -> None:
        """Connect if need be, and join; the crowd is told when it has, before this returns.

        Raises:
            JoinFailedError: it has not.
        """

    async def lost(self) -> None:
        """Return when it gets messages no more; the crowd has been told."""

    def beat(self, at_ns: int) -> None:
        """Show the server that somebody is here; called every `heartbeat` while it has joined."""

    async def close(self) -> None:
        """End its connection, and tell nobody."""


class Crowd(Protocol):
    """Whom subscribers tell how they fare: at the instant, not a turn of the loop later."""

    def joined(self, subscriber: int, at_ns: int) -> None:
        """It gets every message from now on."""

    def left(self, subscriber: int, at_ns: int, failure: Failure) -> None:
        """It does not any more."""

    def odd(self, subscriber: int, problem: str) -> None:
        """What it got cannot be read."""


def refused(url: str, status: int, said: str) -> Failure:
    """What an HTTP answer means that opens nothing."""
    quota = quota_code(said, status)
    text = f"{url} answered with status {status}{f': {said}' if said else ''}"
    return Failure(quota or f"status {status}", text, quota, status in _FOR_GOOD)


def closed(code: int | None, reason: str) -> Failure:
    """What it means that a WebSocket has ended: with the code of a close frame, or without one."""
    if code is None:
        return Failure("reset", "the connection ended without a close frame")
    text = f"it was closed with code {code}{f': {reason}' if reason else ''}"
    quota = quota_code(reason)
    return Failure(quota or f"code {code}", text, quota)
