"""Making connections: from a name to addresses, past the target guard, to the first that answers.

Names are looked up once a run, or again after a time. With several addresses, attempts overlap as
RFC 8305 (happy eyeballs) says: one that does not answer costs a quarter second, not a time-out.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final, Protocol, cast

from wedload.metrics.outcome import OURS
from wedload.protocols.http.tls import TlsConnection
from wedload.protocols.http.wire import Connection
from wedload.safety.addresses import written_out
from wedload.safety.target_guard import LOOPBACK_ONLY, BlockedAddressError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.clock import Clock
    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Connecting
    from wedload.safety.target_guard import TargetGuard
    from wedload.workload.request import Origin

#: RFC 8305 section 8: the recommended delay between attempts
STAGGER_S: Final = 0.25


class ConnectFailed(Exception):  # noqa: N818 - it carries an outcome, it is not an error to show
    """No connection, with the outcome that the request gets."""

    def __init__(self, outcome: Outcome, problem: str) -> None:
        super().__init__(problem)
        self.outcome = outcome


class Link(Protocol):
    """A connection, whatever it speaks."""

    def abort(self) -> None:
        """Close at once."""


class Connector:
    """Makes connections, and knows the addresses that names had.

    `hosts` leads names to an address, and perhaps a port, without a look-up. `dns_ttl_ns` is how
    long a look-up holds; None: for the whole run.
    """

    def __init__(
        self,
        clock: Clock,
        tls: ssl.SSLContext | None,
        hosts: Mapping[str, tuple[str, int | None]],
        dns_ttl_ns: int | None,
        guard: TargetGuard = LOOPBACK_ONLY,
    ) -> None:
        self._clock = clock
        self._guard = guard
        self._tls = tls
        self._hosts = hosts
        self._dns_ttl_ns = dns_ttl_ns
        self._addresses: dict[str, tuple[list[str], int]] = {}  # and when they were looked up

    async def connect(self, origin: Origin, times: Connecting) -> Connection:
        """A new connection; `times` is told how long each part of making it took.

        Raises:
            ConnectFailed: with the outcome that the request gets.
        """
        connection = await self._open(origin, times)
        assert isinstance(connection, Connection)
        return connection

    async def _open(self, origin: Origin, times: Connecting) -> Link:
        addresses, port = await self.addresses_of(origin.host, times)
        begun_ns = self._clock.now_ns()
        connection = await self._connect_any(origin, addresses, port or origin.port)
        connected_ns = self._clock.now_ns()
        times.connecting_ns = connected_ns - begun_ns
        if isinstance(connection, TlsConnection):
            await _handshake(connection, origin)
            times.tls_handshaking_ns = self._clock.now_ns() - connected_ns
        return connection

    def led_to(self, host: str) -> tuple[str | None, int | None]:
        """The address that `hosts` leads a name to, and the port, where it says one."""
        return self._hosts.get(host.lower(), (None, None))

    async def addresses_of(self, host: str, times: Connecting) -> tuple[list[str], int | None]:
        """The addresses of a host, each allowed by the target guard, and `hosts`' port if any.

        Raises:
            ConnectFailed: the name is not known, or load must not go there.
        """
        address, port = self.led_to(host)
        return await self._resolve(host, address, times), port

    async def _connect_any(self, origin: Origin, addresses: list[str], port: int) -> Link:
        """The connection of the first address that answers."""
        try:
            if len(addresses) == 1:
                return await self._connect_to(origin, addresses[0], port)
            return await self._race(origin, _alternating(addresses), port)
        except OSError as error:
            raise ConnectFailed(
                outcome_of(error, addresses), f"{origin}: {reason_of(error)}"
            ) from None

    async def _race(self, origin: Origin, addresses: list[str], port: int) -> Link:
        """Start an attempt when the last one has failed, or has not answered for a while."""
        waiting = iter(addresses)
        address = next(waiting, None)
        attempts: set[asyncio.Task[Link]] = set()
        problem: OSError = OSError("no address")
        try:
            while address is not None or attempts:
                if address is not None:
                    attempts.add(asyncio.create_task(self._connect_to(origin, address, port)))
                    address = next(waiting, None)
                patience_s = None if address is None else STAGGER_S
                done, _ = await asyncio.wait(
                    attempts, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
                )
                for attempt in done:
                    attempts.remove(attempt)
                    try:
                        return attempt.result()
                    except OSError as error:
                        problem = error
            raise problem
        finally:
            await _give_up(attempts)

    async def _connect_to(self, origin: Origin, address: str, port: int) -> Link:
        # a socket of our own: one that uvloop makes stays open, and goes on connecting, when
        # `create_connection` is cancelled
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        sock.setblocking(False)
        try:
            await _connect_socket(sock, address, port)
            return await self._link(origin, sock)
        except BaseException:
            sock.close()
            raise

    async def _link(self, origin: Origin, sock: socket.socket) -> Link:
        """What speaks on a socket that is connected."""
        made = self._protocol(origin)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: cast("asyncio.Protocol", made), sock=sock)
        return made

    def _protocol(self, origin: Origin) -> Link:
        if origin.scheme == "https":
            return TlsConnection(self._clock.now_ns, self._context(), origin.host)
        return Connection(self._clock.now_ns)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def _resolve(self, host: str, address: str | None, times: Connecting) -> list[str]:
        """The addresses of a host, each allowed by the target guard.

        A host that was proven is not looked up; with a time to live it is, and has to lead to one
        of the addresses that it had then.
        """
        known = self._addresses.get(host)
        if known is not None:
            addresses, since_ns = known
            if self._dns_ttl_ns is None or self._clock.now_ns() < since_ns + self._dns_ttl_ns:
                return addresses
        if address is not None:
            addresses = [address]
        elif (written := written_out(host)) is not None:  # however it is spelt
            addresses = [written]
        elif self._dns_ttl_ns is None and (pinned := self._guard.pinned(host)):
            addresses = list(pinned)
        else:
            addresses = await self._look_up(host, times)
        try:
            for one in addresses:
                self._guard.require_allowed(one, host)
        except BlockedAddressError as error:
            raise ConnectFailed("blocked", str(error)) from None
        self._addresses[host] = addresses, self._clock.now_ns()
        return addresses

    async def _look_up(self, host: str, times: Connecting) -> list[str]:
        begun_ns = self._clock.now_ns()
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, None, type=socket.SOCK_STREAM
            )
        except (OSError, ValueError) as error:  # ValueError: no name can look like this
            raise ConnectFailed("dns", f"{host}: name not resolved: {reason_of(error)}") from None
        times.looking_up_ns = (times.looking_up_ns or 0) + self._clock.now_ns() - begun_ns
        return list(dict.fromkeys(str(info[4][0]) for info in found))


async def _handshake(connection: TlsConnection, origin: Origin) -> None:
    try:
        await connection.handshaken
    except ssl.SSLCertVerificationError as error:
        raise ConnectFailed("tls", f"{origin}: {error.verify_message}") from None
    except OSError as error:
        connection.abort()
        message = f"{origin}: TLS handshake failed: {reason_of(error)}"
        raise ConnectFailed("tls", message) from None
    except asyncio.CancelledError:
        connection.abort()
        raise


async def _give_up(attempts: set[asyncio.Task[Link]]) -> None:
    """End what another attempt was faster than; no socket of it may be left."""
    for attempt in attempts:
        attempt.cancel()
    for made in await asyncio.gather(*attempts, return_exceptions=True):
        if not isinstance(made, BaseException):
            made.abort()


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


def _alternating(addresses: list[str]) -> list[str]:
    """Addresses of both families in turn, that of the first one first (RFC 8305 section 4)."""
    first = ":" in addresses[0]
    same = [address for address in addresses if (":" in address) is first]
    other = [address for address in addresses if (":" in address) is not first]
    return [one for one in chain.from_iterable(zip_longest(same, other)) if one is not None]


def outcome_of(error: OSError, addresses: Sequence[str]) -> Outcome:
    """What becomes of a request that there is no connection for, to any of these addresses."""
    if error.errno == errno.EADDRNOTAVAIL and all(":" in one for one in addresses):
        return "connect"  # of IPv6 this also says that the machine has none
    return OURS.get(error.errno or 0, "connect")


def reason_of(error: Exception) -> str:
    """What an error says, in a few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
