"""Event streams (server-sent events), to the letter: bytes in, events out. Pure.

Lines end with LF, CR or CRLF, wherever the bytes are cut; a blank line ends an event. It knows no
connection. What an event says is read by `fields_of`, so that a caller may know it by its bytes.

Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

from __future__ import annotations

from typing import Final, NamedTuple

_BOM: Final = b"\xef\xbb\xbf"
#: of an event that has begun; whoever never ends one is cut off
MOST_EVENT_BYTES: Final = 16_000_000


class Fields(NamedTuple):
    """What stands between two blank lines."""

    event: str  # `message` if it says none
    data: bytes | None  # UTF-8; None: there is no data, so it is no event
    id: str | None
    retry_ms: int | None


class EventStream:
    """Cuts a stream into the texts of events, as bytes with LF between lines."""

    def __init__(self) -> None:
        self._begun = False  # past the BOM that may be there
        self._after_cr = False  # an LF that comes next belongs to it
        self._rest = b""  # of an event that is not complete

    @property
    def overlong(self) -> bool:
        """An event has become longer than any should be."""
        return len(self._rest) > MOST_EVENT_BYTES

    @property
    def rest(self) -> bytes:
        """The lines of the last event, which was not ended: it is none, but its `retry` holds."""
        return self._rest

    def feed(self, data: bytes) -> list[bytes]:
        """Take what has come; the events that are complete now."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._rest:
            data = self._rest + data
        if not self._begun:
            if _BOM.startswith(data):  # all of it, or a part
                self._rest = data
                return []
            self._begun = True
            data = data.removeprefix(_BOM)
        *events, self._rest = data.split(b"\n\n")
        return [event for event in events if event]


def fields_of(event: bytes) -> Fields:
    """What the lines of an event say."""
    name, data, found_id, retry_ms = "", [], None, None
    for line in event.split(b"\n"):
        field, colon, value = line.partition(b":")
        if colon and value.startswith(b" "):
            value = value[1:]
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            found_id = value.decode("utf-8", "replace")
        elif field == b"retry" and value.isdigit():
            retry_ms = int(value)
    return Fields(name or "message", b"\n".join(data) if data else None, found_id, retry_ms)
