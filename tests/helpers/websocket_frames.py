"""WebSocket by hand (RFC 6455): what a server says, byte by byte, to play scripts with."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    payload: bytes, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, length: int | None = None
) -> bytes:
    """A frame as a server sends it; `length` is what it says, if that is not the truth."""
    size = len(payload) if length is None else length
    first = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        return first + bytes([size]) + payload
    if size < 65_536:
        return first + b"\x7e" + size.to_bytes(2) + payload
    return first + b"\x7f" + size.to_bytes(8) + payload


def close_frame(code: int, reason: bytes = b"") -> bytes:
    return frame(code.to_bytes(2) + reason, CLOSE)


def accepted(request: bytes, *headers: bytes) -> bytes:
    """The answer that upgrades a connection."""
    key = re.search(rb"(?i)\r\nsec-websocket-key: *([^\r]+)", request)
    assert key is not None
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    lines = [
        b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest), *headers,
    ]  # fmt: skip
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes, int]:
    """The next frame of a client, without its mask: opcode, payload, and its bytes on the wire."""
    first, second = await reader.readexactly(2)
    assert first & 0x80, "clients here send no fragments"
    assert second & 0x80, "clients mask what they send (section 5.1)"
    size, head = second & 0x7F, 6
    if size > 125:
        more = 2 if size == 126 else 8
        size, head = int.from_bytes(await reader.readexactly(more)), head + more
    mask = await reader.readexactly(4)
    masked = await reader.readexactly(size)
    payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))
    return first & 0x0F, payload, head + size
