"""aiohttp's connections, extended: the instant at which each was read last, and where they lead.

A reader's task has its turn when all that came at once was read, for a thousand connections some ms
later: the instant is taken before.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler

from wedload.protocols.http.response import Connecting

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Sequence

    from aiohttp.abc import ResolveResult
    from aiohttp.tracing import Trace

    from wedload.protocols.http.connecting import Connector


class StampedHandler(ResponseHandler):
    """A connection that knows when it was read last."""

    def __init__(self, loop: asyncio.AbstractEventLoop, now_ns: Callable[[], int]) -> None:
        super().__init__(loop)
        self._now_ns = now_ns
        self.read_ns = 0

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self.read_ns = self._now_ns()
        super().data_received(data)


class StampedConnector(TCPConnector):
    """Makes such connections, to addresses that the target guard allows."""

    def __init__(self, now_ns: Callable[[], int], names: Connector, tls: ssl.SSLContext) -> None:
        super().__init__(limit=0, force_close=True, use_dns_cache=False, ssl=tls)
        self._names = names
        self._factory = lambda: StampedHandler(self._loop, now_ns)  # type: ignore[assignment] # of protocols

    async def _resolve_host(
        self,
        host: str,
        port: int,
        traces: Sequence[Trace] | None = None,  # noqa: ARG002 - as aiohttp calls it
    ) -> list[ResolveResult]:
        """Where a host is: names and guard are those of requests to the target."""
        addresses, instead = await self._names.addresses_of(host, Connecting())
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
