"""Making connections that speak HTTP/2, or whatever version the server agrees to.

Over TLS the version is agreed on by ALPN (RFC 7301). Without TLS, HTTP/2 is spoken with prior
knowledge (RFC 9113 section 3.3), as nobody says what the server can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from wedload.protocols.http.connecting import ConnectFailed, Connector
from wedload.protocols.http.wire import Connection
from wedload.protocols.http2.connection import Http2Connection
from wedload.protocols.http2.tls import Negotiating
from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from wedload.clock import Clock
    from wedload.protocols.http.connecting import Link
    from wedload.protocols.http.response import Connecting
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.request import Origin

_OFFERED: Final = {"2": ["h2"], "auto": ["h2", "http/1.1"]}


class Http2Connector(Connector):
    """A connector of connections that speak HTTP/2: all of them, or those where it is agreed on."""

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None,
        hosts: Mapping[str, tuple[str, int | None]],
        dns_ttl_ns: int | None,
        guard: TargetGuard = LOOPBACK_ONLY,
        *,
        http: Literal["2", "auto"],
    ) -> None:
        super().__init__(clock, tls, hosts, dns_ttl_ns, guard)
        self._http: Final = http
        self._offers = False

    async def connect_either(
        self, origin: Origin, times: Connecting
    ) -> Connection | Http2Connection:
        """A new connection of the version that results; as `connect`.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        try:
            made = await self._open(origin, times)
        except ConnectFailed as failure:
            said = str(failure).lower().replace("_", " ")
            if failure.outcome == "tls" and "no application protocol" in said:
                raise _not_agreed(origin, "nothing") from None  # by an alert (RFC 7301 section 3.2)
            raise
        if isinstance(made, Negotiating):
            if made.successor is not None:
                return made.successor
            if self._http == "2":
                made.abort()
                raise _not_agreed(origin, made.agreed_on or "nothing")
        assert isinstance(made, Connection | Http2Connection)
        return made

    def _protocol(self, origin: Origin) -> Link:
        if origin.scheme == "https":
            return Negotiating(self._clock.now_ns, self._context(), origin.host)
        if self._http == "2":
            return Http2Connection(self._clock.now_ns)
        return Connection(self._clock.now_ns)

    def _context(self) -> ssl.SSLContext:
        context = super()._context()
        if not self._offers:
            context.set_alpn_protocols(_OFFERED[self._http])
            self._offers = True
        return context


def _not_agreed(origin: Origin, agreed: str) -> ConnectFailed:
    problem = f"{origin}: no HTTP/2: h2 was offered by ALPN, and it agreed to {agreed}"
    return ConnectFailed("tls", problem)
