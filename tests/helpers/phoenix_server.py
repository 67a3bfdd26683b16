"""A server of Phoenix channels on loopback, as Supabase's speaks, that does as a test tells it.

It shares no code with what is tested: frames are written here anew.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(eq=False)
class Client:
    """One connection."""

    socket: web.WebSocketResponse
    vsn: str
    joined: dict[str, str] = field(default_factory=dict)  # topic -> join_ref
    beats: int = 0

    async def say(
        self, topic: str, event: str, payload: Any, ref: str | None = None, join: str | None = None
    ) -> None:
        if self.socket.closed:
            return
        if self.vsn == "2.0.0":
            frame: Any = [join, ref, topic, event, payload]
        else:
            frame = {"topic": topic, "event": event, "payload": payload, "ref": ref}
            frame["join_ref"] = join
        await self.socket.send_str(json.dumps(frame))

    async def reply(self, topic: str, ref: str, status: str, response: Any) -> None:
        payload = {"status": status, "response": response}
        await self.say(topic, "phx_reply", payload, ref, self.joined.get(topic, ref))


class PhoenixServer:
    """Let everybody in, unless a test says otherwise."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.requests: list[web.Request] = []
        self.joins: list[dict[str, Any]] = []
        self.pushed: list[tuple[str, str, Any]] = []  # topic, event, payload
        self.answer: Callable[[web.Request], web.Response | None] = lambda _: None
        self.refusal: Callable[[int], str | None] = lambda _: None  # of the n-th join, from 1
        self.push_refusal: str | None = None
        self.answers_joins = self.answers_beats = self.answers_pushes = True
        self.tells_changes = True
        self.joining = self.most_joining = 0  # asked, and not answered yet
        self.join_delay_s = 0.0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        for client in self.clients:
            await client.socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    # --- what a test has it do ----------------------------------------------------------------

    def members(self, topic: str) -> list[Client]:
        return [one for one in self.clients if topic in one.joined and not one.socket.closed]

    async def tell(self, topic: str, event: str, payload: Any) -> None:
        """Say something to all on a topic."""
        for client in self.members(topic):
            await client.say(topic, event, payload)

    async def broadcast(self, topic: str, event: str, payload: Any) -> None:
        await self.tell(
            topic, "broadcast", {"type": "broadcast", "event": event, "payload": payload}
        )

    async def change(self, topic: str, record: Any, kind: str = "INSERT") -> None:
        """A row has changed; each subscription has an id of its own."""
        for number, client in enumerate(self.members(topic)):
            data = {"type": kind, "schema": "public", "table": "orders", "record": record}
            await client.say(topic, "postgres_changes", {"ids": [number], "data": data})

    async def end(self, topic: str, event: str = "phx_close", *, stale: bool = False) -> None:
        """End the channel of everybody on a topic, or say so of an earlier one."""
        for client in self.members(topic):
            ref = "0" if stale else client.joined.pop(topic)
            await client.say(topic, event, {}, ref, ref)

    async def drop(self, code: int = 1001) -> None:
        """Close every connection."""
        for client in list(self.clients):
            await client.socket.close(code=code)

    # --- inside -------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if (answer := self.answer(request)) is not None:
            return answer
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        client = Client(socket, request.query.get("vsn", "1.0.0"))
        self.clients.append(client)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(client, json.loads(message.data))
        finally:
            self.clients.remove(client)
        return socket

    async def _take(self, client: Client, frame: Any) -> None:
        if client.vsn != "2.0.0":
            frame = [frame[name] for name in ("join_ref", "ref", "topic", "event", "payload")]
        _, ref, topic, event, payload = frame
        if topic == "phoenix":
            client.beats += 1
            if self.answers_beats:
                await client.reply(topic, ref, "ok", {})
        elif event == "phx_join":
            await self._join(client, topic, ref, payload)
        else:
            self.pushed.append((topic, event, payload))
            if not self.answers_pushes:
                return
            if self.push_refusal is not None:
                await client.reply(topic, ref, "error", {"reason": self.push_refusal})
            else:
                await client.reply(topic, ref, "ok", {})

    async def _join(self, client: Client, topic: str, ref: str, payload: Any) -> None:
        self.joins.append(payload)
        number = len(self.joins)
        self.joining += 1
        self.most_joining = max(self.most_joining, self.joining)
        await asyncio.sleep(self.join_delay_s)
        self.joining -= 1
        if not self.answers_joins:
            return
        if (reason := self.refusal(number)) is not None:
            await client.reply(topic, ref, "error", {"reason": reason})
            return
        client.joined[topic] = ref
        asked = payload.get("config", {}).get("postgres_changes", [])
        changes = [{**one, "id": number} for number, one in enumerate(asked)]
        await client.reply(topic, ref, "ok", {"postgres_changes": changes})
        if asked and self.tells_changes:
            await self.system(client, topic, "ok", "Subscribed to PostgreSQL")

    async def system(
        self,
        client: Client,
        topic: str,
        status: str,
        message: str,
        extension: str = "postgres_changes",
    ) -> None:
        payload = {"status": status, "message": message, "extension": extension, "channel": "x"}
        await client.say(topic, "system", payload)
