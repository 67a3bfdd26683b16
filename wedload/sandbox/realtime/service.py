"""The realtime side as a whole: its parts put together, its quotas, and what the platform tells it.

Knows no HTTP. Quotas are for channels of Supabase's protocol, whose errors tell of them.

Source: https://supabase.com/docs/guides/realtime/limits and …/protocol, "Join errors".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..call import instant
from ..errors import ApiError
from ..events import JOURNEY_STARTED, SUBMISSION_CREATED
from .changes import Change
from .channel import JoinError
from .conversation import Topics
from .counts import Counts
from .event_log import EventLog
from .fanout import Fanout
from .quota import PerSecond, Quotas
from .rooms import Rooms
from .socket import TOO_MANY_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from ..auth import Sessions
    from ..events import Event, Events
    from ..faults.timeline import Faults
    from ..weakness import Weaknesses
    from .channel import Channel


class Realtime:
    """What the endpoints share; made on the event loop that serves them."""

    def __init__(
        self,
        sessions: Sessions,
        events: Events,
        weaknesses: Weaknesses,
        quotas: Quotas,
        silence_s: float,
        faults: Faults | None = None,
    ) -> None:
        self.sessions = sessions
        self.silence_s = silence_s
        self.counts = Counts()
        self._quotas = quotas
        self._joins = PerSecond(quotas.joins_per_s)
        self._users = 0
        self._faults = faults
        self._closing: set[asyncio.Task[bool]] = set()
        fanout = Fanout(self.counts, weaknesses, faults)
        messages = PerSecond(quotas.messages_per_s)
        self.rooms = Rooms(fanout, self.counts, messages, self.over_quota)
        self.log = EventLog(fanout, self.counts)
        self.topics = Topics(fanout, self.counts)
        self.open: set[web.WebSocketResponse] = set()
        events.subscribe(self._happened)

    def check_quotas(self, *, is_joined: bool) -> None:
        """Let a connection join a topic; `is_joined` is whether it has joined one already.

        Raises:
            JoinError: a quota is used up.
        """
        most = self._quotas.connections
        if most and not is_joined and self._users >= most:
            self.counts.quota.connections += 1
            raise JoinError("ConnectionRateLimitReached: Too many connected users")
        if not self._joins.take():
            self.counts.quota.joins += 1
            raise JoinError("ClientJoinRateLimitReached: Too many joins per second")

    def over_quota(self, channel: Channel) -> None:
        """Close the channel, as it has to do with one message too many."""
        self.counts.quota.messages += 1
        channel.socket.shut(channel, TOO_MANY_MESSAGES)

    def joined(self, *, first: bool) -> None:
        """A connection has joined a topic; `first` if it had joined none."""
        self.counts.joins += 1
        self.counts.joined += 1
        self._users += first

    def left(self, *, last: bool) -> None:
        """A connection has left a topic; `last` if it is joined to none now."""
        self.counts.joined -= 1
        self._users -= last

    def check_up(self) -> None:
        """Let a connection be opened.

        Raises:
            ApiError: 503, a fault has the service down.
        """
        if self._faults is not None and self._faults.is_down("realtime"):
            raise ApiError(503, "fault", "A fault has realtime down.")

    def drop(self, strikes: Callable[[], bool]) -> None:
        """Close every connection for which chance says so."""
        for socket in tuple(self.open):
            if strikes():
                leave = asyncio.create_task(socket.close(code=1012, message=b"A fault."))
                self._closing.add(leave)
                leave.add_done_callback(self._closing.discard)
        self.log.drop(strikes)

    async def close(self) -> None:
        """Take leave of everybody."""
        self.log.close()
        leaves = [socket.close(code=1001, message=b"The sandbox stops.") for socket in self.open]
        await asyncio.gather(*leaves, return_exceptions=True)

    def _happened(self, event: Event) -> None:
        self.log.publish(event.type, dict(event.row))
        self.topics.publish(event.type, dict(event.row))
        for change in changes_of(event):
            self.rooms.changed(change)


def changes_of(event: Event) -> list[Change]:
    """The changes of rows that an event tells of, in their order."""
    at = instant(event.happened_ms)
    row = event.row
    if event.type == SUBMISSION_CREATED:
        record = {**row, "status": "submitted"}
        return [Change("submissions", "INSERT", record, at)]
    if event.type == JOURNEY_STARTED:
        # A journey is written as pending, and as running, within one transaction.
        key = {"submission_id": row["submission_id"]}
        pending = {**key, "state": "pending", "started_at": None}
        running = {**key, "state": row["state"], "started_at": row["started_at"]}
        return [
            Change("journeys", "INSERT", pending, at),
            Change("journeys", "UPDATE", running, at, key),
        ]
    return []
