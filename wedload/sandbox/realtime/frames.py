"""The bytes of a message on the wire, made once for all who get it. Knows no connection.

Sources: RFC 6455, section 5.2 (a server's frames are not masked); RFC 9112, section 7.1 (chunks);
https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.5.
"""

from __future__ import annotations

from struct import pack

_TEXT, _FINAL = 0x1, 0x80
_SHORT, _TWO_BYTES, _EIGHT_BYTES = 126, 126, 127

KEEP_ALIVE = b":\n\n"


def text_frame(text: bytes) -> bytes:
    """A server's WebSocket frame that holds `text`, which is UTF-8, as a whole message."""
    length = len(text)
    if length < _SHORT:
        return pack("!BB", _FINAL | _TEXT, length) + text
    if length < 1 << 16:
        return pack("!BBH", _FINAL | _TEXT, _TWO_BYTES, length) + text
    return pack("!BBQ", _FINAL | _TEXT, _EIGHT_BYTES, length) + text


def event(number: int, kind: str, data: bytes) -> bytes:
    """One server-sent event; neither `kind` nor `data` may hold a line break, as no JSON does."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, kind.encode(), data)


def chunk(content: bytes) -> bytes:
    """A chunk of an HTTP/1.1 body; not of nothing, which would end it."""
    return b"%x\r\n%s\r\n" % (len(content), content)
