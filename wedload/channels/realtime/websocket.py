"""A subscriber to a plain WebSocket: each message to it is one, and it has joined when it asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.channels.realtime.subscriber import Failure, JoinFailedError, closed

if TYPE_CHECKING:
    from wedload.channels.port import Hearing
    from wedload.channels.realtime.once import Known
    from wedload.channels.realtime.sockets import Sockets
    from wedload.channels.realtime.subscriber import Crowd
    from wedload.clock import Clock
    from wedload.protocols.websocket.connection import WebSocketConnection


class WebSocketSubscriber:
    """One subscriber; a `Subscriber`."""

    retry_ns: Final[int | None] = None  # a server has no way to say it

    def __init__(
        self,
        number: int,
        subscribe: bytes | None,
        sockets: Sockets,
        known: Known,
        hearing: Hearing,
        crowd: Crowd,
        clock: Clock,
    ) -> None:
        """`subscribe`: what it says first, if anything."""
        self._number = number
        self._subscribe = subscribe
        self._sockets = sockets
        self._known = known
        self._hearing = hearing
        self._crowd = crowd
        self._now_ns = clock.now_ns
        self._connection: WebSocketConnection | None = None
        self._lost: asyncio.Future[None] | None = None  # there while it has joined
        self._failure: Failure | None = None  # of the connection that ended last
        self._answer_due = False  # the first message may answer what it has said

    async def join(self) -> None:
        """Connect, and say what it wants; see `Subscriber`."""
        self._failure = None
        self._connection = connection = await self._sockets.open(
            self._number, self._take, self._ended
        )
        if self._subscribe is not None and connection.usable:
            connection.send(self._subscribe)
            self._answer_due = True
        if not connection.usable:  # it may have ended before anybody had a turn
            gone = Failure("reset", "the connection ended at once")
            raise JoinFailedError(self._failure or gone)
        self._lost = asyncio.get_running_loop().create_future()
        self._crowd.joined(self._number, self._now_ns())

    async def lost(self) -> None:
        """Return when it gets messages no more."""
        if self._lost is not None:
            await self._lost

    def beat(self, at_ns: int) -> None:
        """Nothing: there is no heartbeat that every server knows."""

    async def close(self) -> None:
        """End its connection, and tell nobody."""
        connection, self._connection = self._connection, None
        self._lost = None
        if connection is not None:
            await connection.close()

    def say(self, data: bytes) -> bool:
        """Send a message; False: it has not joined."""
        connection = self._connection
        if connection is None or self._lost is None or not connection.usable:
            return False
        connection.send(data)
        return True

    def _take(self, data: bytes, _is_text: bool, at_ns: int) -> None:
        if self._lost is None:
            return
        said = self._known.of(data, at_ns)
        if said.message is None:
            return  # it publishes, and what others say is nothing to it
        answers, self._answer_due = self._answer_due, False
        if said.key is None:
            if not answers:
                self._hearing.unexpected(said.message)
        else:
            self._hearing.heard(said.key, at_ns, self._number, said.place, said.message)

    def _ended(self, code: int | None, reason: str, at_ns: int) -> None:
        self._failure = failure = closed(code, self._sockets.redacted(self._number, reason))
        lost, self._lost = self._lost, None
        if lost is not None:
            self._crowd.left(self._number, at_ns, failure)
            if not lost.done():  # else whoever waited is being cancelled
                lost.set_result(None)
