"""HTTP clients of virtual users, and what those of one load process share.

A `WireClient` belongs to one virtual user and owns its connections, one an origin; where HTTP/2 may
be spoken, there is an `Http2Client` in its place. The `WirePool` has connections made, and
enforces time-outs by a coarse sweep instead of a timer a request.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from wedload.protocols.http.connecting import ConnectFailed, Connector
from wedload.protocols.http.lanes import MOST_AT_ONCE
from wedload.protocols.http.response import Connecting, Response
from wedload.units import NS_PER_S
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.http2 import Http2Connection
    from wedload.protocols.http.http2_client import Http2Client
    from wedload.protocols.http.wire import Connection
    from wedload.workload.request import Origin, Request

#: a time-out is noticed at most this much late, and recorded with the wait as it really was
SWEEP_S: Final = 0.05

Made = TypeVar("Made", bound="Connection | Http2Connection")


class WirePool:
    """What the HTTP clients of one load process share. Used inside a running event loop."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        *,
        hosts: Mapping[str, tuple[str, int | None]] = MappingProxyType({}),
        dns_ttl_ns: int | None = None,
        http: Literal["1.1", "2", "auto"] = "1.1",
    ) -> None:
        """`http` is the version that is spoken; "auto": what each server agrees to by ALPN."""
        self._clock = clock
        self._connector = Connector(clock, tls, hosts, dns_ttl_ns)
        self._client: Callable[[WirePool, Clock], WireClient | Http2Client] = WireClient
        self._open: set[Connection | Http2Connection] = set()
        self._sweeping: asyncio.Task[None] | None = None
        if http != "1.1":
            # here, as its package is optional
            from wedload.protocols.http import http2_client, http2_connecting  # noqa: PLC0415

            self._client = http2_client.Http2Client
            either = http2_connecting.Http2Connector(clock, tls, hosts, dns_ttl_ns, http=http)
            self._connect_either = either.connect_either

    def client(self) -> WireClient | Http2Client:
        """A client for one virtual user."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep(), name="time-out sweep")
        return self._client(self, self._clock)

    async def close(self) -> None:
        """Close every connection."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
            self._sweeping = None
        for connection in self._open:
            connection.abort()
        self._open.clear()
        await asyncio.sleep(0)  # transports close on the next turn of the loop

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            now_ns = self._clock.now_ns()
            gone = []
            for connection in self._open:
                if connection.response is not None:
                    if now_ns >= connection.deadline_ns:
                        connection.time_out()
                elif not connection.usable:
                    gone.append(connection)
            self._open.difference_update(gone)

    async def connect(self, origin: Origin, deadline_ns: int) -> tuple[Connection, Connecting]:
        """A new connection of HTTP/1.1, and how long each part of making it took.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        return await self._make(self._connector.connect, origin, deadline_ns)

    async def connect_either(
        self, origin: Origin, deadline_ns: int
    ) -> tuple[Connection | Http2Connection, Connecting]:
        """A new connection of HTTP/2, or of the version that the server agrees to; as `connect`.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        return await self._make(self._connect_either, origin, deadline_ns)

    async def _make(
        self,
        connect: Callable[[Origin, Connecting], Awaitable[Made]],
        origin: Origin,
        deadline_ns: int,
    ) -> tuple[Made, Connecting]:
        begun_ns = self._clock.now_ns()
        times = Connecting()
        left_s = max(deadline_ns - begun_ns, 0) / NS_PER_S
        try:
            # uvloop's timers fire early: give up late instead, as the sweep does
            async with asyncio.timeout(left_s + SWEEP_S):
                connection = await connect(origin, times)
        except TimeoutError:
            raise ConnectFailed(
                "timeout", f"no connection to {origin} within the time-out"
            ) from None
        times.blocked_ns = self._clock.now_ns() - begun_ns
        self._open.add(connection)
        return connection, times


class WireClient:
    """The HTTP client of one virtual user: at most one connection an origin, kept alive."""

    __slots__ = ("_clock", "_connections", "_pool")

    most_at_once: Final = MOST_AT_ONCE

    def __init__(self, pool: WirePool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._connections: dict[Origin, Connection] = {}

    def another(self) -> WireClient:
        """A client for requests at the same time, on connections of its own."""
        return WireClient(self._pool, self._clock)

    def has(self, origin: Origin) -> bool:
        """Whether there is a connection that a request can be sent on."""
        connection = self._connections.get(origin)
        return connection is not None and connection.usable

    def adopt(self, origin: Origin, connection: Connection) -> bool:
        """Own a connection that somebody else has made; whether the one before it was lost."""
        before = self._connections.get(origin)
        self._connections[origin] = connection
        return before is not None and before.lost

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        `headers` are whole lines that are added to the request's own. Without `keep_body` the
        response's body is read, counted and thrown away.

        Never raises for what the other side does, and never sends anything twice.
        """
        deadline_ns = self._clock.now_ns() + timeout_ns
        connection = self._connections.get(request.origin)
        connecting = None
        if connection is None or not connection.usable:
            wanted_ns = self._clock.now_ns()
            lost = connection is not None and connection.lost
            try:
                connection, connecting = await self._pool.connect(request.origin, deadline_ns)
            except ConnectFailed as failure:
                return unsent(wanted_ns, failure, self._clock.now_ns())
            self._connections[request.origin] = connection
            connecting.again = lost
        if not keep_body:
            connection.discard_body()
        if type(request.body) is StreamedBody:
            response = await connection.send_streamed(
                request.encode(*headers),
                request.body,
                head=request.method == "HEAD",
                deadline_ns=deadline_ns,
                max_bytes=max_bytes,
            )
        else:
            response = await connection.send(
                request.encode(*headers),
                head=request.method == "HEAD",
                deadline_ns=deadline_ns,
                max_bytes=max_bytes,
            )
        response.connecting = connecting
        if connecting is not None and response.outcome == "timeout":
            # a time-out is recorded with its full wait, and that began with connecting
            response.sent_ns -= response.started_ns - wanted_ns
            response.started_ns = wanted_ns
        return response

    def close(self) -> None:
        """Close its connections at once."""
        for connection in self._connections.values():
            connection.abort()
        self._connections.clear()


def unsent(wanted_ns: int, failure: ConnectFailed, now_ns: int) -> Response:
    """The response to a request that there was no connection for."""
    response = Response(wanted_ns)
    response.outcome, response.problem = failure.outcome, str(failure)
    response.ended_ns = response.first_byte_ns = now_ns
    # a time-out is recorded with its full wait; for other failures there is nothing to time
    response.sent_ns = wanted_ns if failure.outcome == "timeout" else 0
    return response
