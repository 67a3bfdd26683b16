"""One connection's way out: bytes that are ready are written to its transport as they are.

The server's own writer would make a header for each copy, and await. A frame that was made once is
written whole, so the two can be used side by side. Whoever does not read for long is cut off: what
waits for it is bounded. Knows no protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

    from .counts import Counts

# Beside what the kernel holds for the connection, which is more.
MOST_WAITING_BYTES: Final = 1024 * 1024


class Outlet:
    """Writes to one connection, never waiting for it."""

    __slots__ = ("_counts", "_transport")

    def __init__(self, transport: asyncio.Transport, counts: Counts) -> None:
        self._transport = transport
        self._counts = counts

    @property
    def is_closing(self) -> bool:
        """Whether the connection has ended, or is about to."""
        return self._transport.is_closing()

    def send(self, content: bytes) -> bool:
        """Write, unless the connection is closing or must be closed; whether it was written."""
        transport = self._transport
        if transport.is_closing():
            return False
        if transport.get_write_buffer_size() > MOST_WAITING_BYTES:
            self._counts.slow_consumers += 1
            transport.abort()
            return False
        transport.write(content)
        return True
