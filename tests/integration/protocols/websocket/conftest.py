"""Connections to servers that play scripted frames, and virtual users that converse with others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.waiting import GENEROUS_S, until
from tests.helpers.websocket_frames import CLOSE, accepted, frame, read_frame
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.http.pool import WirePool
from wedload.protocols.websocket.address import WebSocketAddress
from wedload.protocols.websocket.connecting import SocketConnector
from wedload.protocols.websocket.connection import WebSocketConnection
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings
from wedload.workload.segment import Segment

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


# --- conversations ------------------------------------------------------------------------------


@dataclass
class Chat:
    """The script of a server that converses in JSON, one `handle` a message, and signs in.

    `handle` gives what is sent back: objects as messages, bytes as they are; None closes the
    connection without a word.
    """

    handle: Callable[[dict[str, Any]], list[Any] | None] = lambda _: []
    greeting: tuple[Any, ...] = ()
    headers: tuple[bytes, ...] = ()
    refuses: bytes = b""  # the answer to handshakes, if it refuses them
    heard: list[dict[str, Any]] = field(default_factory=list)
    handshakes: list[str] = field(default_factory=list)
    signed_in: int = 0
    closes: list[int] = field(default_factory=list)  # codes of the client's close frames

    async def __call__(self, peer: Any) -> None:
        while (request := await peer.request()) is not None:
            if b"upgrade: websocket" in request.lower():
                self.handshakes.append(request.decode())
                await self._upgrade(peer, request)
                return
            self.signed_in += 1
            body = json.dumps({"token": f"t{self.signed_in}"}).encode()
            head = f"HTTP/1.1 200 OK\r\nSet-Cookie: who=me\r\nContent-Length: {len(body)}\r\n\r\n"
            await peer.send(head.encode() + body)

    async def _upgrade(self, peer: Any, request: bytes) -> None:
        if self.refuses:
            await peer.send(self.refuses)
            return
        await peer.send(accepted(request, *self.headers) + self._frames(self.greeting))
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client has gone
            await self._converse(peer)

    async def _converse(self, peer: Any) -> None:
        while True:
            opcode, payload, _ = await read_frame(peer.reader)
            if opcode == CLOSE:
                self.closes.append(int.from_bytes(payload[:2]))
                await peer.send(frame(payload, CLOSE))
                return
            self.heard.append(json.loads(payload))
            answers = self.handle(self.heard[-1])
            if answers is None:
                return
            await peer.send(self._frames(answers))

    @staticmethod
    def _frames(messages: Any) -> bytes:
        return b"".join(
            one if isinstance(one, bytes) else frame(json.dumps(one).encode()) for one in messages
        )


@dataclass
class Conversed:
    """What a run of the engine has recorded."""

    summary: Summary
    notes: list[str]

    def outcomes(self, metric: str = "ws_exchanges", step: str = "") -> dict[str, int]:
        where = (("step", step),) if step else ()
        return dict(self.summary.outcomes(metric, where))

    def count(self, metric: str) -> int:
        return self.summary.count(metric)

    def durations(self, metric: str = "ws_duration", step: str = "") -> Any:
        return self.summary.trend(metric, (("step", step),) if step else ())


Converse = Callable[..., Awaitable[Conversed]]


@pytest.fixture
def converse() -> Converse:
    """Run a workflow of these steps by one virtual user against a server, so many times."""

    async def run(
        server: Any,
        *steps: str,
        times: int = 1,
        before: str = "",
        scenario: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> Conversed:
        url = server if isinstance(server, str) else f"http://127.0.0.1:{server.port}"
        workflow = "".join(f"[[workflows.visit]]\n{step}\n" for step in steps)
        scenario = scenario or (
            f'executor = "per-vu-iterations"\nvus = 1\niterations = {times}\ngraceful_stop = "0s"'
        )
        text = f"""
schema = 1
name = "visit"
[targets.here]
base_url = "{url}"
{before}
[scenarios.main]
workflow = "visit"
{scenario}
{workflow}"""
        plan = parse_plan(text, file="plan.toml", base=Path()).plan
        snapshots: list[Any] = []
        engine = Engine(
            plan,
            Settings(target="here", base_url=url),
            segment=Segment(),
            clock=CLOCK,
            http=WirePool(CLOCK),
            emit=snapshots.append,
        )
        await engine.open()
        try:
            async with asyncio.timeout(GENEROUS_S):
                await engine.load(dict(variables or {}))
        finally:
            await engine.close()
        summary = Summary(engine._workload.catalogue)
        notes: list[str] = []
        for snapshot in snapshots:
            summary.add(snapshot)
            notes += snapshot.notes
        return Conversed(summary, notes)

    return run
