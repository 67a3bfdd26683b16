"""A bare client of Phoenix channels, which sees every frame as it came."""

from __future__ import annotations

import asyncio
import itertools
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

DEADLINE_S = 60


class Phoenix:
    """One connection; in both versions, messages come as objects."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, version: int) -> None:
        self.ws = ws
        self.version = version
        self._refs = itertools.count(1)

    async def send(self, topic: str, event: str, payload: Any, join_ref: str | None = None) -> str:
        """Say it; its reference."""
        ref = str(next(self._refs))
        message: Any = [join_ref, ref, topic, event, payload]
        if self.version == 1:
            names = ("join_ref", "ref", "topic", "event", "payload")
            message = dict(zip(names, message, strict=True))
        await self.ws.send_str(json.dumps(message))
        return ref

    async def get(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(DEADLINE_S):
            message = await self.ws.receive_json()
        if self.version == 2:
            return dict(zip(("join_ref", "ref", "topic", "event", "payload"), message, strict=True))
        assert set(message) == {"topic", "event", "payload", "ref"}
        return message

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The messages up to the first that is wanted, with it."""
        messages = [await self.get()]
        while not wanted(messages[-1]):
            messages.append(await self.get())
        return messages

    async def ask(self, topic: str, event: str, payload: Any, **more: Any) -> dict[str, Any]:
        """Say it; the payload of the reply, all before which is let go."""
        ref = await self.send(topic, event, payload, **more)
        replies = await self.until(lambda got: got["event"] == "phx_reply" and got["ref"] == ref)
        return replies[-1]["payload"]

    async def join(self, topic: str, token: str | None = None, **config: Any) -> dict[str, Any]:
        """Join it; the payload of the reply."""
        payload: dict[str, Any] = {"config": config}
        if token is not None:
            payload["access_token"] = token
        return await self.ask(topic, "phx_join", payload)

    async def broadcast(self, topic: str, event: str, payload: Any) -> str:
        """Tell the others on the topic; its reference."""
        message = {"type": "broadcast", "event": event, "payload": payload}
        return await self.send(topic, "broadcast", message)

    async def silence(self) -> list[dict[str, Any]]:
        """What had been sent to this connection by now, told by the reply to a heartbeat."""
        ref = await self.send("phoenix", "heartbeat", {})
        return (await self.until(lambda got: got["topic"] == "phoenix" and got["ref"] == ref))[:-1]


@asynccontextmanager
async def phoenix(
    http: aiohttp.ClientSession, url: str, apikey: str, version: int = 1
) -> AsyncIterator[Phoenix]:
    """A connection to the server at `url`."""
    query = {"apikey": apikey, "vsn": f"{version}.0.0"}
    async with http.ws_connect(f"{url}/realtime/v1/websocket", params=query) as ws:
        yield Phoenix(ws, version)
