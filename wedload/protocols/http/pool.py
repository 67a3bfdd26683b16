"""What the HTTP clients of one load process share: how connections are made, and when they end.

The `WirePool` has connections made, and enforces time-outs by a coarse sweep instead of a timer a
request. What a client does with its connections is its own business.
"""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from wedload.protocols.http.client import WireClient
from wedload.protocols.http.connecting import ConnectFailed, Connector
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.response import Connecting
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.http2 import Http2Connection
    from wedload.protocols.http.http2_client import Http2Client
    from wedload.protocols.http.wire import Connection
    from wedload.workload.request import Origin

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
            Interrupted: cancelled before there was one.
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
        except asyncio.CancelledError:
            raise Interrupted(begun_ns, self._clock.now_ns()) from None
        times.blocked_ns = self._clock.now_ns() - begun_ns
        self._open.add(connection)
        return connection, times
