"""One subscription to a topic of a Phoenix server, Supabase's among them: its state. Pure.

Frames in, events and frames out. It does not know sockets, time, or what a message is for: who
owns it sends what it gives, and says when a heartbeat is due.

    IDLE ──join──▶ JOINING ──ok──▶ JOINED          (without changes of a database)
                      │   └──ok──▶ SUBSCRIBING ──system: ok──▶ JOINED
                      └─error─▶ IDLE ◀── error, phx_error, phx_close ── any

Sources: Phoenix, `assets/js/phoenix/channel.js`, `lib/phoenix/socket.ex`; Supabase's guide
`realtime/protocol`.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from wedload.bounded import parse_json
from wedload.channels.realtime.frames import Frame
from wedload.channels.realtime.quota import quota_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: the topic of the socket itself
SOCKET_TOPIC: Final = "phoenix"
#: the extension of Supabase that tells changes of a database, and its event
CHANGES: Final = "postgres_changes"
#: events that are about the subscription, and never messages
CONTROL: Final = frozenset({"phx_reply", "phx_close", "phx_error"})
_MOST_SAID: Final = 300


class State(Enum):
    """Where a subscription is."""

    IDLE = auto()
    JOINING = auto()  # asked
    SUBSCRIBING = auto()  # accepted, but changes are not told yet
    JOINED = auto()


class Joined(NamedTuple):
    """Every message comes from now on."""


class Ended(NamedTuple):
    """It was refused, or is no more; it may be joined again."""

    reason: str  # as the server says it
    quota: str | None  # the code of the quota that is exhausted


class Replied(NamedTuple):
    """What was pushed is answered."""

    ref: str
    ok: bool
    response: Any


Event = Joined | Ended | Replied | None


class Subscription:
    """A topic that is joined over one socket."""

    def __init__(
        self,
        topic: str,
        payload: Mapping[str, Any],
        encode: Callable[[Frame], bytes],
        *,
        changes: bool = False,
        system: bool = False,
    ) -> None:
        """`payload`: of the join; `changes`: they are waited for; `system`: told by Supabase."""
        self.topic = topic
        self.state = State.IDLE
        self.join_ref: str | None = None
        self._payload = payload
        self._encode = encode
        self._changes = changes
        self._system = system
        self._ref = 0
        self._beat: str | None = None  # that is not answered yet

    def reset(self) -> None:
        """It is on another socket now, where nothing was said yet."""
        self.state, self._beat = State.IDLE, None

    # --- what is sent -----------------------------------------------------------------------

    def join(self) -> bytes:
        """The frame that asks for it; replies to an earlier one are of no interest any more."""
        self.state = State.JOINING
        self.join_ref = ref = self._next()
        return self._encode(Frame(ref, ref, self.topic, "phx_join", self._payload))

    def push(self, event: str, payload: Any) -> tuple[str, bytes]:
        """The frame that says something on the topic, and its ref."""
        ref = self._next()
        return ref, self._encode(Frame(self.join_ref, ref, self.topic, event, payload))

    def beat(self) -> bytes | None:
        """The heartbeat of its socket; None: the last one is unanswered, the socket is dead."""
        if self._beat is not None:
            return None
        self._beat = ref = self._next()
        return self._encode(Frame(None, ref, SOCKET_TOPIC, "heartbeat", {}))

    def _next(self) -> str:
        self._ref += 1
        return str(self._ref)

    # --- what is told -----------------------------------------------------------------------

    def receive(self, frame: Frame) -> Event:
        """What a frame that is no message means."""
        if frame.topic == SOCKET_TOPIC:
            if frame.ref == self._beat:
                self._beat = None
            return None
        if frame.topic != self.topic:
            return None
        match frame.event:
            case "phx_reply":
                return self._replied(frame)
            case "phx_error" | "phx_close":
                return self._over(frame)
            case "system" if self._system:
                return self._told(frame)
        return None

    def _replied(self, frame: Frame) -> Event:
        payload = frame.payload if isinstance(frame.payload, dict) else {}
        ok, response = payload.get("status") == "ok", payload.get("response")
        if frame.ref is None or frame.ref != self.join_ref:
            return None if frame.ref is None else Replied(frame.ref, ok, response)
        if self.state is not State.JOINING:
            return None
        if not ok:
            return self._ended(said(response))
        if self._changes:
            self.state = State.SUBSCRIBING
            return None
        self.state = State.JOINED
        return Joined()

    def _over(self, frame: Frame) -> Event:
        """The channel at the server is gone, if it is the one joined last."""
        # of version 1.0.0 only newer servers say join_ref; ref has the same value
        of = frame.ref if frame.join_ref is None else frame.join_ref
        if of not in (None, self.join_ref):
            return None
        why = said(frame.payload) or "the server has ended the channel"
        return self._ended(f"{frame.event}: {why}")

    def _told(self, frame: Frame) -> Event:
        """Supabase tells how an extension is, or why it ends the channel."""
        payload = frame.payload if isinstance(frame.payload, dict) else {}
        if payload.get("status") != "ok":
            return self._ended(said(payload.get("message")))
        if payload.get("extension") != CHANGES or self.state is not State.SUBSCRIBING:
            return None
        self.state = State.JOINED
        return Joined()

    def _ended(self, reason: str) -> Event:
        if self.state is State.IDLE:
            return None  # the second of two frames that say so
        self.state = State.IDLE
        return Ended(reason or "no reason given", quota_code(reason))


def said(response: Any) -> str:
    """What a server says in an answer, as a text of bounded length."""
    if isinstance(response, bytes):
        try:
            response = parse_json(response)
        except ValueError:
            response = response.decode("utf-8", "replace")
    if isinstance(response, dict):
        named = (response.get(name) for name in ("reason", "message", "error"))
        response = next((one for one in named if one), response)
    if not response:
        return ""
    text = response if isinstance(response, str) else orjson.dumps(response).decode()
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}…"
