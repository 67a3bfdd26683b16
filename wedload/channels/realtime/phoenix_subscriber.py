"""A subscriber to a topic of a Phoenix server, Supabase's among them, over a WebSocket."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.realtime.phoenix import Ended, Joined, Replied, State
from wedload.channels.realtime.subscriber import (
    JOIN_TIMEOUT_NS,
    Failure,
    JoinFailedError,
    closed,
)
from wedload.protocols.websocket.opening import WebSocketError
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.port import Hearing
    from wedload.channels.realtime.frames import Frame
    from wedload.channels.realtime.once import Known
    from wedload.channels.realtime.phoenix import Subscription
    from wedload.channels.realtime.sockets import Sockets
    from wedload.channels.realtime.subscriber import Crowd
    from wedload.protocols.websocket.connection import WebSocketConnection


_CODE: Final = re.compile(r"[A-Za-z_]{1,50}")


class PhoenixSubscriber:
    """One subscriber; a `Subscriber`."""

    retry_ns: Final[int | None] = None  # a server has no way to say it

    def __init__(
        self,
        number: int,
        subscription: Subscription,
        sockets: Sockets,
        known: Known,
        hearing: Hearing,
        crowd: Crowd,
        replied: Callable[[Replied, int], None] | None = None,
    ) -> None:
        """`replied`: who is told of replies to what it has pushed."""
        self._number = number
        self._subscription = subscription
        self._topic = sys.intern(subscription.topic)
        self._sockets = sockets
        self._known = known
        self._hearing = hearing
        self._crowd = crowd
        self._replied = replied
        self._connection: WebSocketConnection | None = None
        self._joining: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] | None = None  # there while it has joined
        self._failure: Failure | None = None  # of the connection that ended last

    async def join(self) -> None:
        """Connect if need be, and join; see `Subscriber`."""
        if self._connection is None or not self._connection.usable:
            self._connection = self._failure = None
            self._subscription.reset()
            self._connection = await self._sockets.open(self._number, self._take, self._ended)
        self._joining = asyncio.get_running_loop().create_future()
        try:
            self._connection.send(self._subscription.join())
            async with asyncio.timeout(JOIN_TIMEOUT_NS / NS_PER_S):
                await self._joining
        except WebSocketError as error:
            raise JoinFailedError(self._failure or Failure("reset", str(error))) from None
        except TimeoutError:
            self._connection.abort()  # whoever answers nothing will not shake hands either
            raise JoinFailedError(self._unanswered()) from None
        finally:
            self._joining = None

    async def lost(self) -> None:
        """Return when it gets messages no more."""
        if self._lost is not None:
            await self._lost

    def beat(self, at_ns: int) -> None:
        """Send a heartbeat; if the last one is unanswered, the connection is dead."""
        connection = self._connection
        if connection is None or not connection.usable or self._lost is None:
            return
        frame = self._subscription.beat()
        if frame is not None:
            connection.send(frame)
            return
        connection.abort()
        self._leave(Failure("heartbeat", "a heartbeat was not answered until the next"), at_ns)

    async def close(self) -> None:
        """End its connection, and tell nobody."""
        connection, self._connection = self._connection, None
        self._lost = None
        if connection is not None:
            await connection.close()

    def push(self, event: str, payload: Any) -> str | None:
        """Say something on the topic; the ref of it, or None: it has not joined."""
        connection = self._connection
        if connection is None or self._lost is None or not connection.usable:
            return None
        ref, frame = self._subscription.push(event, payload)
        connection.send(frame)
        return ref

    # --- what the connection tells ------------------------------------------------------------

    def _take(self, data: bytes, _is_text: bool, at_ns: int) -> None:
        """A frame has come."""
        said = self._known.of(data, at_ns)
        message = said.message
        if message is None:
            if said.frame is not None:
                self._control(said.frame, at_ns)
            elif said.problem is not None:
                self._crowd.odd(self._number, said.problem)
        elif (
            self._lost is not None
            and said.topic == self._topic
            and (said.join_ref is None or said.join_ref == self._subscription.join_ref)
        ):
            if said.key is None:
                self._hearing.unexpected(message)
            else:
                self._hearing.heard(said.key, at_ns, self._number, said.place, message)

    def _control(self, frame: Frame, at_ns: int) -> None:
        match self._subscription.receive(frame):
            case Joined():
                self._lost = asyncio.get_running_loop().create_future()
                self._crowd.joined(self._number, at_ns)
                if self._joining is not None and not self._joining.done():
                    self._joining.set_result(None)
            case Replied() as reply if self._replied is not None:
                self._replied(reply, at_ns)
            case Ended(reason, quota):
                reason = self._sockets.redacted(self._number, reason)
                self._leave(Failure(quota or _in_a_word(reason), reason, quota), at_ns)

    def _ended(self, code: int | None, reason: str, at_ns: int) -> None:
        """The connection is over."""
        self._leave(closed(code, self._sockets.redacted(self._number, reason)), at_ns)

    def _leave(self, failure: Failure, at_ns: int) -> None:
        """It gets messages no more, or will not get any."""
        self._failure = failure
        lost, self._lost = self._lost, None
        if lost is not None:
            self._crowd.left(self._number, at_ns, failure)
            if not lost.done():  # else whoever waited is being cancelled
                lost.set_result(None)
        elif self._joining is not None and not self._joining.done():
            self._joining.set_exception(JoinFailedError(failure))

    def _unanswered(self) -> Failure:
        waited = format_duration_ns(JOIN_TIMEOUT_NS)
        if self._subscription.state is State.SUBSCRIBING:
            what = "the join was accepted, but the system message that says that changes are"
            return Failure("timeout", f"{what} subscribed to did not come within {waited}")
        return Failure("timeout", f"the join was not answered within {waited}")


def _in_a_word(reason: str) -> str:
    """The code that a reason begins with, or the reason."""
    word, colon, _ = reason.partition(":")
    return word if colon and _CODE.fullmatch(word) else "refused"
