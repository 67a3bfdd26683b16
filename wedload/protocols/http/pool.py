"""What the HTTP clients of one load process share: how connections are made, and when they end.

A pool has connections made, and enforces time-outs by a coarse sweep instead of a timer a request.
What a client does with its connections is its own business, and what they speak too.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from wedload.protocols.http.client import WireClient
from wedload.protocols.http.connecting import ConnectFailed, Connector
from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.limits import SWEEP_S
from wedload.protocols.http.problems import no_connection
from wedload.protocols.http.response import Connecting
from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.wire import Connection
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.request import Origin


class Pooled(Protocol):
    """A connection, whatever it speaks."""

    @property
    def response(self) -> object | None:
        """What is under way; None: nothing is."""

    @property
    def deadline_ns(self) -> int:
        """When what is under way runs out of time."""

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""

    def time_out(self) -> None:
        """End what has run out of time."""

    def abort(self) -> None:
        """Close at once."""


Made = TypeVar("Made", bound=Pooled)
Got = TypeVar("Got")


class Pool:
    """What the HTTP clients of one load process share. Used inside a running event loop."""

    def __init__(self, clock: Clock, connector: Connector) -> None:
        self._clock = clock
        self._connector = connector
        self._open: set[Pooled] = set()
        self._sweeping: asyncio.Task[None] | None = None

    def client(self) -> Any:
        """A client for one virtual user: an `HttpClient` of wedload.engine.port."""
        raise NotImplementedError

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

    def _begin(self) -> None:
        """Enforce time-outs from now on."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep(), name="time-out sweep")

    async def connect(self, origin: Origin, deadline_ns: int) -> tuple[Connection, Connecting]:
        """A new connection of HTTP/1.1, and how long each part of making it took.

        Raises:
            ConnectFailed: with the outcome that the request gets.
            Interrupted: cancelled before there was one.
        """
        return await self._make(self._connector.connect, origin, deadline_ns)

    async def in_time(self, waiting: Awaitable[Got], origin: Origin, deadline_ns: int) -> Got:
        """What comes of waiting for a connection.

        Raises:
            ConnectFailed: as a time-out, when the request's time is over.
        """
        try:
            return await in_time(waiting, deadline_ns - self._clock.now_ns())
        except TimeoutError:
            raise ConnectFailed("timeout", no_connection(origin)) from None

    async def _make(
        self,
        connect: Callable[[Origin, Connecting], Awaitable[Made]],
        origin: Origin,
        deadline_ns: int,
    ) -> tuple[Made, Connecting]:
        begun_ns = self._clock.now_ns()
        times = Connecting()
        try:
            connection = await self.in_time(connect(origin, times), origin, deadline_ns)
        except asyncio.CancelledError:
            raise Interrupted(begun_ns, self._clock.now_ns()) from None
        times.blocked_ns = self._clock.now_ns() - begun_ns
        self._open.add(connection)
        return connection, times


class WirePool(Pool):
    """What clients share that speak HTTP/1.1."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        *,
        hosts: Mapping[str, tuple[str, int | None]] = MappingProxyType({}),
        dns_ttl_ns: int | None = None,
        guard: TargetGuard = LOOPBACK_ONLY,
    ) -> None:
        super().__init__(clock, Connector(clock, tls, hosts, dns_ttl_ns, guard))

    def client(self) -> WireClient:
        """A client for one virtual user."""
        self._begin()
        return WireClient(self, self._clock)
