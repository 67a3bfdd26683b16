"""HTTP clients of virtual users on aiohttp: the same port as the wire client's, and proxies.

An `AiohttpClient` has a `ClientSession` of its own, which keeps one connection an origin. No
cookie, redirect, retry or decoding of aiohttp's is used: the engine has its own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from wedload.protocols.aiohttp.body import Body
from wedload.protocols.aiohttp.connector import GuardedConnector, TimedRequest
from wedload.protocols.aiohttp.failures import broken, refusal, unconnected
from wedload.protocols.aiohttp.reading import BrokenAnswer, read_answer
from wedload.protocols.http.connecting import ConnectFailed
from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.lanes import MOST_AT_ONCE
from wedload.protocols.http.limits import MOST_HEAD_BYTES
from wedload.protocols.http.problems import TIMED_OUT, no_connection
from wedload.protocols.http.response import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientResponse

    from wedload.protocols.aiohttp.connection import Watched
    from wedload.protocols.aiohttp.pool import AiohttpPool
    from wedload.workload.request import Origin, Request

#: aiohttp adds no header that the plan does not have
_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
#: the time-out is of the whole exchange, and enforced here
_NO_TIMEOUT: Final = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
#: a header has four bytes at least, so this many are above the limit on bytes
_MOST_HEADERS: Final = MOST_HEAD_BYTES // 4


class AiohttpClient:
    """The HTTP client of one virtual user: at most one connection an origin, kept alive."""

    most_at_once: Final = MOST_AT_ONCE

    def __init__(self, pool: AiohttpPool) -> None:
        self._pool = pool
        self._now_ns = pool.clock.now_ns
        self._session: ClientSession | None = None
        self._connector: GuardedConnector
        self._last: dict[Origin, Watched] = {}

    def another(self) -> AiohttpClient:
        """A client with connections of its own: each has one request under way at a time."""
        return self._pool.client()

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        """Send a request, connecting first if need be, and return what became of it.

        `headers` are whole lines that are added to the request's own. Without `keep_body` the
        response's body is read, counted and thrown away. `turn` returns when it may be sent; here
        it is asked before connecting, as aiohttp does both at once.

        Never raises for what the other side does, and never sends anything twice.

        Raises:
            OSError: a body from disk could not be read to its end.
            Interrupted: cancelled before there was a response.
        """
        if turn is not None:
            await turn()
        wanted_ns = self._now_ns()
        session = self._open_session()
        connector = self._connector
        response = Response(wanted_ns)
        connector.expect(response, request.origin.host)
        body = None if request.body is None else Body(request.body)
        try:
            asking = self._ask(session, request, headers, body)
            reading = self._read(asking, response, max_bytes, keep_body=keep_body)
            await in_time(reading, timeout_ns)
        except TimeoutError:
            response.outcome = "timeout"
            response.problem = (
                TIMED_OUT if connector.connection is not None else no_connection(request.origin)
            )
        except BrokenAnswer as failure:
            response.outcome, response.problem = failure.outcome, str(failure)
        except (ClientError, ConnectFailed, ValueError, OSError) as error:
            if body is not None and body.unreadable is not None:
                raise body.unreadable from None
            self._fail(response, error, request.origin)
        except asyncio.CancelledError:
            raise Interrupted.of(response, self._now_ns()) from None
        finally:
            if body is not None:
                body.stop()
        self._finish(request.origin, response, wanted_ns)
        return response

    def close(self) -> None:
        """Close its connections at once; it can be used again."""
        session, self._session = self._session, None
        if session is not None:
            self._connector.abort_all()
            self._last.clear()
            self._pool.closed(self, session)

    # --- the exchange -----------------------------------------------------------------------

    def _open_session(self) -> ClientSession:
        session = self._session
        if session is None:
            pool = self._pool
            self._connector = GuardedConnector(pool.clock, pool.names, pool.tls)
            session = self._session = ClientSession(
                connector=self._connector,
                cookie_jar=DummyCookieJar(),
                timeout=_NO_TIMEOUT,
                skip_auto_headers=_NOT_ADDED,
                auto_decompress=False,
                request_class=TimedRequest,
                max_line_size=MOST_HEAD_BYTES,
                max_field_size=MOST_HEAD_BYTES,
                max_headers=_MOST_HEADERS,
            )
            session._retry_connection = False  # noqa: SLF001 - nothing is ever sent twice
            pool.opened(self)
        return session

    async def _ask(
        self,
        session: ClientSession,
        request: Request,
        headers: tuple[bytes, ...],
        body: Body | None,
    ) -> ClientResponse:
        origin, proxy = request.origin, self._pool.proxy
        lines = _pairs(b"".join((request.headers, *headers)))
        host, port, server_name = origin.host, origin.port, None
        proxy_headers = None
        if proxy is not None:
            address, instead = self._pool.names.led_to(origin.host)
            if address is not None:  # the proxy does not know what the plan says of names
                host, port, server_name = address, instead or port, origin.host
                lines.insert(0, ("Host", origin.authority))
            if proxy.authorization is not None and origin.scheme == "https":
                proxy_headers = {"Proxy-Authorization": proxy.authorization}
            elif proxy.authorization is not None:
                lines.append(("Proxy-Authorization", proxy.authorization))
        if ":" in host:
            host = f"[{host}]"
        path, _, query = request.target.decode("latin-1").partition("?")
        url = URL.build(
            scheme=origin.scheme, host=host, port=port, path=path, query_string=query, encoded=True
        )
        return await session.request(
            request.method,
            url,
            headers=lines,
            data=body,
            allow_redirects=False,
            server_hostname=server_name,
            proxy=None if proxy is None else str(proxy),
            proxy_headers=proxy_headers,
        )

    async def _read(
        self,
        asking: Awaitable[ClientResponse],
        response: Response,
        max_bytes: int,
        *,
        keep_body: bool,
    ) -> None:
        answer = await asking
        await read_answer(
            answer, self._connector.connection, response, max_bytes, keep_body=keep_body
        )

    # --- its end ----------------------------------------------------------------------------

    def _fail(self, response: Response, error: Exception, origin: Origin) -> None:
        """Set what became of a request by what aiohttp raised."""
        times = self._connector.connecting
        in_handshake = times is not None and times.connecting_ns is not None
        failure = unconnected(error, origin, self._pool.proxy, in_handshake=in_handshake)
        connection = self._connector.connection
        if failure is not None:
            response.outcome, response.problem = failure.outcome, str(failure)
        elif isinstance(error, ValueError):
            response.outcome, response.problem = "protocol", f"aiohttp does not send it: {error}"
        elif connection is None:
            response.outcome, response.problem = "connect", f"{origin}: {error}"
        else:
            response.outcome, response.problem = broken(error, connection, response)

    def _finish(self, origin: Origin, response: Response, wanted_ns: int) -> None:
        """Set its instants, and note the connection that it had."""
        connector = self._connector
        connection, connecting = connector.connection, connector.connecting
        if connection is None:
            response.unsent(response.outcome, response.problem or "", self._now_ns())
            return
        if response.outcome != "ok" or not response.ended_ns:
            response.ended_ns = self._now_ns()
        connection.finish(response)
        if not response.sent_bytes:
            response.unsent(response.outcome, response.problem or "", response.ended_ns)
        if response.outcome != "ok":
            connection.abort()
        proxy = self._pool.proxy
        if proxy is not None and response.status == 407 and response.outcome == "ok":
            answer = "407 Proxy Authentication Required"
            response.outcome, response.problem = "connect", refusal(proxy, 407, answer, origin)
        last = self._last.get(origin)
        if last is not connection:
            response.connecting = connecting
            if connecting is not None:
                connecting.again = last is not None and last.lost
            self._last[origin] = connection
        if connecting is not None and response.outcome == "timeout":
            response.waited_since(wanted_ns)


def _pairs(lines: bytes) -> list[tuple[str, str]]:
    """Header lines as aiohttp takes them."""
    pairs = []
    for line in lines.decode().split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        pairs.append((name, value.strip(" \t")))
    return pairs
