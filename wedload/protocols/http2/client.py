"""The HTTP client of a virtual user that speaks HTTP/2, or what each server agrees to.

Requests to an origin that are under way at the same time share one connection of HTTP/2. Where
HTTP/1.1 was agreed on, each has a connection to itself, as many as a browser would make.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.protocols.http.client import WireClient
from wedload.protocols.http.connecting import ConnectFailed
from wedload.protocols.http.lanes import Lanes
from wedload.protocols.http.response import Response
from wedload.protocols.http2.connection import Http2Connection

if TYPE_CHECKING:
    from wedload.clock import Clock
    from wedload.protocols.http.response import Connecting
    from wedload.protocols.http2.pool import Http2Pool
    from wedload.workload.request import Origin, Request

#: requests of one virtual user that may be under way to an origin: more than servers take
MOST_STREAMS: Final = 1_000


class _Host:
    """What a client has and knows of one origin."""

    __slots__ = ("finding_out", "http1", "http2", "speaks_http1")

    def __init__(self, http1: Lanes[WireClient]) -> None:
        self.http2: Http2Connection | None = None
        self.http1 = http1
        self.speaks_http1 = False  # as far as is known
        self.finding_out = asyncio.Lock()  # held by the one that connects, so that others wait

    @property
    def known(self) -> bool:
        """Whether it is settled how to send a request."""
        return self.speaks_http1 or (self.http2 is not None and self.http2.usable)


class Http2Client:
    """The HTTP client of one virtual user: one connection of HTTP/2 an origin, kept alive."""

    most_at_once: Final = MOST_STREAMS

    def __init__(self, pool: Http2Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._hosts: dict[Origin, _Host] = {}

    def another(self) -> Http2Client:
        """A client for requests at the same time: this one, on the same connection."""
        return self

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        As that of `WireClient`: never raises for what the other side does, and never sends
        anything twice.
        """
        wanted_ns = self._clock.now_ns()
        deadline_ns = wanted_ns + timeout_ns
        origin = request.origin
        host = self._host(origin)
        connecting: Connecting | None = None
        response: Response | None = None
        try:
            while response is None:
                if host.http2 is not None and host.http2.usable:
                    response = await host.http2.send(
                        request,
                        headers,
                        deadline_ns=deadline_ns,
                        max_bytes=max_bytes,
                        keep_body=keep_body,
                    )
                elif host.speaks_http1:
                    wire = await self._lane(host, origin, deadline_ns)
                    try:
                        if not wire.has(origin):
                            _require_first(connecting, origin)
                            connecting = await self._connect(host, origin, deadline_ns, wire)
                        if wire.has(origin):
                            left_ns = deadline_ns - self._clock.now_ns()
                            response = await wire.exchange(
                                request, headers, left_ns, max_bytes, keep_body
                            )
                    finally:
                        host.http1.give_back(wire)
                else:
                    connecting = await self._find_out(host, origin, deadline_ns, connecting)
        except ConnectFailed as failure:
            response = Response(wanted_ns)
            return response.unsent(failure.outcome, str(failure), self._clock.now_ns())
        except TimeoutError:
            problem = "the server took no more requests at the same time within the time-out"
            return Response(wanted_ns).unsent("timeout", problem, self._clock.now_ns())
        if connecting is not None:
            response.connecting = connecting
        if response.outcome == "timeout":
            response.waited_since(wanted_ns)
        return response

    def close(self) -> None:
        """Close its connections at once."""
        for host in self._hosts.values():
            if host.http2 is not None:
                host.http2.abort()
            host.http1.close()
        self._hosts.clear()

    def _host(self, origin: Origin) -> _Host:
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = _Host(Lanes(lambda: WireClient(self._pool, self._clock)))
        return host

    async def _lane(self, host: _Host, origin: Origin, deadline_ns: int) -> WireClient:
        """What sends a request with HTTP/1.1, as soon as one is free; to be given back.

        Raises:
            ConnectFailed: as a time-out, when none was free in time.
        """
        if host.http1.free:
            return await host.http1.take()
        return await self._pool.in_time(host.http1.take(), origin, deadline_ns)

    async def _find_out(
        self, host: _Host, origin: Origin, deadline_ns: int, connecting: Connecting | None
    ) -> Connecting | None:
        """Connect, unless somebody else is at it: then wait for what comes of that.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        await self._pool.in_time(host.finding_out.acquire(), origin, deadline_ns)
        try:
            if host.known:
                return connecting
            _require_first(connecting, origin)
            return await self._connect(host, origin, deadline_ns, None)
        finally:
            host.finding_out.release()

    async def _connect(
        self, host: _Host, origin: Origin, deadline_ns: int, wire: WireClient | None
    ) -> Connecting:
        """Make a connection, of whatever version; one of HTTP/1.1 goes to `wire` or a new client.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        lost = host.http2 is not None and host.http2.lost
        made, connecting = await self._pool.connect_either(origin, deadline_ns)
        if isinstance(made, Http2Connection):
            host.http2, host.speaks_http1 = made, False
        else:
            host.http2, host.speaks_http1 = None, True
            if wire is not None:
                lost = wire.adopt(origin, made)
            else:
                first = await host.http1.take()
                first.adopt(origin, made)
                host.http1.give_back(first)
        connecting.again = lost
        return connecting


def _require_first(connecting: Connecting | None, origin: Origin) -> None:
    """Make no second connection for a request: a server that ends each would get no rest.

    Raises:
        ConnectFailed: there was one already.
    """
    if connecting is not None:
        problem = f"{origin}: the server ended the connection before a request was sent"
        raise ConnectFailed("reset", problem)
