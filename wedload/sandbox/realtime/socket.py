"""One connection that speaks Phoenix channels as Supabase has them: what it says, and is answered.

Everything is answered at once, on the event loop; what goes to others is the rooms' business.

Source: https://supabase.com/docs/guides/realtime/protocol.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from .changes import BindingError, subscription_id
from .channel import Channel, JoinError, read_wishes
from .phoenix import decode, encode

if TYPE_CHECKING:
    from ..auth import Session
    from .outlet import Outlet
    from .phoenix import Push, Ref, Version
    from .service import Realtime

log = logging.getLogger(__name__)

# As there, in each connection.
MOST_CHANNELS: Final = 100
PREFIX: Final = "realtime:"
TOO_MANY_MESSAGES: Final = "Too many messages per second"
_HEARTBEATS: Final = "phoenix"


class Socket:
    """The channels of one connection."""

    __slots__ = ("_apikey", "_channels", "_realtime", "outlet", "version")

    def __init__(self, realtime: Realtime, version: Version, apikey: str, outlet: Outlet) -> None:
        self._realtime = realtime
        self._apikey = apikey
        self._channels: dict[str, Channel] = {}
        self.version = version
        self.outlet = outlet

    def hear(self, text: str) -> None:
        """Do what one message says.

        Raises:
            MalformedError: it is none.
        """
        push = decode(self.version, text)
        if push.topic == _HEARTBEATS:
            return self._reply(push, "ok")
        if push.event == "phx_join":
            return self._join(push)
        channel = self._channels.get(push.topic)
        if channel is None or push.join_ref not in {None, channel.join_ref}:
            if push.event == "phx_leave":
                return self._reply(push, "ok")
            return self._reply(push, "error", {"reason": "unmatched topic"})
        try:
            self._do(push, channel)
        except Exception:
            log.exception("%s failed on a channel", push.event)
            self._push(channel, "phx_error", {}, ref=channel.join_ref)
            if self._channels.get(push.topic) is channel:
                self._forget(channel)
        return None

    def close(self) -> None:
        """Leave every topic, as the connection has ended."""
        for channel in tuple(self._channels.values()):
            self._forget(channel)

    def shut(self, channel: Channel, why: str) -> None:
        """Close a channel because of an error."""
        self._system(channel, "system", "error", why)
        self._close(channel)

    def _do(self, push: Push, channel: Channel) -> None:
        match push.event:
            case "phx_leave":
                self._leave(push, channel)
            case "broadcast":
                self._broadcast(push, channel)
            case "presence":
                self._presence(push, channel)
            case "access_token":
                self._renew(push, channel)

    # --- Joining and leaving ----------------------------------------------------------------------

    def _join(self, push: Push) -> None:
        if not push.topic.startswith(PREFIX):
            return self._reply(push, "error", {"reason": "unmatched topic"})
        if (before := self._channels.get(push.topic)) is not None:
            self._close(before)
        try:
            channel = self._admitted(push)
        except JoinError as error:
            return self._reply(push, "error", {"reason": str(error)})
        self._realtime.rooms.join(channel)
        self._channels[push.topic] = channel
        self._realtime.joined(first=len(self._channels) == 1)
        bound = [{**given, "id": subscription_id(given)} for given in channel.wishes.changes]
        self._reply(push, "ok", {"postgres_changes": bound})
        if channel.sees_presence:
            self._push(channel, "presence_state", self._realtime.rooms.present(channel))
        if bound:
            self._listen(channel)
        return None

    def _admitted(self, push: Push) -> Channel:
        """The channel to be, if everything allows it."""
        if push.topic == PREFIX:
            raise JoinError("TopicNameRequired: You must provide a topic name")
        wishes = read_wishes(push.payload)
        channel = Channel(self, push.topic, push.join_ref or push.ref, wishes)
        if len(self._channels) == MOST_CHANNELS:
            raise JoinError("ChannelRateLimitReached: Too many channels")
        self._realtime.check_quotas(is_joined=bool(self._channels))
        token = push.payload.get("access_token") or self._apikey
        session = self._session(token)
        if session is not None:
            self._expire(channel, session)
        elif wishes.private:
            raise JoinError(
                "Unauthorized: A private channel needs the access_token of somebody signed in"
            )
        elif not self._realtime.sessions.is_key(str(token)):
            raise JoinError("Unauthorized: The access_token is not valid or has expired")
        return channel

    def _listen(self, channel: Channel) -> None:
        try:
            self._realtime.rooms.listen(channel)
        except BindingError as error:
            why = f"Unable to subscribe to changes with given parameters: {error}"
            return self._system(channel, "postgres_changes", "error", why)
        return self._system(channel, "postgres_changes", "ok", "Subscribed to PostgreSQL")

    def _leave(self, push: Push, channel: Channel) -> None:
        self._reply(push, "ok")
        self._close(channel)

    def _close(self, channel: Channel) -> None:
        self._push(channel, "phx_close", {}, ref=channel.join_ref)
        self._forget(channel)

    def _forget(self, channel: Channel) -> None:
        if channel.expiry is not None:
            channel.expiry.cancel()
        del self._channels[channel.topic]
        self._realtime.rooms.leave(channel)
        self._realtime.left(last=not self._channels)

    # --- Tokens -----------------------------------------------------------------------------------

    def _session(self, token: object) -> Session | None:
        return self._realtime.sessions.holder(token) if isinstance(token, str) else None

    def _renew(self, push: Push, channel: Channel) -> None:
        """A new token, which is not answered; a key is none, and changes nothing."""
        token = push.payload.get("access_token") if isinstance(push.payload, dict) else None
        if token is None or self._realtime.sessions.is_key(str(token)):
            return
        session = self._session(token)
        if session is None:
            self.shut(channel, "Token has expired or is not valid")
        else:
            self._expire(channel, session)

    def _expire(self, channel: Channel, session: Session) -> None:
        """Close a private channel when the token expires that opened it."""
        if channel.expiry is not None:
            channel.expiry.cancel()
        if channel.wishes.private:
            left_s = max(0.0, session.expires_s - time.monotonic())
            loop = asyncio.get_running_loop()
            channel.expiry = loop.call_later(left_s, self.shut, channel, "Token has expired")

    # --- Messages ---------------------------------------------------------------------------------

    def _broadcast(self, push: Push, channel: Channel) -> None:
        if not isinstance(push.payload, dict):
            self._reply(push, "error", {"reason": "Broadcast payload must be an object"})
        elif not self._realtime.rooms.broadcast(channel.room, push.payload, channel):
            self._realtime.over_quota(channel)
        # It may have been closed by what it sent.
        elif channel.wishes.ack and self._channels.get(channel.topic) is channel:
            self._reply(push, "ok")

    def _presence(self, push: Push, channel: Channel) -> None:
        asked = push.payload if isinstance(push.payload, dict) else {}
        rooms = self._realtime.rooms
        match str(asked.get("event", "")).lower():
            case "track":
                payload = asked.get("payload") or {}
                if not isinstance(payload, dict):
                    reason = "Presence track payload must be a map"
                    return self._reply(push, "error", {"reason": reason})
                if not channel.sees_presence:
                    channel.sees_presence = True
                    self._push(channel, "presence_state", rooms.present(channel))
                rooms.track(channel, payload)
            case "untrack":
                rooms.untrack(channel)
            case _:
                return self._reply(push, "error")
        return self._reply(push, "ok")

    # --- Writing ----------------------------------------------------------------------------------

    def _reply(self, push: Push, status: str, response: Any = None) -> None:
        payload = {"status": status, "response": response or {}}
        self.outlet.send(
            encode(self.version, push.topic, "phx_reply", payload, push.ref, push.join_ref)
        )

    def _system(self, channel: Channel, extension: str, status: str, message: str) -> None:
        payload = {
            "channel": channel.topic.removeprefix(PREFIX),
            "extension": extension,
            "message": message,
            "status": status,
        }
        self._push(channel, "system", payload)

    def _push(self, channel: Channel, event: str, payload: Any, ref: Ref = None) -> None:
        self.outlet.send(encode(self.version, channel.topic, event, payload, ref, channel.join_ref))
