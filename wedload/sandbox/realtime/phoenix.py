"""Phoenix channels' messages, in both versions of their serializer. Knows no topic and no socket.

Version 1 is an object, version 2 an array. A server leaves `join_ref` out in version 1.

Sources: https://supabase.com/docs/guides/realtime/protocol; phoenixframework/phoenix,
lib/phoenix/socket/serializers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from .frames import text_frame
from .nesting import is_too_deep

if TYPE_CHECKING:
    from collections.abc import Mapping

Version = Literal[1, 2]
#: what a client may give for its reference; it is sent back as it came
Ref = str | int | None

#: `?vsn=` → the version
VERSIONS: Final[Mapping[str, Version]] = {"1.0.0": 1, "2.0.0": 2}


class MalformedError(Exception):
    """What a client sent is no message of its version."""


@dataclass(frozen=True, slots=True)
class Push:
    """One message that a client sent."""

    topic: str
    event: str
    payload: Any
    ref: Ref
    join_ref: Ref


def decode(version: Version, text: str) -> Push:
    """Read a client's message.

    Raises:
        MalformedError: it is none.
    """
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise MalformedError("not JSON") from None
    if version == 1 and isinstance(given, dict):
        topic, event, payload = (given.get(name) for name in ("topic", "event", "payload"))
        ref, join_ref = given.get("ref"), given.get("join_ref")
    elif version == 2 and isinstance(given, list) and len(given) == 5:
        join_ref, ref, topic, event, payload = given
    else:
        raise MalformedError(f"no message of version {version}.0.0")
    if not (isinstance(topic, str) and isinstance(event, str)):
        raise MalformedError("topic and event must be strings")
    if not all(isinstance(each, str | int | None) for each in (ref, join_ref)):
        raise MalformedError("references must be strings")
    if is_too_deep(payload):
        raise MalformedError("the payload is nested too deeply")
    return Push(topic, event, payload, ref, join_ref)


def encode(
    version: Version, topic: str, event: str, payload: Any, ref: Ref = None, join_ref: Ref = None
) -> bytes:
    """A server's message, as a WebSocket frame."""
    message: Any = [join_ref, ref, topic, event, payload]
    if version == 1:
        message = {"topic": topic, "event": event, "payload": payload, "ref": ref}
    return text_frame(orjson.dumps(message))


class Announcement:
    """A message to many, which is encoded once for each version that is asked for."""

    __slots__ = ("_frames", "event", "payload", "topic")

    def __init__(self, topic: str, event: str, payload: Any) -> None:
        self.topic = topic
        self.event = event
        self.payload = payload
        self._frames: dict[Version, bytes] = {}

    def frame(self, version: Version) -> bytes:
        """The same bytes for each socket of this version."""
        frame = self._frames.get(version)
        if frame is None:
            frame = self._frames[version] = encode(version, self.topic, self.event, self.payload)
        return frame
