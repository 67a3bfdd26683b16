"""aiohttp's connections, watched: what passes over them and when, and where they may lead.

aiohttp's own tracing tells neither when bytes arrive nor how many; so its protocol, its request
and its connector are extended here, each where it hands bytes on. Nothing of HTTP is done here.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientError, ClientPayloadError, ClientRequest, TCPConnector
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpVersion11

from wedload.protocols.http.response import Connecting, Response

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Sequence

    from aiohttp import ClientResponse, ClientTimeout
    from aiohttp.abc import AbstractStreamWriter, ResolveResult
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader
    from aiohttp.tracing import Trace

    from wedload.clock import Clock
    from wedload.protocols.http.connecting import Connector

_SWITCHING: Final = 101
#: as the wire client has them
MOST_HEAD_BYTES: Final = 300 * 1024
MOST_INTERIM: Final = 100


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
        self.answered = False  # a byte of the response came
        self.flood: FloodError | None = None
        self.lost = False  # ended by the server while no request was under way

    # --- for the client ---------------------------------------------------------------------

    def begin(self, response: Response) -> None:
        """Note what passes from now on for this response."""
        self._response = response
        self._served = True
        self._interim = 0
        self._content = None
        self._written = self.cut = self.answered = False

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
        self.transport.set_write_buffer_limits(high=0)
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
            self.answered = True
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
            self._flooded(f"its headers are longer than {MOST_HEAD_BYTES:,} bytes", too_large=True)
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
            if message.code >= 200 or message.code == _SWITCHING:
                self._content = content
                self._response.raw_headers = list(message.raw_headers)
                if self._skip_payload:
                    self._should_close = _ends_connection(message)
            else:
                self._interim += 1
                if self._interim > MOST_INTERIM:
                    self._flooded(f"more than {MOST_INTERIM} interim responses", too_large=False)
                    return
        super().feed_data(data, size)

    def eof_received(self) -> None:
        """The server is done sending."""
        self._lose()
        super().eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End what is under way: only a body without a length is complete now."""
        self._lose()
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


class TimedRequest(ClientRequest):
    """A request of aiohttp's that tells its connection when it begins and when all is written."""

    async def send(self, conn: Connection) -> ClientResponse:
        """Send the head, and begin with the body."""
        connection, connector = conn.protocol, conn._connector  # noqa: SLF001 - it has no getter
        assert isinstance(connection, Watched)
        assert isinstance(connector, GuardedConnector)
        connector.begin(connection)
        response = await super().send(conn)
        if not self.body:
            connection.all_written()
        return response

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        """Write the body."""
        connection = conn.protocol
        await super().write_bytes(writer, conn, content_length)
        if isinstance(connection, Watched) and connection.exception() is None:
            connection.all_written()


class GuardedConnector(TCPConnector):
    """Makes one virtual user's connections, to addresses that the target guard allows."""

    def __init__(self, clock: Clock, names: Connector, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            limit=0,  # a virtual user sends one request at a time
            keepalive_timeout=None,  # as long as the server keeps it
            use_dns_cache=False,
            ssl=True if tls is None else tls,
        )
        self._now_ns = clock.now_ns
        self._names = names
        self._factory = self._make  # type: ignore[assignment] # of protocols
        self._connected_ns = 0
        self._trying_ns = 0
        self._open: set[Watched] = set()
        # of the request under way
        self.response, self._host = Response(0), ""
        self.connecting: Connecting | None = None
        self.connection: Watched | None = None

    def expect(self, response: Response, host: str) -> None:
        """A request to a host is about to be made."""
        self.response, self._host = response, host
        self.connecting = self.connection = None

    def begin(self, connection: Watched) -> None:
        """The request under way has a connection."""
        self.connection = connection
        connection.begin(self.response)

    def abort_all(self) -> None:
        """Close every connection at once."""
        for connection in self._open:
            connection.abort()
        self._open.clear()

    def _make(self) -> Watched:
        """A protocol; it is made when TCP is connected, before any TLS handshake."""
        self._connected_ns = self._now_ns()
        if self.connecting is not None and self.connecting.connecting_ns is None:
            self.connecting.connecting_ns = self._connected_ns - self._trying_ns
        connection = Watched(self._loop, self._now_ns)
        self._open = {connection, *(one for one in self._open if one.connected)}
        return connection

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - as aiohttp calls it
    ) -> ResponseHandler:
        times = self.connecting = Connecting()
        begun_ns = self._now_ns()
        if req.proxy is not None:  # it connects to the target, and the guard has a say in that too
            await self._names.addresses_of(self._host, times)
        connection = await super()._create_connection(req, traces, timeout)
        ended_ns = self._now_ns()
        if req.is_ssl():
            times.tls_handshaking_ns = ended_ns - self._connected_ns
        times.blocked_ns = ended_ns - begun_ns
        return connection

    async def _resolve_host(
        self,
        host: str,
        port: int,
        traces: Sequence[Trace] | None = None,  # noqa: ARG002 - as aiohttp calls it
    ) -> list[ResolveResult]:
        """Where a host is: the wire client's names, and its guard, which is asked every time."""
        assert self.connecting is not None
        addresses, instead = await self._names.addresses_of(host, self.connecting)
        self._trying_ns = self._now_ns()
        return [
            {
                "hostname": host,
                "host": address,
                "port": instead or port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
            for address in addresses
        ]
