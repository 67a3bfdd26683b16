"""TLS for HTTP/2: the connection that agrees by ALPN on a version, and what carries it on.

`Negotiating` is a TLS connection of HTTP/1.1 until its handshake has ended; if HTTP/2 was agreed
on, its transport and its TLS session go over to a `TlsHttp2Connection` within the same turn of
the event loop, as the server's first frames may have come with the end of the handshake.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, cast

from wedload.protocols.http.problems import of_tls
from wedload.protocols.http.tls import PLAIN, TlsConnection, read_plain
from wedload.protocols.http2.connection import Http2Connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class TlsHttp2Connection(Http2Connection):
    """A connection of HTTP/2 whose bytes pass through a TLS session that is made already."""

    def __init__(
        self,
        now_ns: Callable[[], int],
        tls: ssl.SSLObject,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
    ) -> None:
        super().__init__(now_ns)
        self._tls = tls
        self._incoming = incoming
        self._outgoing = outgoing

    def data_received(self, data: bytes | memoryview) -> None:
        """Decrypt until there is no more (what stays would wait for ever), and hand it on."""
        self._incoming.write(data)
        try:
            while size := read_plain(self._tls):
                super().data_received(PLAIN[:size])
                if not self._incoming.pending and not self._tls.pending():
                    break  # asking for more would raise, which is slow
            else:
                self.connection_lost(None)  # close_notify: the server is done
        except ssl.SSLWantReadError:
            pass  # all that has come is decrypted
        except ssl.SSLError as error:
            self._end(*of_tls(error))
        self._drain()

    def _write(self, data: bytes) -> None:
        self._tls.write(data)
        self._drain()

    def _drain(self) -> None:
        if self._outgoing.pending and self._transport is not None:
            self._transport.write(self._outgoing.read())


class Negotiating(TlsConnection):
    """A TLS connection that may turn out to speak HTTP/2; then `successor` carries it on."""

    __slots__ = ("successor",)

    def __init__(
        self, now_ns: Callable[[], int], context: ssl.SSLContext, server_name: str
    ) -> None:
        super().__init__(now_ns, context, server_name)
        self.successor: TlsHttp2Connection | None = None

    @property
    def agreed_on(self) -> str | None:
        """What ALPN has agreed on; None: the server does not take part in it."""
        return self._tls.selected_alpn_protocol()

    def data_received(self, data: bytes | memoryview) -> None:
        """Shake hands; then hand over what came with the end of the handshake."""
        if self.handshaken.done():
            super().data_received(data)
            return
        self._incoming.write(data)
        self._shake()
        if self.successor is not None:
            self.successor.data_received(b"")
        elif self.handshaken.done() and self.handshaken.exception() is None:
            super().data_received(b"")

    def _shake(self) -> None:
        super()._shake()
        if not self.handshaken.done() or self.handshaken.exception() is not None:
            return
        if self.agreed_on == "h2":
            assert self._transport is not None
            self.successor = TlsHttp2Connection(
                self._now_ns, self._tls, self._incoming, self._outgoing
            )
            self.successor.connection_made(self._transport)
            self._transport.set_protocol(cast("asyncio.Protocol", self.successor))
