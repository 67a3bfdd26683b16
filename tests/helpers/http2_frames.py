"""Frames of HTTP/2, byte by byte. Source: RFC 9113, 4.1."""

from __future__ import annotations


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame of any kind, sound or not."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload
