"""HTTP clients of virtual users, and what those of one load process share.

A `WireClient` belongs to one virtual user and owns its connections, one an origin. The `WirePool`
has connections made, and enforces time-outs by a coarse sweep instead of a timer a request.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from wedload.protocols.http.connecting import ConnectFailed, Connector
from wedload.protocols.http.response import Connecting, Response
from wedload.units import NS_PER_S
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.wire import Connection
    from wedload.workload.request import Origin, Request

#: a time-out is noticed at most this much late, and recorded with the wait as it really was
SWEEP_S: Final = 0.05


class WirePool:
    """What the HTTP clients of one load process share. Used inside a running event loop."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        *,
        hosts: Mapping[str, tuple[str, int | None]] = MappingProxyType({}),
        dns_ttl_ns: int | None = None,
    ) -> None:
        self._clock = clock
        self._connector = Connector(clock, tls, hosts, dns_ttl_ns)
        self._open: set[Connection] = set()
        self._sweeping: asyncio.Task[None] | None = None

    def client(self) -> WireClient:
        """A client for one virtual user."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep(), name="time-out sweep")
        return WireClient(self, self._clock)

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
        """A new connection, and how long each part of making it took.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        begun_ns = self._clock.now_ns()
        times = Connecting()
        left_s = max(deadline_ns - begun_ns, 0) / NS_PER_S
        try:
            # uvloop's timers fire early: give up late instead, as the sweep does
            async with asyncio.timeout(left_s + SWEEP_S):
                connection = await self._connector.connect(origin, times)
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

    def __init__(self, pool: WirePool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._connections: dict[Origin, Connection] = {}

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
                return self._unsent(wanted_ns, failure)
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

    def _unsent(self, wanted_ns: int, failure: ConnectFailed) -> Response:
        response = Response(wanted_ns)
        response.outcome, response.problem = failure.outcome, str(failure)
        response.ended_ns = response.first_byte_ns = self._clock.now_ns()
        # a time-out is recorded with its full wait; for other failures there is nothing to time
        response.sent_ns = wanted_ns if failure.outcome == "timeout" else 0
        return response
