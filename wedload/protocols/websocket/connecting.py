"""From an address to a connected socket: as for HTTP, and past the same guard.

What speaks on the socket, TLS included, is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.protocols.http.connecting import Connector
from wedload.protocols.http_clients import names_of, tls_context

if TYPE_CHECKING:
    import socket
    import ssl

    from wedload.clock import Clock
    from wedload.plan.model import Plan
    from wedload.protocols.http.response import Connecting
    from wedload.workload.compile_plan import Settings
    from wedload.workload.request import Origin


def socket_connector(plan: Plan, settings: Settings, clock: Clock) -> SocketConnector:
    """How a process connects to a target: where its names lead, where load may go, its TLS.

    Make one a process: it knows the addresses that names had.

    Raises:
        OSError: a file of the target's `tls` cannot be read.
    """
    tls = tls_context(plan.targets[settings.target].tls)
    return SocketConnector(clock, tls, **names_of(plan, settings))


class SocketConnector(Connector):
    """A connector that leaves what is spoken to others."""

    async def connected(self, origin: Origin, times: Connecting) -> socket.socket:
        """A socket that is connected; `times` is told how long look-up and connecting took.

        Raises:
            ConnectFailed: with the outcome of whatever needed it.
        """
        made = await self._open(origin, times)
        assert isinstance(made, _Bare)
        return made.sock

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS of all its connections."""
        return self._context()

    async def _link(self, _origin: Origin, sock: socket.socket) -> _Bare:
        return _Bare(sock)


class _Bare:
    """A socket that nothing speaks on yet."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def abort(self) -> None:
        """Close it."""
        self.sock.close()
