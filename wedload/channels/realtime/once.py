"""Reads what all subscribers get once: by its bytes, what they say is known the next time.

A message to a thousand subscribers is a thousand times the same bytes; only the first is parsed.
What differs, by refs or ids of one subscriber, is other bytes, and is read by itself. Kept is what
came lately, bounded by number and by bytes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from wedload.channels.realtime.content import event_message
from wedload.channels.realtime.event_stream import fields_of
from wedload.channels.realtime.frames import Broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.message import Message
    from wedload.channels.port import Place
    from wedload.channels.realtime.event_stream import Fields
    from wedload.channels.realtime.frames import Frame

    KeyOf = Callable[[Message], tuple[str, Place | None] | None]

#: of each of the two generations that are kept
MOST_KNOWN: Final = 512
MOST_KNOWN_BYTES: Final = 8 * 1024 * 1024


class Said:
    """What bytes say. Nobody changes one: all who got these bytes share it.

    Of Phoenix either `frame` is there, which is about the subscription, or `message`.
    """

    __slots__ = ("fields", "frame", "join_ref", "key", "message", "place", "problem", "topic")

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.fields: Fields | None = None  # of an event stream
        self.problem: str | None = None  # they cannot be read
        self.message: Message | None = None
        self.topic = ""  # interned
        self.join_ref: str | None = None
        self.key: str | None = None  # None: nobody can expect it
        self.place: Place | None = None


class Known:
    """What is known by its bytes: two generations, so that what comes again stays. O(1)."""

    __slots__ = ("_bytes", "_old", "_read", "_young")

    def __init__(self, read: Callable[[bytes, int], Said]) -> None:
        """`read`: what reads bytes that are not known, and were there at an instant."""
        self._read = read
        self._young: dict[bytes, Said] = {}
        self._old: dict[bytes, Said] = {}
        self._bytes = 0

    def of(self, data: bytes, at_ns: int) -> Said:
        """What bytes say."""
        said = self._young.get(data)
        if said is not None:
            return said
        said = self._old.get(data) or self._read(data, at_ns)
        if len(self._young) >= MOST_KNOWN or self._bytes + len(data) > MOST_KNOWN_BYTES:
            self._old, self._young, self._bytes = self._young, {}, 0
        if len(data) <= MOST_KNOWN_BYTES:
            self._young[data] = said
            self._bytes += len(data)
        return said


def frame_reader(
    decode: Callable[[bytes], Frame | Broken],
    content: Callable[[Frame, bytes, int], Message | None],
    key_of: KeyOf,
) -> Callable[[bytes, int], Said]:
    """What reads frames of Phoenix."""

    def read(data: bytes, at_ns: int) -> Said:
        said = Said()
        frame = decode(data)
        if isinstance(frame, Broken):
            said.problem = frame.problem
            return said
        said.topic, said.join_ref = sys.intern(frame.topic), frame.join_ref
        message = content(frame, data, at_ns)
        if message is None:
            said.frame = frame
        else:
            _keyed(said, message, key_of)
            if said.key is None and message.headers.get("kind") == "presence":
                said.message = None  # the plan asked to be told, and nobody expects it
        return said

    return read


def message_reader(
    content: Callable[[bytes, int], Message], key_of: KeyOf
) -> Callable[[bytes, int], Said]:
    """What reads bytes that are always a message."""

    def read(data: bytes, at_ns: int) -> Said:
        said = Said()
        _keyed(said, content(data, at_ns), key_of)
        return said

    return read


def event_reader(key_of: KeyOf) -> Callable[[bytes, int], Said]:
    """What reads the lines of an event of an event stream."""

    def read(data: bytes, at_ns: int) -> Said:
        said = Said()
        said.fields = fields = fields_of(data)
        message = event_message(fields, at_ns)
        if message is not None:
            _keyed(said, message, key_of)
        return said

    return read


def _keyed(said: Said, message: Message, key_of: KeyOf) -> None:
    said.message = message
    found = key_of(message)
    if found is not None:
        said.key, said.place = found
