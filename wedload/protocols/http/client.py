"""HTTP clients of virtual users, and what those of one load process share.

A `WireClient` belongs to one virtual user and owns its connections, one an origin. The `WirePool`
resolves names, makes connections past the target guard, and enforces time-outs by a coarse sweep
instead of a timer a request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from typing import TYPE_CHECKING, Final

from wedload.protocols.http.response import Connecting, Response
from wedload.protocols.http.tls import TlsConnection
from wedload.protocols.http.wire import Connection
from wedload.safety.target_guard import BlockedAddressError, require_allowed
from wedload.units import NS_PER_S
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    from wedload.clock import Clock
    from wedload.metrics.outcome import Outcome
    from wedload.workload.request import Origin, Request

#: a time-out is noticed at most this much late, and recorded with the wait as it really was
SWEEP_S: Final = 0.05


class _ConnectFailed(Exception):  # noqa: N818 - it carries an outcome, it is not an error to show
    def __init__(self, outcome: Outcome, problem: str) -> None:
        super().__init__(problem)
        self.outcome = outcome


class WirePool:
    """What the HTTP clients of one load process share. Used inside a running event loop."""

    def __init__(self, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._tls = tls
        self._addresses: dict[str, list[str]] = {}
        self._open: set[Connection] = set()
        self._sweeping: asyncio.Task[None] | None = None

    def client(self) -> WireClient:
        """A client for one virtual user."""
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep(), name="time-out sweep")
        return WireClient(self, self._clock)

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
        """A new connection, and how long each part of making it took.

        Raises:
            _ConnectFailed: with the outcome that the request gets.
        """
        begun_ns = self._clock.now_ns()
        times = Connecting()
        left_s = max(deadline_ns - begun_ns, 0) / NS_PER_S
        try:
            # uvloop's timers fire early: give up late instead, as the sweep does
            async with asyncio.timeout(left_s + SWEEP_S):
                connection = await self._connect(origin, times)
        except TimeoutError:
            raise _ConnectFailed(
                "timeout", f"no connection to {origin} within the time-out"
            ) from None
        times.blocked_ns = self._clock.now_ns() - begun_ns
        self._open.add(connection)
        return connection, times

    async def _connect(self, origin: Origin, times: Connecting) -> Connection:
        addresses = await self._resolve(origin.host, times)
        begun_ns = self._clock.now_ns()
        connection = await self._connect_any(origin, addresses)
        connected_ns = self._clock.now_ns()
        times.connecting_ns = connected_ns - begun_ns
        if isinstance(connection, TlsConnection):
            try:
                await connection.handshaken
            except ssl.SSLCertVerificationError as error:
                raise _ConnectFailed("tls", f"{origin}: {error.verify_message}") from None
            except OSError as error:
                connection.abort()
                raise _ConnectFailed(
                    "tls", f"{origin}: TLS handshake failed: {_reason(error)}"
                ) from None
            except asyncio.CancelledError:
                connection.abort()
                raise
            times.tls_handshaking_ns = self._clock.now_ns() - connected_ns
        return connection

    async def _connect_any(self, origin: Origin, addresses: list[str]) -> Connection:
        problem: OSError | None = None
        for address in addresses:
            try:
                return await self._connect_to(origin, address)
            except OSError as error:
                problem = error
        reason = _reason(problem) if problem is not None else "no address"
        raise _ConnectFailed("connect", f"{origin}: {reason}")

    async def _connect_to(self, origin: Origin, address: str) -> Connection:
        loop = asyncio.get_running_loop()
        # a socket of our own: one that uvloop makes stays open, and goes on connecting, when
        # `create_connection` is cancelled
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        sock.setblocking(False)
        try:
            await _connect_socket(sock, address, origin.port)
            _, connection = await loop.create_connection(lambda: self._protocol(origin), sock=sock)
        except BaseException:
            sock.close()
            raise
        return connection

    def _protocol(self, origin: Origin) -> Connection:
        if origin.scheme == "https":
            if self._tls is None:
                self._tls = ssl.create_default_context()
            return TlsConnection(self._clock.now_ns, self._tls, origin.host)
        return Connection(self._clock.now_ns)

    async def _resolve(self, host: str, times: Connecting) -> list[str]:
        """The addresses of a host, each allowed by the target guard; looked up once a run."""
        addresses = self._addresses.get(host)
        if addresses is not None:
            return addresses
        if _is_address(host):
            addresses = [host]
        else:
            begun_ns = self._clock.now_ns()
            try:
                found = await asyncio.get_running_loop().getaddrinfo(
                    host, None, type=socket.SOCK_STREAM
                )
            except (OSError, ValueError) as error:  # ValueError: no name can look like this
                raise _ConnectFailed(
                    "dns", f"{host}: name not resolved: {_reason(error)}"
                ) from None
            times.looking_up_ns = self._clock.now_ns() - begun_ns
            addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        try:
            for address in addresses:
                require_allowed(address, host)
        except BlockedAddressError as error:
            raise _ConnectFailed("blocked", str(error)) from None
        self._addresses[host] = addresses
        return addresses


class WireClient:
    """The HTTP client of one virtual user: at most one connection an origin, kept alive."""

    __slots__ = ("_clock", "_connections", "_pool")

    def __init__(self, pool: WirePool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._connections: dict[Origin, Connection] = {}

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        `headers` are whole lines that are added to the request's own. Without `keep_body` the
        response's body is read, counted and thrown away.

        Never raises for what the other side does, and never sends anything twice.
        """
        deadline_ns = self._clock.now_ns() + timeout_ns
        connection = self._connections.get(request.origin)
        connecting = None
        if connection is None or not connection.usable:
            wanted_ns = self._clock.now_ns()
            try:
                connection, connecting = await self._pool.connect(request.origin, deadline_ns)
            except _ConnectFailed as failure:
                return self._unsent(wanted_ns, failure)
            self._connections[request.origin] = connection
        if not keep_body:
            connection.discard_body()
        if type(request.body) is StreamedBody:
            response = await connection.send_streamed(
                request.encode(*headers),
                request.body,
                head=request.method == "HEAD",
                deadline_ns=deadline_ns,
                max_bytes=max_bytes,
            )
        else:
            response = await connection.send(
                request.encode(*headers),
                head=request.method == "HEAD",
                deadline_ns=deadline_ns,
                max_bytes=max_bytes,
            )
        response.connecting = connecting
        if connecting is not None and response.outcome == "timeout":
            # a time-out is recorded with its full wait, and that began with connecting
            response.sent_ns -= response.started_ns - wanted_ns
            response.started_ns = wanted_ns
        return response

    def close(self) -> None:
        """Close its connections at once."""
        for connection in self._connections.values():
            connection.abort()
        self._connections.clear()

    def _unsent(self, wanted_ns: int, failure: _ConnectFailed) -> Response:
        response = Response(wanted_ns)
        response.outcome, response.problem = failure.outcome, str(failure)
        response.ended_ns = response.first_byte_ns = self._clock.now_ns()
        # a time-out is recorded with its full wait; for other failures there is nothing to time
        response.sent_ns = wanted_ns if failure.outcome == "timeout" else 0
        return response


async def _connect_socket(sock: socket.socket, address: str, port: int) -> None:
    """Connect; uvloop's `sock_connect` takes twice as long, as it looks addresses up."""
    try:
        sock.connect((address, port))
    except BlockingIOError:
        loop = asyncio.get_running_loop()
        writable = asyncio.Event()
        loop.add_writer(sock, writable.set)
        try:
            await writable.wait()
        finally:
            loop.remove_writer(sock)
        if code := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, os.strerror(code)) from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
