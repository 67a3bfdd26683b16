"""How many bytes frames and handshakes have on the wire, which picows does not tell. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from picows import WSUpgradeRequest, WSUpgradeResponse


def frame_bytes(payload_bytes: int) -> int:
    """The bytes of a frame without a mask (section 5.2)."""
    if payload_bytes < 126:
        return payload_bytes + 2
    return payload_bytes + (4 if payload_bytes < 65_536 else 10)


def head_bytes(beside: str, head: WSUpgradeRequest | WSUpgradeResponse) -> int:
    """The bytes of a request or an answer: its version, what stands beside it, and its headers."""
    start = len(beside) + len("HTTP/1.1\r\n") + (0 if beside.startswith("GET ") else len(" 101 "))
    return start + sum(len(name) + len(value) + 4 for name, value in head.headers.items()) + 2
