"""TLS for HTTP/2: the connection that agrees by ALPN on a version, and what carries it on.

`Negotiating` is a TLS connection of HTTP/1.1 until its handshake has ended; if HTTP/2 was agreed
on, its transport and its TLS session go over to a `TlsHttp2Connection` within the same turn of
the event loop, as the server's first frames may have come with the end of the handshake.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, cast

from wedload.protocols.http.problems import of_tls
from wedload.protocols.http.tls import TlsConnection
from wedload.protocols.http.tls_session import PLAIN
from wedload.protocols.http2.connection import Http2Connection

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.protocols.http.tls_session import TlsSession


class TlsHttp2Connection(Http2Connection):
    """A connection of HTTP/2 whose bytes pass through a TLS session that is made already."""

    def __init__(
        self,
        now_ns: Callable[[], int],
        session: TlsSession,
    ) -> None:
        super().__init__(now_ns)
        self._encrypted = session

    def data_received(self, data: bytes | memoryview) -> None:
        """Decrypt, and hand it on."""
        session = self._encrypted
        session.put(data)
        try:
            size = session.read()
            while size > 0:
                super().data_received(PLAIN[:size])
                size = session.read()
            if size == 0:
                self.connection_lost(None)  # the server is done
        except ssl.SSLError as error:
            self._end(*of_tls(error))
        session.drain(self._transport)

    def _write(self, data: bytes) -> None:
        self._encrypted.write(data, self._transport)


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
        return self._session.tls.selected_alpn_protocol()

    def data_received(self, data: bytes | memoryview) -> None:
        """Shake hands; then hand over what came with the end of the handshake."""
        if self.handshaken.done():
            super().data_received(data)
            return
        self._session.put(data)
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
            self.successor = TlsHttp2Connection(self._now_ns, self._session)
            self.successor.connection_made(self._transport)
            self._transport.set_protocol(cast("asyncio.Protocol", self.successor))
