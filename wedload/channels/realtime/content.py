"""What a frame has to say: which frames are messages, and what of one its content is. Pure.

`json` of a message is the content proper, so that a key reads `json.record.id` whatever is around
it: of a change of a database its `data`, of a broadcast the user's payload, else the payload.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.message import Message
from wedload.channels.realtime.phoenix import CHANGES, CONTROL, SOCKET_TOPIC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.channels.realtime.event_stream import Fields
    from wedload.channels.realtime.frames import Frame

_PRESENCE: Final = frozenset({"presence_state", "presence_diff"})
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({"event": "message", "kind": "message"})


def content_of(*, supabase: bool, presence: bool) -> Callable[[Frame, bytes, int], Message | None]:
    """What makes messages of frames; `presence`: who comes and goes is one, too."""

    def read(frame: Frame, data: bytes, at_ns: int) -> Message | None:
        """The message that a frame is; None: it is about the subscription, or not asked for."""
        event, payload = frame.event, frame.payload
        if event in CONTROL or frame.topic == SOCKET_TOPIC:
            return None
        kind = "message"
        if event in _PRESENCE:
            if not presence:
                return None
            kind = "presence"
        elif supabase:
            if event == "system":
                return None
            kind, event, payload = _supabase(event, payload)
        headers = {"event": event, "topic": frame.topic, "kind": kind}
        if isinstance(payload, bytes):
            return Message(at_ns, payload, headers)
        return Message(at_ns, data, headers, json=payload)

    return read


def plain_message(data: bytes, at_ns: int) -> Message:
    """The message that a plain WebSocket's is; it may be JSON."""
    return Message(at_ns, data, _NO_HEADERS)


def event_message(fields: Fields, at_ns: int) -> Message | None:
    """The message that an event of an event stream is; None: without data it is none."""
    if fields.data is None:
        return None
    headers = {"event": fields.event, "kind": "message"}
    if fields.id is not None:
        headers["id"] = fields.id
    return Message(at_ns, fields.data, headers)


def _supabase(event: str, payload: Any) -> tuple[str, str, Any]:
    """Kind, event and content of one of Supabase's."""
    if isinstance(payload, dict):
        if event == CHANGES and isinstance(data := payload.get("data"), dict):
            return CHANGES, str(data.get("type", event)), data
        if event == "broadcast":
            return event, str(payload.get("event", event)), payload.get("payload")
    return "message", event, payload
