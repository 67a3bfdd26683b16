"""One end of TLS in memory: what comes is put in and read decrypted, what goes is encrypted.

It knows no connection; who owns it says what is read and where to it is written.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio

#: where all connections have decrypted what came, and read it in the same turn of the event loop;
#: a record of TLS has at most 16 KiB
_PLAIN: Final = bytearray(16 * 1024)
PLAIN: Final = memoryview(_PLAIN)


class TlsSession:
    """The TLS of one connection."""

    __slots__ = ("_incoming", "_outgoing", "tls")

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def put(self, data: bytes | memoryview) -> None:
        """Take what has come from the socket."""
        self._incoming.write(data)

    def read(self) -> int:
        """Decrypt into `PLAIN`, to be called until nothing comes: what stays would wait for ever.

        How many bytes there are now; 0: the server is done (close_notify); -1: all is decrypted.

        Raises:
            ssl.SSLError: what came is no TLS.
        """
        if not self._incoming.pending and not self.tls.pending():
            return -1  # asking for more would raise, which is slow
        untyped: Any = self.tls  # typeshed says that bytes come back, which is so without a buffer
        try:
            size: int = untyped.read(len(_PLAIN), _PLAIN)
        except ssl.SSLWantReadError:
            return -1  # a record is not complete
        return size

    def write(self, data: bytes, transport: asyncio.Transport | None) -> None:
        """Encrypt, and send it."""
        self.tls.write(data)
        self.drain(transport)

    def drain(self, transport: asyncio.Transport | None) -> None:
        """Send what waits to be: records, handshakes, alerts."""
        if self._outgoing.pending and transport is not None:
            transport.write(self._outgoing.read())
