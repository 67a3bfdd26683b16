"""What the clients of one load process share that speak HTTP/2, or what each server agrees to."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from wedload.protocols.http.pool import Pool
from wedload.protocols.http2.client import Http2Client
from wedload.protocols.http2.connecting import Http2Connector
from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.response import Connecting
    from wedload.protocols.http.wire import Connection
    from wedload.protocols.http2.connection import Http2Connection
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.request import Origin


class Http2Pool(Pool):
    """Has connections made, and enforces time-outs: see `Pool`."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        *,
        hosts: Mapping[str, tuple[str, int | None]] = MappingProxyType({}),
        dns_ttl_ns: int | None = None,
        guard: TargetGuard = LOOPBACK_ONLY,
        http: Literal["2", "auto"],
    ) -> None:
        """`http` is the version that is spoken; "auto": what each server agrees to by ALPN."""
        connector = Http2Connector(clock, tls, hosts, dns_ttl_ns, guard, http=http)
        super().__init__(clock, connector)
        self._connect_either = connector.connect_either

    def client(self) -> Http2Client:
        """A client for one virtual user."""
        self._begin()
        return Http2Client(self, self._clock)

    async def connect_either(
        self, origin: Origin, deadline_ns: int
    ) -> tuple[Connection | Http2Connection, Connecting]:
        """A new connection of HTTP/2, or of the version that the server agrees to; as `connect`.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        return await self._make(self._connect_either, origin, deadline_ns)
