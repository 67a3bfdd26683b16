"""The connection a webhook is sent over: HTTP/1.1, kept alive, one request at a time.

Knows no queue and no signature. Of an answer only the status and Retry-After are kept; a client
for everything would spend most of its time on what nobody reads here.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Self, cast

import httptools

if TYPE_CHECKING:
    from .webhook_target import Target

# A receiver says yes or no; one that says more than this is not listened to any further.
LARGEST_ANSWER_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered."""

    status: int
    retry_after: str | None = None


class Connection(asyncio.Protocol):
    """One connection to a receiver."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Reply] | None = None
        self._status = 0
        self._retry_after: str | None = None
        self._received = 0

    @classmethod
    async def open(cls, target: Target) -> Self:
        """Connect to the first of the target's addresses that accepts.

        Raises:
            OSError: none does, or TLS fails.
        """
        loop = asyncio.get_running_loop()
        tls = _tls() if target.tls else None
        name = target.name if target.tls else None
        *others, last = target.addresses
        for address in others:
            try:
                _, found = await loop.create_connection(
                    cls, address, target.port, ssl=tls, server_hostname=name
                )
            except ssl.SSLError:
                raise
            except OSError:
                continue
            return found
        _, found = await loop.create_connection(
            cls, last, target.port, ssl=tls, server_hostname=name
        )
        return found

    @property
    def is_open(self) -> bool:
        """Whether a request may be sent over it."""
        return self._transport is not None and not self._transport.is_closing()

    async def post(self, request: bytes) -> Reply:
        """Send a whole request and await its answer; close it if you stop waiting.

        Raises:
            ConnectionError: it was closed before an answer, or the answer is not HTTP.
        """
        if self._transport is None or not self.is_open:
            raise ConnectionResetError("the receiver closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._status, self._retry_after, self._received = 0, None, 0
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Let go of the socket at once."""
        if self._transport is not None:
            self._transport.abort()

    # --- what the transport calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._transport = cast("asyncio.Transport", transport)  # which uvloop's is no subclass of

    def data_received(self, data: bytes) -> None:
        """Parse what the receiver sent."""
        self._received += len(data)
        if self._answer is None or self._received > LARGEST_ANSWER_BYTES:
            self.close()  # nobody asked, or nobody listens any more
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(ConnectionError(f"the answer is not HTTP: {error or 'an upgrade'}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone; an answer without a length ends so, rightly."""
        self._transport = None
        if self._status:
            self._done()
        self._fail(ConnectionResetError("the receiver closed the connection without an answer"))
        del exc  # says no more than that

    # --- what the parser calls ---

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the one that says when to come back."""
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Keep the status, unless it only announces another."""
        status = self._parser.get_status_code()
        self._status = status if status >= 200 else 0

    def on_message_complete(self) -> None:
        """Tell who waits."""
        if not self._status:
            return
        if self._answer is None:  # a second answer to one request
            self.close()
            return
        keep = self._parser.should_keep_alive()
        self._done()
        if not keep:
            self.close()

    def _done(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(Reply(self._status, self._retry_after))
        self._status = 0

    def _fail(self, error: ConnectionError) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)


@cache
def _tls() -> ssl.SSLContext:
    """Verifies; another authority is trusted by SSL_CERT_FILE, which OpenSSL itself reads."""
    return ssl.create_default_context()
