"""Conversations: one WebSocket connection of a virtual user, and what came and nobody looked at.

It knows no step, and records nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wedload.protocols.websocket.connection import WebSocketConnection
from wedload.protocols.websocket.opening import WebSocketError

if TYPE_CHECKING:
    from collections.abc import Callable

#: messages that are kept between steps; one of these is the one that the next step awaits, mostly
MOST_KEPT: Final = 1_000


class Counts(NamedTuple):
    """What has gone over a conversation's connections."""

    sent_bytes: int = 0
    received_bytes: int = 0
    sent: int = 0  # messages
    received: int = 0
    dropped: int = 0  # of those received: thrown away unseen

    def minus(self, other: Counts) -> Counts:
        """The difference."""
        return Counts(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Conversation:
    """What is said over one connection, and over those that take its place."""

    def __init__(self) -> None:
        #: the steps (series) that used it last: without any it is over
        self.holders: set[int] = set()
        self._connection: WebSocketConnection | None = None
        self._end: tuple[int | None, str] | None = None  # code and reason
        self.ended_ns = 0
        #: the server has ended its connection, and none was opened in its place
        self.lost = False
        self._backlog: deque[tuple[bytes, int]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._counts = Counts()  # of connections before this one, and messages of all
        self._told = Counts()

    @property
    def usable(self) -> bool:
        """Whether something can be sent."""
        return self._connection is not None and self._connection.usable

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Of the answer to the handshake."""
        return [] if self._connection is None else self._connection.headers

    async def open(self, **how: Any) -> WebSocketConnection:
        """Make its connection; `how`: as `WebSocketConnection.open`. What was left is forgotten.

        Raises:
            WebSocketError: it did not open.
        """
        self._forget()
        self._connection = await WebSocketConnection.open(
            on_message=self._heard, on_end=self._ended, **how
        )
        self.lost = self._end is not None
        return self._connection

    def send(self, message: bytes) -> bool:
        """Send a text message; whether all of it has gone to the socket.

        Raises:
            WebSocketError: the connection has ended.
        """
        if self._end is not None:
            raise self._failure(self._end)
        assert self._connection is not None
        self._connection.send(message)
        self._counts = self._counts._replace(sent=self._counts.sent + 1)
        return self._connection.keeps_up

    async def drained(self) -> None:
        """Return when what was sent has gone to the socket.

        Raises:
            WebSocketError: the connection has ended before.
        """
        if self._connection is not None:
            await self._connection.drained()
        if self._end is not None:
            raise self._failure(self._end)

    def skip(self) -> None:
        """Look at nothing that has come so far."""
        self._backlog.clear()

    def look(self, fits: Callable[[bytes, int], bool]) -> bool:
        """Whether one of the messages that have come fits; those up to it are looked at."""
        backlog = self._backlog
        while backlog:
            if fits(*backlog.popleft()):
                return True
        return False

    async def find(self, fits: Callable[[bytes, int], bool]) -> None:
        """Return when a message has come that fits.

        Raises:
            WebSocketError: the connection has ended before.
        """
        while not self.look(fits):
            if self._end is not None:
                raise self._failure(self._end)
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    async def close(self) -> None:
        """End the connection with a handshake; the next step that needs it opens another."""
        connection = self._connection
        if connection is not None:
            try:
                await connection.close()
            finally:
                self._forget()

    def leave(self) -> None:
        """End the connection, without waiting."""
        if self._connection is not None:
            self._connection.leave()
            self._forget()

    def take_counts(self) -> Counts:
        """What has gone over it since this was asked last."""
        now = self._so_far()
        counts, self._told = now.minus(self._told), now
        return counts

    def _so_far(self) -> Counts:
        before, connection = self._counts, self._connection
        if connection is None:
            return before
        return before._replace(
            sent_bytes=before.sent_bytes + connection.sent_bytes,
            received_bytes=before.received_bytes + connection.received_bytes,
        )

    def _forget(self) -> None:
        """Be as new, but for the counts."""
        self._counts = self._so_far()
        self._connection = self._end = None
        self._backlog.clear()

    def _heard(self, data: bytes, _is_text: bool, at_ns: int) -> None:
        counts, backlog, waiter = self._counts, self._backlog, self._waiter
        dropped = counts.dropped
        backlog.append((data, at_ns))
        if waiter is None:
            if len(backlog) > MOST_KEPT:
                backlog.popleft()
                dropped += 1
        elif not waiter.done():
            waiter.set_result(None)
        self._counts = counts._replace(received=counts.received + 1, dropped=dropped)

    def _ended(self, code: int | None, reason: str, at_ns: int) -> None:
        self._end, self.ended_ns, self.lost = (code, reason), at_ns, True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _failure(self, end: tuple[int | None, str]) -> WebSocketError:
        """What an end means for whoever awaits something."""
        code, reason = end
        assert self._connection is not None
        if (broken := self._connection.broken) is not None:
            return WebSocketError(broken, reason)
        if code is not None:
            reason = f"the server closed the connection ({code}{f': {reason}' if reason else ''})"
        return WebSocketError("reset", reason)
