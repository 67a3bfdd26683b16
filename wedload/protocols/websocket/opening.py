"""Opening a WebSocket: a connection, TLS if it is wss, and the handshake of RFC 6455 section 4.

What fails is one exception with an outcome, whichever part of it fails.
"""

from __future__ import annotations

import logging
import re
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from picows import WSHandshakeError, ws_connect

from wedload.protocols.http.connecting import ConnectFailed, reason_of
from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.problems import no_connection
from wedload.protocols.http.response import Connecting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from picows import WSListener, WSTransport, WSUpgradeRequest, WSUpgradeResponse

    from wedload.clock import Clock
    from wedload.metrics.outcome import Outcome
    from wedload.protocols.websocket.address import WebSocketAddress
    from wedload.protocols.websocket.connecting import SocketConnector

#: picows logs what becomes an outcome here, at levels that Python prints where nobody asks for logs
_SILENT: Final = logging.getLogger("wedload.websocket")
_SILENT.setLevel(logging.CRITICAL + 1)
_STATUS_LINE: Final = re.compile(rb"HTTP/\d\.\d (\d{3})(?: |$)")
_SWITCHING: Final = 101
_MOST_QUOTED: Final = 200  # characters of what a server has said


class WebSocketError(Exception):
    """No WebSocket connection, or none any more: `outcome` is that of whatever needed it."""

    def __init__(
        self,
        outcome: Outcome,
        problem: str,
        status: int = 0,
        headers: Sequence[tuple[bytes, bytes]] = (),
        body: bytes = b"",
    ) -> None:
        """`status`, `headers` and `body`: of an answer to the handshake that refuses it."""
        super().__init__(problem)
        self.outcome = outcome
        self.problem = problem
        self.status = status
        self.headers = list(headers)
        self.body = body  # as much of it as came with the head


class Opening:
    """One attempt to open a connection."""

    def __init__(
        self,
        address: WebSocketAddress,
        *,
        connector: SocketConnector,
        headers: Sequence[tuple[str, str]],
        subprotocols: Sequence[str],
        clock: Clock,
    ) -> None:
        self._address = address
        self._connector = connector
        self._subprotocols = subprotocols
        self._headers = [*headers]
        if subprotocols:
            self._headers.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
        for name, value in self._headers:
            if re.search(r"[\r\n]", name + value):
                raise ValueError(f"the header {name} holds a line break")
        self._now_ns = clock.now_ns
        self._sock: socket.socket | None = None
        self._connected_ns = 0
        self._asked_ns = 0
        self.times = Connecting()
        self.response: WSUpgradeResponse | None = None

    async def run(
        self, listener: Callable[[], WSListener], timeout_ns: int, max_message_bytes: int
    ) -> WSTransport:
        """Open it; `listener` is asked for who is to hear what comes.

        Raises:
            WebSocketError: it did not open; says why.
        """
        begun_ns = self._now_ns()
        try:
            transport = await in_time(self._connect(listener, max_message_bytes), timeout_ns)
        except TimeoutError:
            problem = no_connection(self._address.origin)
            if self._asked_ns:
                problem = f"{self._address.origin}: no answer to the handshake within the time-out"
            raise WebSocketError("timeout", problem) from None
        self.times.blocked_ns = self._now_ns() - begun_ns
        return transport

    async def _connect(
        self, listener: Callable[[], WSListener], max_message_bytes: int
    ) -> WSTransport:
        def agreed(_request: WSUpgradeRequest, response: WSUpgradeResponse) -> WSListener:
            self._check(response)
            self.response = response
            return listener()

        try:
            transport, _ = await ws_connect(
                agreed,
                self._address.url,
                ssl_context=self._connector.context if self._address.secure else None,
                socket_factory=self._socket,
                extra_headers=self._lines(),
                websocket_handshake_timeout=None,
                max_frame_size=max_message_bytes,
                max_redirects=0,
                enable_auto_pong=False,  # by who listens, and counted
                disconnect_on_exception=False,
                logger_name=_SILENT,
            )
        except BaseException as error:
            self._give_up()
            if (failure := self._failure(error)) is not None:
                raise failure from None
            raise
        if self.response is None:  # picows says nothing of it
            problem = "it closed the connection instead of answering the handshake"
            raise WebSocketError("reset", f"{self._address.origin}: {problem}")
        return transport

    async def _socket(self, _url: Any) -> socket.socket:
        """What picows is to speak on."""
        self._sock = await self._connector.connected(self._address.origin, self.times)
        self._connected_ns = self._now_ns()
        return self._sock

    def _lines(self) -> Iterator[tuple[str, str]]:
        """The headers, read when the handshake is written: so it is known when TLS was done."""
        self._asked_ns = self._now_ns()
        if self._address.secure:
            self.times.tls_handshaking_ns = self._asked_ns - self._connected_ns
        yield from self._headers

    def _give_up(self) -> None:
        """End a socket that nobody waits for; what speaks on it sees that, and closes it."""
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)

    def _check(self, response: WSUpgradeResponse) -> None:
        """Refuse what was not asked for (RFC 6455 section 4.1)."""
        if extensions := response.headers.get("sec-websocket-extensions"):
            raise self._wrong(response, f"uses extensions that were not asked for: {extensions}")
        chosen = response.headers.get("sec-websocket-protocol")
        if chosen is not None and chosen not in self._subprotocols:
            raise self._wrong(response, f"speaks the subprotocol {chosen}, which was not asked for")

    def _wrong(self, response: WSUpgradeResponse, what: str) -> WebSocketError:
        problem = f"{self._address.origin}: it {what}"
        return WebSocketError("protocol", problem, _SWITCHING, raw_headers(response))

    def _failure(self, error: BaseException) -> WebSocketError | None:
        """What an exception means; None: it is for something else."""
        origin = self._address.origin
        match error:
            case WebSocketError():
                return error
            case ConnectFailed():
                return WebSocketError(error.outcome, str(error))
            case WSHandshakeError():
                return self._refusal(error)
            case ssl.SSLCertVerificationError():
                return WebSocketError("tls", f"{origin}: {error.verify_message}")
            case OSError() if not self._asked_ns:
                return WebSocketError("tls", f"{origin}: TLS handshake failed: {reason_of(error)}")
            case OSError():
                return WebSocketError("reset", f"{origin}: {reason_of(error)}")
            case _:
                return None

    def _refusal(self, error: WSHandshakeError) -> WebSocketError:
        """An answer that is none of a WebSocket."""
        line = (error.raw_header or b"").partition(b"\r\n")[0]
        match = _STATUS_LINE.match(line)
        if match is not None and int(match[1]) != _SWITCHING:
            # whatever else is wrong with it: an intermediary may speak HTTP/1.0, or have a status
            # of its own
            status = int(match[1])
            # the URL may hold what is secret
            problem = f"{self._address.origin}: the handshake was answered with status {status}"
            headers = () if error.response is None else raw_headers(error.response)
            return WebSocketError("status", problem, status, headers, error.raw_body or b"")
        what = re.sub(r"^cannot upgrade, ", "", str(error))
        said = what if len(what) <= _MOST_QUOTED else f"{what[:_MOST_QUOTED]}…"
        problem = f"{self._address.origin}: its answer is no WebSocket handshake: {said}"
        return WebSocketError("protocol", problem, _SWITCHING if match else 0)


def raw_headers(response: WSUpgradeResponse) -> list[tuple[bytes, bytes]]:
    """The headers of an answer to a handshake."""
    return [
        (name.encode("latin-1"), value.encode("ascii", "surrogateescape"))
        for name, value in getattr(response, "headers", {}).items()
    ]
