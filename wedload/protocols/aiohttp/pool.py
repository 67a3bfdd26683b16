"""What the clients on aiohttp of one load process share: where names lead, and what is open."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING

from wedload.protocols.aiohttp.client import AiohttpClient
from wedload.protocols.http.connecting import Connector
from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from aiohttp import ClientSession

    from wedload.clock import Clock
    from wedload.plan.proxy import Proxy
    from wedload.safety.target_guard import TargetGuard


class AiohttpPool:
    """What the HTTP clients of one load process share. Used inside a running event loop."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        *,
        hosts: Mapping[str, tuple[str, int | None]] = MappingProxyType({}),
        dns_ttl_ns: int | None = None,
        guard: TargetGuard = LOOPBACK_ONLY,
        proxy: Proxy | None = None,
    ) -> None:
        self.clock = clock
        self.tls = tls
        self.proxy = proxy
        self.names = Connector(clock, tls, hosts, dns_ttl_ns, guard)
        self._clients: set[AiohttpClient] = set()  # with a session
        self._closing: set[asyncio.Task[None]] = set()

    def client(self) -> AiohttpClient:
        """A client for one virtual user."""
        return AiohttpClient(self)

    def opened(self, client: AiohttpClient) -> None:
        """A client has a session."""
        self._clients.add(client)

    def closed(self, client: AiohttpClient, session: ClientSession) -> None:
        """A client has one no more: end what it leaves."""
        self._clients.discard(client)
        task = asyncio.create_task(session.close(), name="closing a session")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close every connection."""
        for client in list(self._clients):
            client.close()
        await asyncio.gather(*self._closing)
        await asyncio.sleep(0)  # transports close on the next turn of the loop
