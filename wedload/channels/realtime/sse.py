"""A subscriber to an event stream (server-sent events), over HTTP by aiohttp.

It comes back with the id of the event that it got last, so that a server can send what it missed.

Source: WHATWG HTML, section 9.2 "Server-sent events".
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout
from yarl import URL

from wedload.channels.realtime.endpoint import EndpointError
from wedload.channels.realtime.event_stream import EventStream, fields_of
from wedload.channels.realtime.phoenix import said
from wedload.channels.realtime.stamped import StampedConnector, StampedHandler
from wedload.channels.realtime.subscriber import (
    JOIN_TIMEOUT_NS,
    Failure,
    JoinFailedError,
    refused,
)
from wedload.protocols.http.connecting import ConnectFailed, reason_of
from wedload.units import NS_PER_MS, NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from aiohttp import ClientResponse

    from wedload.channels.port import Hearing
    from wedload.channels.realtime.endpoint import Endpoint, Endpoints
    from wedload.channels.realtime.once import Known
    from wedload.channels.realtime.subscriber import Crowd
    from wedload.clock import Clock
    from wedload.protocols.websocket.connecting import SocketConnector

_ASKED: Final = {
    "accept": "text/event-stream",
    "accept-encoding": "identity",
    "cache-control": "no-cache",
}
_EVENT_STREAM: Final = "text/event-stream"
_NO_TIMEOUT: Final = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
_MOST_SAID_BYTES: Final = 2_000
_OK: Final = 200
#: by which a server tells a client not to come back
_NO_CONTENT: Final = 204


class EventStreams:
    """The connections of a channel's subscribers."""

    def __init__(self, endpoints: Endpoints, connector: SocketConnector, clock: Clock) -> None:
        self.endpoints = endpoints
        self._connector = connector
        self._clock = clock
        self._session: ClientSession | None = None

    async def ask(self, endpoint: Endpoint, last_id: str) -> ClientResponse:
        """The answer to a request for the stream. Raises what aiohttp does, or ConnectFailed."""
        if self._session is None:
            connector = StampedConnector(
                self._clock.now_ns, self._connector, self._connector.context
            )
            self._session = ClientSession(connector=connector, timeout=_NO_TIMEOUT)
        headers = {**_ASKED, **dict(endpoint.headers)}
        if last_id:
            headers["last-event-id"] = last_id
        url = URL(f"{endpoint.origin}{endpoint.target.decode()}", encoded=True)
        return await self._session.get(url, headers=headers, allow_redirects=False)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # transports close on the next turn of the loop


class SseSubscriber:
    """One subscriber; a `Subscriber`."""

    def __init__(
        self,
        number: int,
        streams: EventStreams,
        known: Known,
        hearing: Hearing,
        crowd: Crowd,
        clock: Clock,
    ) -> None:
        self._number = number
        self._streams = streams
        self._known = known
        self._hearing = hearing
        self._crowd = crowd
        self._now_ns = clock.now_ns
        self._response: ClientResponse | None = None
        self._handler: StampedHandler | None = None  # None: all of it came with the head
        self._joined_ns = 0
        self._last_id = ""
        self.retry_ns: int | None = None

    async def join(self) -> None:
        """Ask for the stream; it has joined when the answer says that it is one."""
        try:
            endpoint = self._streams.endpoints.of(self._number)
        except EndpointError as error:
            raise JoinFailedError(Failure("url", str(error), final=True)) from None
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_NS / NS_PER_S):
                response = await self._streams.ask(endpoint, self._last_id)
                await self._accept(response, endpoint)
        except TimeoutError:
            waited = format_duration_ns(JOIN_TIMEOUT_NS)
            text = f"{endpoint.url} did not answer within {waited}"
            raise JoinFailedError(Failure("timeout", text)) from None
        except (ConnectFailed, ClientError, OSError, ValueError) as error:
            failure = _unconnected(error)
            text = endpoint.redacted(f"{endpoint.url}: {failure.text}")
            raise JoinFailedError(Failure(failure.reason, text, final=failure.final)) from None

    async def lost(self) -> None:
        """Read the stream, and return when it is over."""
        response, handler = self._response, self._handler
        if response is None:
            return
        stream, failure = EventStream(), Failure("ended", "the server ended the stream")
        try:
            while data := await response.content.readany():
                for event in stream.feed(data):
                    self._take(event, self._joined_ns if handler is None else handler.read_ns)
                if stream.overlong:
                    failure = Failure("too_large", "an event is longer than any should be")
                    break
        except (ClientError, OSError) as error:
            failure = Failure("reset", f"the stream broke off: {reason_of(error)}")
        whole_lines = stream.rest.rpartition(b"\n")[0]
        self._wait_as_told(fields_of(whole_lines).retry_ms)
        self._drop()
        self._crowd.left(self._number, self._now_ns(), failure)

    def beat(self, at_ns: int) -> None:
        """Nothing: an event stream goes one way."""

    async def close(self) -> None:
        """End its connection, and tell nobody."""
        self._drop()

    async def _accept(self, response: ClientResponse, endpoint: Endpoint) -> None:
        try:
            failure = await _refusal(response, endpoint)
        except BaseException:
            response.close()
            raise
        connection = response.connection
        handler = None if connection is None else connection.protocol
        if failure is not None:
            response.close()
            raise JoinFailedError(failure)
        self._response = response
        self._handler = handler if isinstance(handler, StampedHandler) else None
        self._joined_ns = self._now_ns() if self._handler is None else self._handler.read_ns
        self._crowd.joined(self._number, self._joined_ns)

    def _take(self, event: bytes, at_ns: int) -> None:
        """An event has come."""
        told = self._known.of(event, at_ns)
        fields = told.fields
        if fields is not None:
            self._wait_as_told(fields.retry_ms)
            if fields.id is not None:
                self._last_id = fields.id
        if told.message is None:
            return
        if told.key is None:
            self._hearing.unexpected(told.message)
        else:
            self._hearing.heard(told.key, at_ns, self._number, told.place, told.message)

    def _wait_as_told(self, retry_ms: int | None) -> None:
        if retry_ms is not None:
            self.retry_ns = retry_ms * NS_PER_MS

    def _drop(self) -> None:
        response, self._response = self._response, None
        if response is not None:
            response.close()


async def _refusal(response: ClientResponse, endpoint: Endpoint) -> Failure | None:
    """Why an answer is no event stream; None: it is one."""
    if response.status == _NO_CONTENT:
        return Failure("status 204", f"{endpoint.url} answered: do not come back", final=True)
    if response.status != _OK:
        told = said(await response.content.read(_MOST_SAID_BYTES))
        return refused(endpoint.redacted(endpoint.url), response.status, endpoint.redacted(told))
    if response.content_type != _EVENT_STREAM:
        text = f"{endpoint.url} sends {response.content_type}, and no {_EVENT_STREAM}"
        return Failure("no event stream", text, final=True)
    return None


def _unconnected(error: Exception) -> Failure:
    match error:
        case ConnectFailed():
            return Failure(error.outcome, str(error), final=error.outcome == "blocked")
        case ClientConnectorError() if isinstance(error.os_error, ssl.SSLError):
            return Failure("tls", reason_of(error.os_error))
        case ClientConnectorError():
            return Failure("connect", reason_of(error.os_error))
    return Failure("protocol", reason_of(error))
