"""The HTTP client of a virtual user that speaks HTTP/2, or what each server agrees to.

Requests to an origin that are under way at the same time share one connection of HTTP/2. Where
HTTP/1.1 was agreed on, each has a connection to itself, as many as a browser would make.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.protocols.http.client import WireClient
from wedload.protocols.http.connecting import ConnectFailed
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.lanes import Lanes
from wedload.protocols.http.response import Response
from wedload.protocols.http2.connection import Http2Connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.clock import Clock
    from wedload.protocols.http.response import Connecting
    from wedload.protocols.http2.pool import Http2Pool
    from wedload.protocols.http2.stream import Stream
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

    @property
    def connects_first(self) -> bool:
        """Whether there is to be a connection before a turn, perhaps a free one of HTTP/1.1.

        Where none is free, whoever has one may wait for its own turn: it comes before this one.
        """
        return not self.known or (self.speaks_http1 and self.http1.free)


class _Asked:
    """A request on its way, and what there has been of it before its response."""

    __slots__ = (
        "_received_bytes", "_refused", "_sent_bytes", "connecting", "deadline_ns", "headers",
        "keep_body", "max_bytes", "request", "turn", "wanted_ns",
    )  # fmt: skip

    def __init__(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        wanted_ns: int,
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool,
    ) -> None:
        self.request = request
        self.headers = headers
        self.wanted_ns = wanted_ns  # later by as long as its turns took
        self.deadline_ns = wanted_ns + timeout_ns  # likewise
        self.max_bytes = max_bytes
        self.keep_body = keep_body
        self.connecting: Connecting | None = None  # if a connection was made for it; one at most
        self.turn: _Turn | None = None
        self._refused = False
        self._sent_bytes = 0  # of attempts that the server did not process
        self._received_bytes = 0

    def answer(self, stream: Stream, *, goes_on: bool) -> Response | None:
        """What became of it on a stream; None: it is to be sent again.

        What the server has not acted on is safe to send again (RFC 9113 section 8.7), and nobody's
        failure. It goes to another connection, unless one was made for it already; on a connection
        that `goes_on` there is one more attempt, and then the server is taken at its word.
        """
        response = stream.response
        had_its_turn = self._refused if goes_on else self.connecting is not None
        if stream.unprocessed and not had_its_turn:
            self._refused = self._refused or goes_on
            self._sent_bytes += response.sent_bytes
            self._received_bytes += response.received_bytes
            return None
        response.sent_bytes += self._sent_bytes
        response.received_bytes += self._received_bytes
        return response


class _Turn:
    """The turn of a request; what that takes is no part of the time that the request may take."""

    __slots__ = ("_asked", "_clock", "_turn", "waiting")

    def __init__(self, asked: _Asked, turn: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._asked = asked
        self._turn = turn
        self._clock = clock
        self.waiting = False

    async def take(self) -> None:
        """Return when the request may be sent."""
        began_ns = self._clock.now_ns()
        self.waiting = True
        await self._turn()
        self.waiting = False
        held_ns = self._clock.now_ns() - began_ns
        self._asked.wanted_ns += held_ns
        self._asked.deadline_ns += held_ns


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
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        As that of `WireClient`: never raises for what the other side does, and sends nothing twice
        but what the server says it has not acted on, without another `turn`.
        """
        wanted_ns = self._clock.now_ns()
        asked = _Asked(request, headers, wanted_ns, timeout_ns, max_bytes, keep_body)
        if turn is not None:
            asked.turn = _Turn(asked, turn, self._clock)
        connected = True
        try:
            response = await self._send(asked)
        except ConnectFailed as failure:
            response, connected = Response(asked.wanted_ns), False
            response.unsent(failure.outcome, str(failure), self._clock.now_ns())
        except Interrupted:
            raise
        except asyncio.CancelledError:  # before it was sent: it waited for a connection or a stream
            if asked.turn is not None and asked.turn.waiting:
                raise
            raise Interrupted(asked.wanted_ns, self._clock.now_ns()) from None
        except TimeoutError:
            problem = "the server took no more requests at the same time within the time-out"
            response = Response(asked.wanted_ns)
            return response.unsent("timeout", problem, self._clock.now_ns())
        if not connected:
            if turn is not None:  # who cannot connect does not try more often
                await turn()
            return response
        if asked.connecting is not None:
            response.connecting = asked.connecting
        if response.outcome == "timeout":
            response.waited_since(asked.wanted_ns)
        return response

    async def _send(self, asked: _Asked) -> Response:
        """Send a request as often as it takes, on whatever connection there is, or is made.

        Raises:
            ConnectFailed: with the outcome that the request gets.
            TimeoutError: the server took no more requests at the same time.
        """
        host = self._host(asked.request.origin)
        waits = asked.turn
        response: Response | None = None
        while response is None:
            connection = host.http2
            if waits is not None and not host.connects_first:
                await waits.take()  # the connection may be lost meanwhile
                waits = None
            elif connection is not None and connection.usable:
                stream = await connection.send(
                    asked.request,
                    asked.headers,
                    deadline_ns=asked.deadline_ns,
                    max_bytes=asked.max_bytes,
                    keep_body=asked.keep_body,
                )
                if stream is not None:
                    response = asked.answer(stream, goes_on=connection.usable)
            elif host.speaks_http1:
                response = await self._over_http1(host, asked, waits)
            else:
                await self._find_out(host, asked)
                waits = asked.turn
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

    async def _over_http1(self, host: _Host, asked: _Asked, turn: _Turn | None) -> Response | None:
        """Send a request on a connection of its own; None: HTTP/1.1 is not spoken any more.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        origin = asked.request.origin
        if host.http1.free:
            wire = await host.http1.take()
        else:
            wire = await self._pool.in_time(host.http1.take(), origin, asked.deadline_ns)
        try:
            if not wire.has(origin):
                await self._connect(host, asked, wire)
            if not wire.has(origin):
                return None
            left_ns = asked.deadline_ns - self._clock.now_ns()
            return await wire.exchange(
                asked.request, asked.headers, left_ns, asked.max_bytes, asked.keep_body,
                None if turn is None else turn.take,
            )  # fmt: skip
        finally:
            host.http1.give_back(wire)

    async def _find_out(self, host: _Host, asked: _Asked) -> None:
        """Connect, unless somebody else is at it: then wait for what comes of that.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        origin = asked.request.origin
        await self._pool.in_time(host.finding_out.acquire(), origin, asked.deadline_ns)
        try:
            if not host.known:
                await self._connect(host, asked, None)
        finally:
            host.finding_out.release()

    async def _connect(self, host: _Host, asked: _Asked, wire: WireClient | None) -> None:
        """Make a connection, of whatever version; one of HTTP/1.1 goes to `wire` or a new client.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        origin = asked.request.origin
        if asked.connecting is not None:  # a server that ends each would get no rest
            problem = f"{origin}: the server ended the connection before a request was sent"
            raise ConnectFailed("reset", problem)
        lost = host.http2 is not None and host.http2.lost
        made, asked.connecting = await self._pool.connect_either(origin, asked.deadline_ns)
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
        asked.connecting.again = lost
