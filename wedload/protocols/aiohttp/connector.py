"""aiohttp's request and connector, extended: which connection a request has, and where it leads.

The connector asks the wire client's names, and with them the target guard, for every address.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from aiohttp import ClientRequest, TCPConnector

from wedload.protocols.aiohttp.connection import Watched
from wedload.protocols.http.connecting import ConnectFailed
from wedload.protocols.http.response import Connecting, Response
from wedload.safety.addresses import leads_here

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from aiohttp import ClientResponse, ClientTimeout
    from aiohttp.abc import AbstractStreamWriter, ResolveResult
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

    from wedload.clock import Clock
    from wedload.protocols.http.connecting import Connector


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
            await self._require_allowed_through(req.proxy.host or "", times)
        connection = await super()._create_connection(req, traces, timeout)
        ended_ns = self._now_ns()
        if req.is_ssl():
            times.tls_handshaking_ns = ended_ns - self._connected_ns
        times.blocked_ns = ended_ns - begun_ns
        return connection

    async def _require_allowed_through(self, proxy: str, times: Connecting) -> None:
        """Pass if load may go to the target, and what a proxy takes that for is the same.

        Raises:
            ConnectFailed: it may not: for a proxy elsewhere, loopback is that of its own machine.
        """
        found, _ = await self._names.addresses_of(self._host, times)
        there, _ = await self._names.addresses_of(proxy, times)
        if any(map(leads_here, found)) and not all(map(leads_here, there)):
            problem = f"{self._host} is this machine, and by way of {proxy} it would be another"
            raise ConnectFailed("blocked", problem)

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
