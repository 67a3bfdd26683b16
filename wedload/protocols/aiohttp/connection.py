"""aiohttp's connections, watched: what passes over them, and when.

aiohttp's own tracing tells neither when bytes arrive nor how many; so its protocol is extended
here, where it hands bytes on. Limits are the wire client's.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpVersion11

from wedload.protocols.http.limits import MOST_HEAD_BYTES, MOST_INTERIM, SWITCHING
from wedload.protocols.http.problems import flood, long_head

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader

    from wedload.protocols.http.response import Response


class FloodError(ClientError):
    """More of something than any response needs; `too_large` is its outcome, or `protocol`."""

    def __init__(self, problem: str, *, too_large: bool) -> None:
        super().__init__(problem)
        self.too_large = too_large


class _Counted:
    """A transport that tells its connection what is written."""

    def __init__(self, transport: asyncio.Transport, connection: Watched) -> None:
        self._transport = transport
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._connection.writing(len(data))
        self._transport.write(data)
        self._connection.wrote()

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.write(b"".join(pieces))


class Watched(ResponseHandler):
    """A connection of aiohttp that notes what passes over it, for the response under way."""

    def __init__(self, loop: asyncio.AbstractEventLoop, now_ns: Callable[[], int]) -> None:
        super().__init__(loop)
        self._now_ns = now_ns
        self._response: Response | None = None  # under way
        self._served = False  # has had a request
        self._interim = 0
        self._content: StreamReader | None = None  # of the final response
        self._written = False  # all that aiohttp has of the request
        self.cut = False  # ended in mid-response
        self.tls_error: ssl.SSLError | None = None  # that ended it
        self.flood: FloodError | None = None
        self.lost = False  # ended by the server while no request was under way

    # --- for the client ---------------------------------------------------------------------

    def begin(self, response: Response) -> None:
        """Note what passes from now on for this response."""
        self._response = response
        self._served = True
        self._interim = 0
        self._content = None
        self._written = self.cut = False

    def all_written(self) -> None:
        """The request is written: it is sent when this has reached the socket."""
        self._written = True

    def finish(self, response: Response) -> None:
        """Set the instants of a response that is over, whatever became of it."""
        self._response = None
        if not self._written or response.sent_ns == 0:  # before all of the request was sent
            response.sent_ns = response.first_byte_ns or response.ended_ns
        if response.first_byte_ns < response.sent_ns:  # an early answer: nothing was waited for
            response.first_byte_ns = (
                response.sent_ns if response.first_byte_ns else response.ended_ns
            )

    @property
    def _unsent(self) -> bool:
        transport = self.transport
        return transport is not None and bool(transport.get_write_buffer_size())

    @property
    def should_close(self) -> bool:
        """Also if something of the last request is left, that must not precede the next one."""
        return super().should_close or self._unsent

    def close(self) -> None:
        """Close; what is left of a request is not sent any more."""
        if self._unsent:
            self.abort()
        else:
            super().close()

    # --- what is written --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; with no write buffer, bytes reach the socket within `write`."""
        super().connection_made(transport)
        assert self.transport is not None
        # TLS transports take the limit itself for too much, and would never be done with 0
        secure = self.transport.get_extra_info("sslcontext") is not None
        self.transport.set_write_buffer_limits(high=int(secure), low=0)
        self.transport = _Counted(self.transport, self)  # type: ignore[assignment]

    def writing(self, size: int) -> None:
        """So many bytes of a request are about to be written."""
        response = self._response
        if response is not None:
            if not response.sent_bytes:
                response.started_ns = self._now_ns()
            response.sent_bytes += size

    def wrote(self) -> None:
        """They are written."""
        if self._response is not None:
            self._response.sent_ns = 0 if self._unsent else self._now_ns()

    def resume_writing(self) -> None:
        """All that was buffered has reached the socket."""
        super().resume_writing()
        if self._response is not None:
            self._response.sent_ns = self._now_ns()

    # --- what arrives -----------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Note when it came and how much it is, and let aiohttp parse it."""
        response = self._response
        if response is None:
            # what a proxy answers to CONNECT comes before the first request; without data, aiohttp
            # goes on with what has come before
            if data and (self._served or self._parser is None):
                self.lost = True
                self.abort()  # bytes that nobody asked for: the connection cannot be trusted
                return
        elif data:
            response.ended_ns = self._now_ns()
            if response.first_byte_ns == 0:
                response.first_byte_ns = response.ended_ns
            response.received_bytes += len(data)
        before = self._content
        super().data_received(data)
        if response is None:
            return
        content = self._content
        if content is None:
            head_bytes = response.received_bytes
        elif before is None:
            head_bytes = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
        else:
            head_bytes = 0  # seen before
        if head_bytes > MOST_HEAD_BYTES:
            self._flooded(long_head(), too_large=True)
        if content is None:
            return
        if content.is_eof():
            self._response = None  # complete: what follows does not belong to it
        elif (error := self.exception()) is not None and content.exception() is None:
            # aiohttp would leave whoever reads it waiting
            content.set_exception(ClientPayloadError("broken"), error)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """A response's head is there; perhaps that of an interim one."""
        message, content = data
        if self.flood is not None:
            return
        if self._response is not None and self._content is None:
            if message.code >= 200 or message.code == SWITCHING:
                self._content = content
                self._response.raw_headers = list(message.raw_headers)
                self._response.sets_cookies = "Set-Cookie" in message.headers
                if self._skip_payload:
                    self._should_close = _ends_connection(message)
            else:
                self._interim += 1
                if self._interim > MOST_INTERIM:
                    self._flooded(flood(), too_large=False)
                    return
        super().feed_data(data, size)

    def eof_received(self) -> None:
        """The server is done sending."""
        self._lose()
        super().eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End what is under way: only a body without a length is complete now."""
        self._lose()
        if isinstance(exc, ssl.SSLError):
            self.tls_error = exc
        response = self._response
        if response is not None:
            content = self._content
            self.cut = self.exception() is None and (content is None or content.exception() is None)
            response.ended_ns = self._now_ns()
            if exc is not None and content is not None and content.exception() is None:
                content.set_exception(exc)  # aiohttp takes a reset for the end of such a body
        super().connection_lost(exc)

    def _lose(self) -> None:
        ours = self.transport is not None and not self.should_close  # not closed by us before
        self.lost = self.lost or (ours and self._response is None)

    def _flooded(self, problem: str, *, too_large: bool) -> None:
        error = self.flood = FloodError(problem, too_large=too_large)
        self.set_exception(error)
        if self._content is not None:
            self._content.set_exception(error)
        if self.transport is not None:
            self.transport.abort()


def _ends_connection(message: RawResponseMessage) -> bool:
    """Whether a connection ends with an answer to HEAD; aiohttp would have it last to the end.

    Source: RFC 9112 section 9.3.
    """
    options = ",".join(message.headers.getall("Connection", [])).lower()
    return "close" in options if message.version >= HttpVersion11 else "keep-alive" not in options
