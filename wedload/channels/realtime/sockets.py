"""The WebSockets of a channel's subscribers, or of its publisher: where each leads, and opening it.

Names, addresses, the target guard and TLS are those of requests to the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wedload.channels.realtime.endpoint import EndpointError
from wedload.channels.realtime.phoenix import said
from wedload.channels.realtime.subscriber import (
    JOIN_TIMEOUT_NS,
    MOST_MESSAGE_BYTES,
    Failure,
    JoinFailedError,
    refused,
)
from wedload.protocols.http_clients import tls_context
from wedload.protocols.websocket.address import WebSocketAddress
from wedload.protocols.websocket.connecting import SocketConnector
from wedload.protocols.websocket.connection import WebSocketConnection
from wedload.protocols.websocket.opening import WebSocketError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.realtime.endpoint import Endpoint, Endpoints
    from wedload.clock import Clock
    from wedload.plan.model import Target
    from wedload.safety.target_guard import TargetGuard

#: statuses that are no errors, and no 101 either
_WELL: Final = range(200, 300)


class Connecting(Protocol):
    """What is asked for how to connect; an `EarContext` is one."""

    @property
    def target(self) -> Target:
        """The target."""

    @property
    def guard(self) -> TargetGuard:
        """Says where the channel may go."""

    @property
    def clock(self) -> Clock:
        """The time."""


def connector_to(context: Connecting) -> SocketConnector:
    """How a channel connects to a target: where its names lead, where it may go, and its TLS.

    Raises:
        OSError: a file of the target's `tls` cannot be read; says which.
    """
    target = context.target
    hosts = {host.name: (host.address, host.port) for host in target.hosts}
    return SocketConnector(context.clock, tls_context(target.tls), hosts, None, context.guard)


class Sockets:
    """Opens the WebSockets of a channel."""

    def __init__(self, endpoints: Endpoints, connector: SocketConnector, clock: Clock) -> None:
        self._endpoints = endpoints
        self._connector = connector
        self._clock = clock

    async def open(
        self,
        number: int,
        on_message: Callable[[bytes, bool, int], None],
        on_end: Callable[[int | None, str, int], None],
    ) -> WebSocketConnection:
        """A connection for a subscriber; see `WebSocketConnection.open`.

        Raises:
            JoinFailedError: there is none.
        """
        try:
            endpoint = self._endpoints.of(number)
        except EndpointError as error:
            raise JoinFailedError(Failure("url", str(error), final=True)) from None
        try:
            return await WebSocketConnection.open(
                WebSocketAddress(endpoint.origin, endpoint.target.decode()),
                connector=self._connector,
                timeout_ns=JOIN_TIMEOUT_NS,
                clock=self._clock,
                on_message=on_message,
                on_end=on_end,
                max_message_bytes=MOST_MESSAGE_BYTES,
                headers=endpoint.headers,
            )
        except WebSocketError as error:
            raise JoinFailedError(_unopened(error, endpoint)) from None

    def redacted(self, number: int, text: str) -> str:
        """What a server says to a subscriber, without what nobody may read."""
        return self._endpoints.of(number).redacted(text)


def _unopened(error: WebSocketError, endpoint: Endpoint) -> Failure:
    if error.outcome == "status" and error.status in _WELL:  # its body is no reason
        text = f"{endpoint.url} answered with status {error.status}, and opens no WebSocket"
        return Failure(f"status {error.status}", text, final=True)
    if error.outcome == "status":
        return refused(
            endpoint.redacted(endpoint.url), error.status, endpoint.redacted(said(error.body))
        )
    return Failure(error.outcome, endpoint.redacted(str(error)), final=error.outcome == "blocked")
