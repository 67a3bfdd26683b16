"""Connections to servers that play scripted frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.helpers.waiting import GENEROUS_S, until
from tests.helpers.websocket_frames import accepted
from wedload.clock import MonotonicClock
from wedload.protocols.websocket.address import WebSocketAddress
from wedload.protocols.websocket.connecting import SocketConnector
from wedload.protocols.websocket.connection import WebSocketConnection
from wedload.units import NS_PER_S

CLOCK = MonotonicClock()


class Heard:
    """A connection, and what it has told."""

    def __init__(self) -> None:
        self.connection: WebSocketConnection
        self.messages: list[tuple[bytes, bool]] = []
        self.stamps: list[int] = []
        self.ends: list[tuple[int | None, str]] = []
        self.ended_ns = 0

    def on_message(self, data: bytes, is_text: bool, at_ns: int) -> None:
        self.messages.append((data, is_text))
        self.stamps.append(at_ns)

    def on_end(self, code: int | None, reason: str, at_ns: int) -> None:
        self.ends.append((code, reason))
        self.ended_ns = at_ns

    @property
    def texts(self) -> list[bytes]:
        return [data for data, _ in self.messages]

    async def heard(self, number: int) -> None:
        """Return when so many messages have come."""
        await until(lambda: len(self.messages) >= number)

    async def end(self) -> tuple[int | None, str]:
        """How it has ended, when it has."""
        await until(lambda: bool(self.ends))
        return self.ends[0]


Connect = Callable[..., Awaitable[Heard]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Open connections to a server of `serve`; they are closed afterwards."""
    made: list[Heard] = []

    async def open_to(where: Any, path: str = "/ws", **settings: Any) -> Heard:
        heard = Heard()
        url = where if isinstance(where, str) else f"{where.scheme}://127.0.0.1:{where.port}{path}"
        connector = settings.pop("connector", None) or SocketConnector(CLOCK, None, {}, None)
        defaults = {
            "timeout_ns": GENEROUS_S * NS_PER_S,
            "max_message_bytes": 1_000_000,
            "on_message": heard.on_message,
            "on_end": heard.on_end,
        }
        heard.connection = await WebSocketConnection.open(
            WebSocketAddress.parse(url),
            connector=connector,
            clock=CLOCK,
            **{**defaults, **settings},
        )
        made.append(heard)
        return heard

    yield open_to
    for heard in made:
        heard.connection.abort()
    await asyncio.sleep(0.02)  # what they say at their end


@pytest.fixture
def upgraded() -> Callable[..., Any]:
    """A script that upgrades the connection, and goes on with another."""

    def script(play: Callable[[Any], Awaitable[None]], *headers: bytes) -> Any:
        async def all_of_it(peer: Any) -> None:
            request = await peer.request()
            assert request is not None
            await peer.send(accepted(request, *headers))
            await play(peer)

        return all_of_it

    return script


async def to_the_end(peer: Any) -> None:
    """Wait for the client to go."""
    await peer.gone()
