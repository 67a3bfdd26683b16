"""A receiver on loopback, and senders that send it bytes.

Every test here runs twice: on uvloop, as the process of the ears does, and on asyncio's own loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import uvloop

from tests.helpers.waiting import GENEROUS_S
from tests.helpers.webhooks import Heard, channel_of, delivery, ear_of

if TYPE_CHECKING:
    import ssl

    from wedload.channels.webhook.receiver import WebhookEar

Listen = Callable[..., Awaitable["Receiver"]]


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Sender:
    """The sender's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def post(
        self, body: bytes = b"", headers: dict[str, str] | None = None, path: str = "/hooks"
    ) -> tuple[int, dict[str, str], bytes]:
        """Deliver, and read the answer."""
        self.writer.write(delivery(body, headers, path))
        return await self.answer()

    async def answer(
        self, *, head_only: bool = False, begun: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """The next answer: status, headers by lower-case name, body; `begun`: what was read."""
        async with asyncio.timeout(GENEROUS_S):
            head = begun + await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode().rstrip("\r\n").split("\r\n")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            length = 0 if head_only else int(headers.get("content-length", 0))
            return int(first.split()[1]), headers, await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that still comes, until the receiver hangs up."""
        async with asyncio.timeout(GENEROUS_S):
            return await self.reader.read()

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Receiver:
    """A receiver that listens, and what it heard."""

    def __init__(self, ear: WebhookEar, hearing: Heard, url: str) -> None:
        self.ear, self.hearing, self.url = ear, hearing, url
        self._senders: list[Sender] = []

    async def sender(self, tls: ssl.SSLContext | None = None) -> Sender:
        """A new connection to it."""
        parts = urlsplit(self.url)
        name = parts.hostname if tls else None
        streams = await asyncio.open_connection(
            parts.hostname, parts.port, ssl=tls, server_hostname=name
        )
        self._senders.append(Sender(*streams))
        return self._senders[-1]

    async def close(self) -> None:
        for sender in self._senders:
            await sender.close()
        await self.ear.close()


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Opens a receiver; keywords are keys of the channel, and `limits` and `unix_s`."""
    receivers: list[Receiver] = []
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: failures.append(what))

    async def start(**keys: Any) -> Receiver:
        options = {name: keys.pop(name) for name in ("limits", "unix_s") if name in keys}
        hearing = Heard()
        ear = ear_of(channel_of(**keys), hearing, **options)
        receivers.append(Receiver(ear, hearing, await ear.listen()))
        return receivers[-1]

    yield start
    for receiver in receivers:
        await receiver.close()
    assert failures == []
