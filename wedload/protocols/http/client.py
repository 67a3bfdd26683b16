"""HTTP clients of virtual users.

A `WireClient` belongs to one virtual user and owns its connections, one an origin; where HTTP/2 may
be spoken, there is an `Http2Client` in its place. See pool for what they share.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.protocols.http.connecting import ConnectFailed
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.lanes import MOST_AT_ONCE
from wedload.protocols.http.response import Response
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.clock import Clock
    from wedload.protocols.http.pool import Pool
    from wedload.protocols.http.response import Connecting
    from wedload.protocols.http.wire import Connection
    from wedload.workload.request import Origin, Request


class WireClient:
    """The HTTP client of one virtual user: at most one connection an origin, kept alive."""

    __slots__ = ("_clock", "_connections", "_now_ns", "_pool")

    most_at_once: Final = MOST_AT_ONCE

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._now_ns = clock.now_ns
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

    def begin(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
    ) -> asyncio.Future[Response] | None:
        """Send a request as `exchange` does, if that can be done at once; else None.

        It mostly can: there is a connection, and no file to be read. Who gives up waiting calls
        `give_up`. So there is no coroutine between who asks and the connection.
        """
        connection = self._connections.get(request.origin)
        if connection is None or not connection.usable or type(request.body) is StreamedBody:
            return None
        if not keep_body:
            connection.discard_body()
        head = request.method == "HEAD"
        data = request.encode(headers)
        return connection.send(data, head=head, timeout_ns=timeout_ns, max_bytes=max_bytes)

    def give_up(self, request: Request, headers: tuple[bytes, ...], timeout_ns: int) -> Interrupted:
        """End a request that `begin` has sent, with its connection; what is known of it."""
        connection = self._connections[request.origin]
        return self._cut_off(connection, len(request.encode(headers)), timeout_ns)

    def _cut_off(self, connection: Connection, sent_bytes: int, timeout_ns: int) -> Interrupted:
        """End a request that was sent, with its connection; what is known of it."""
        seen = connection.response
        connection.abort()
        if seen is None:  # answered in the same turn of the loop, too late to be read
            began_ns = connection.deadline_ns - timeout_ns
            return Interrupted(began_ns, self._now_ns(), sent_bytes=sent_bytes)
        return Interrupted.of(seen, self._now_ns())

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        `headers` are whole lines that are added to the request's own. Without `keep_body` the
        response's body is read, counted and thrown away. `turn` returns when it may be sent: asked
        once there is a connection, or there could be none.

        Never raises for what the other side does, and never sends anything twice.

        Raises:
            Interrupted: cancelled before there was a response.
        """
        wanted_ns = self._now_ns()
        connecting: Connecting | None = None
        connection = self._connections.get(request.origin)
        if connection is None or not connection.usable or turn is not None:
            ready = await self._ready(request.origin, wanted_ns, timeout_ns, turn)
            if isinstance(ready, Response):
                return ready
            connection, connecting, held_ns = ready
            if connecting is not None:
                wanted_ns += held_ns
                timeout_ns -= self._now_ns() - wanted_ns
        if not keep_body:
            connection.discard_body()
        data, head, body = request.encode(headers), request.method == "HEAD", request.body
        try:
            if type(body) is StreamedBody:
                response = await connection.send_streamed(
                    data, body, head=head, timeout_ns=timeout_ns, max_bytes=max_bytes
                )
            else:
                response = await connection.send(
                    data, head=head, timeout_ns=timeout_ns, max_bytes=max_bytes
                )
        except asyncio.CancelledError:
            raise self._cut_off(connection, len(data), timeout_ns) from None
        response.connecting = connecting
        if connecting is not None and response.outcome == "timeout":
            response.waited_since(wanted_ns)
        return response

    async def _ready(
        self,
        origin: Origin,
        wanted_ns: int,
        timeout_ns: int,
        turn: Callable[[], Awaitable[None]] | None,
    ) -> tuple[Connection, Connecting | None, int] | Response:
        """A connection whose turn has come, its times if it is new, and how long turns have taken.

        That is no part of the time that the request may take. Or what becomes of one that there is
        no connection for.
        """
        connecting: Connecting | None = None
        failed: Response | None = None
        held_ns = 0
        while True:
            connection = self._connections.get(origin)
            if connection is None or not connection.usable:
                lost = connection is not None and connection.lost
                began_ns = wanted_ns + held_ns
                try:
                    connection, connecting = await self._pool.connect(origin, began_ns + timeout_ns)
                except ConnectFailed as failure:
                    failed = Response(began_ns)
                    failed.unsent(failure.outcome, str(failure), self._now_ns())
                else:
                    self._connections[origin] = connection
                    connecting.again = lost
            if turn is not None:  # who cannot connect does not try more often
                began_ns = self._now_ns()
                await turn()
                held_ns += self._now_ns() - began_ns
            if failed is not None:
                return failed
            assert connection is not None
            if turn is None or connection.usable or connecting is not None:
                return connection, connecting, held_ns
            # else the server has ended it meanwhile, and another takes its time

    def close(self) -> None:
        """Close its connections at once."""
        for connection in self._connections.values():
            connection.abort()
        self._connections.clear()
