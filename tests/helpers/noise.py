"""Servers that send whatever they are told, and what has to hold of any answer to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import uvloop

from wedload.units import NS_PER_S
from wedload.workload.request import Origin, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.protocols.http.response import Response

MAX_BYTES = 10_000
OUTCOMES = {"ok", "reset", "protocol", "too_large"}
LOOPS = [uvloop.new_event_loop, asyncio.new_event_loop]


class NoisyServer:
    """Sends its `noise` to whoever connects and asks, then closes.

    `make_pool` makes the clients that ask; `hears` reads what has to have come before the noise.
    """

    def __init__(
        self,
        runner: asyncio.Runner,
        make_pool: Callable[[], Any],
        hears: Callable[[asyncio.StreamReader], Awaitable[bytes]],
    ) -> None:
        self.runner = runner
        self.noise = b""
        self.asked = 0
        self._make_pool, self._hears = make_pool, hears
        runner.run(self._start())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.pool = self._make_pool()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._hears(reader)
            self.asked += 1
            writer.write(self.noise)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()

    async def ask(self, method: str, at_once: int = 1) -> list[Response]:
        """The same request so many times at once, by one client; the answers."""
        request = Request(Origin("http", "127.0.0.1", self.port), method, b"/", b"", None)
        client = self.pool.client()
        try:
            async with asyncio.timeout(30):
                return await asyncio.gather(
                    *(
                        client.exchange(request, (), 60 * NS_PER_S, MAX_BYTES)
                        for _ in range(at_once)
                    )
                )
        finally:
            client.close()

    async def stop(self) -> None:
        """Close both ends."""
        await self.pool.close()
        self._server.close()


def check_sound(response: Response) -> None:
    """It ended with an outcome, and its times and sizes are possible."""
    assert response.outcome in OUTCOMES
    assert (response.outcome == "ok") is (response.problem is None)
    assert response.started_ns <= response.sent_ns <= response.first_byte_ns <= response.ended_ns
    assert len(response.body) <= MAX_BYTES
    if response.outcome == "ok":
        assert response.status >= 200
