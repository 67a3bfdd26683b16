"""Those who talk to the ears: a realtime server, and a sender of webhooks, as cheap as they can be.

`python -m benchmarks.talking room|sender`; a room prints its port first. Then each line of JSON on
the input is a `Talk`: what is said is made, `ready` is printed, the next line starts it, and a line
of JSON tells how it went. What is said is expected of the ears over their link, as a load process
would do it, from the instant before it is written. The end of the input ends all of it.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import uvloop
from aiohttp import web

from benchmarks.figures import percentile
from wedload.channels.link import Link
from wedload.clock import MonotonicClock
from wedload.engine.health import raise_descriptor_limit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TOPIC = "realtime:room"
_FIRST_CHANNEL = 0
_NS_PER_S = 1_000_000_000
_LONG_FRAME = 126  # from here on a frame's length takes two bytes more; RFC 6455, 5.2
_ANSWERED_S = 30.0  # for how long the last answers are waited for
_FIELDS = 8  # of a form in a webhook: about 1 kB


@dataclass(frozen=True, slots=True)
class Talk:
    """What is to be said."""

    link: str  # the socket at which the ears are told what to expect
    series: int
    within_s: float
    count: int  # messages at most
    rate: float  # messages/s; 0: as fast as it can
    seconds: float  # after which a talk without a rate ends
    url: str = ""  # of the receiver
    secret: str = ""  # the key of its signatures, as base64
    connections: int = 0


class Expecting:
    """Tells the ears what is to come."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._within_ns = round(talk.within_s * _NS_PER_S)
        self._link = Link(lambda _link, _answers: None, lambda _link: None)

    async def open(self) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self._link, self._talk.link)

    def tell(self, key: str, since_ns: int) -> None:
        """A message with this key is on its way."""
        due_ns = since_ns + self._within_ns
        self._link.say((_FIRST_CHANNEL, key, since_ns, due_ns, self._talk.series, 0, -1, False))

    def close(self) -> None:
        """Tell the rest, and hang up."""
        self._link.close()


class Pace:
    """When each message is due, and how late they were."""

    def __init__(self, talk: Talk) -> None:
        self._clock = MonotonicClock()
        self._step_ns = _NS_PER_S / talk.rate if talk.rate else 0.0
        self._begun_ns = self._clock.now_ns()
        self._cpu_s = time.process_time()
        self._until_ns = self._begun_ns + talk.seconds * _NS_PER_S
        self._late_ns: list[int] = []

    def over(self) -> bool:
        """Whether a talk without a rate has lasted long enough; one with a rate is never cut."""
        return not self._step_ns and self._clock.now_ns() >= self._until_ns

    async def turn(self, number: int) -> int:
        """Wait until a message is due; the instant at which it can be said."""
        due_ns = round(self._begun_ns + number * self._step_ns)
        await self._clock.sleep_until(due_ns)
        now_ns = self._clock.now_ns()
        self._late_ns.append(now_ns - due_ns)
        return now_ns

    def told(self) -> dict[str, Any]:
        """How it went so far."""
        seconds = (self._clock.now_ns() - self._begun_ns) / _NS_PER_S
        late_ms = percentile(self._late_ns, 0.99) / 1e6 if self._step_ns else None
        cpu = (time.process_time() - self._cpu_s) / seconds
        return {"said": len(self._late_ns), "seconds": seconds, "late_ms": late_ms, "cpu": cpu}


# --- realtime -----------------------------------------------------------------------------------


class Room:
    """A server of Supabase's protocol, version 1, with one topic."""

    def __init__(self) -> None:
        self._joined: list[asyncio.Transport] = []

    async def listen(self) -> int:
        """Let subscribers in; the port."""
        app = web.Application()
        app.router.add_get("/realtime/v1/websocket", self._serve)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        return int(runner.addresses[0][1])

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        transport = cast("asyncio.Transport", request.transport)
        try:
            async for message in socket:  # joins, and heartbeats
                frame = json.loads(message.data)
                response = {"status": "ok", "response": {"postgres_changes": []}}
                await socket.send_json(
                    {**frame, "event": "phx_reply", "payload": response}  # with its ref
                )
                if frame["event"] == "phx_join":
                    self._joined.append(transport)
        finally:
            if transport in self._joined:
                self._joined.remove(transport)
        return socket

    async def talk(self, talk: Talk, ready: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        """Say every message to all."""
        run = time.time_ns()
        frames = [(f"{run}-{n}", _broadcast(f"{run}-{n}", n)) for n in range(talk.count)]
        expecting = Expecting(talk)
        await expecting.open()
        await ready()
        pace, writing_ns = Pace(talk), list[int]()
        for number, (key, frame) in enumerate(frames):
            since_ns = await pace.turn(number)
            for transport in self._joined:
                transport.write(frame)  # at once: this is asyncio's own loop, not uvloop
            writing_ns.append(time.perf_counter_ns() - since_ns)
            expecting.tell(key, since_ns)
            await asyncio.sleep(0)  # one that is late does not wait anywhere else
        while any(transport.get_write_buffer_size() for transport in self._joined):
            await asyncio.sleep(0.001)
        told = pace.told()
        expecting.close()
        return {**told, "writing_ms": percentile(writing_ns, 0.5) / 1e6}


def _broadcast(key: str, number: int) -> bytes:
    """The frame of a broadcast, which is the same for everybody."""
    note = {"id": key, "n": number, "text": "The florist has confirmed the arch for noon."}
    payload = {"type": "broadcast", "event": "note", "payload": note}
    message = {"topic": TOPIC, "event": "broadcast", "payload": payload, "ref": None}
    data = json.dumps(message, separators=(",", ":")).encode()
    size = len(data)
    length = bytes([size]) if size < _LONG_FRAME else b"\x7e" + size.to_bytes(2, "big")
    return b"\x81" + length + data


# --- webhooks -----------------------------------------------------------------------------------


class _Connection(asyncio.Protocol):
    """A connection of the sender: one delivery at a time."""

    def __init__(self, answered: Callable[[_Connection, int], None]) -> None:
        self._answered = answered
        self._read = b""
        self.write: Callable[[bytes], None]
        self.close: Callable[[], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writing = cast("asyncio.Transport", transport)
        self.write, self.close = writing.write, writing.close

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if end and len(body) == int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0]):
            self._read = b""
            self._answered(self, int(head[9:12]))


class Sender:
    """Delivers webhooks that were signed before."""

    async def talk(self, talk: Talk, ready: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        """Send every delivery, as soon as it is due and a connection is free."""
        deliveries = _deliveries(talk)
        idle: deque[_Connection] = deque()
        statuses: Counter[int] = Counter()
        freed = asyncio.Event()

        def answered(connection: _Connection, status: int) -> None:
            statuses[status] += 1
            idle.append(connection)
            freed.set()

        loop, receiver = asyncio.get_running_loop(), urlsplit(talk.url)
        for _ in range(talk.connections):
            _, connection = await loop.create_connection(
                lambda: _Connection(answered), str(receiver.hostname), receiver.port or 80
            )
            idle.append(connection)
        expecting = Expecting(talk)
        await expecting.open()
        await ready()
        pace = Pace(talk)
        for number, (key, request) in enumerate(deliveries):
            while not idle:
                freed.clear()
                await freed.wait()
            if pace.over():
                break
            since_ns = await pace.turn(number)
            idle.popleft().write(request)
            expecting.tell(key, since_ns)
        async with asyncio.timeout(_ANSWERED_S):
            while len(idle) < talk.connections:
                freed.clear()
                await freed.wait()
        told = pace.told()
        for connection in idle:
            connection.close()
        expecting.close()
        return {**told, "statuses": statuses}


def _deliveries(talk: Talk) -> list[tuple[str, bytes]]:
    """Keys, and whole requests; signed as the specification of Standard Webhooks says."""
    secret, url = base64.b64decode(talk.secret), urlsplit(talk.url)
    stamp, run = int(time.time()), time.time_ns()
    fields = [
        {"name": f"field-{n}", "label": "What shall the florist bring?", "value": "Peonies " * 4}
        for n in range(_FIELDS)
    ]
    found = []
    for number in range(talk.count):
        key = f"{run}-{number}"
        data = {"reference": key, "fields": fields}
        content = {"type": "supplier.updated", "timestamp": stamp, "data": data}
        body = json.dumps(content, separators=(",", ":")).encode()
        signed = hmac.digest(secret, f"msg_{key}.{stamp}.".encode() + body, "sha256")
        head = (
            f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: benchmark\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"webhook-id: msg_{key}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: v1,{base64.b64encode(signed).decode()}\r\n\r\n"
        )
        found.append((key, head.encode() + body))
    return found


# --- the process --------------------------------------------------------------------------------


async def _obey(talker: Room | Sender) -> None:
    async def ready() -> None:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await talker.talk(Talk(**json.loads(line)), ready)), flush=True)


async def _room() -> None:
    room = Room()
    print(await room.listen(), flush=True)
    await _obey(room)


if __name__ == "__main__":
    raise_descriptor_limit()
    if sys.argv[1] == "room":
        asyncio.run(_room())
    else:
        uvloop.run(_obey(Sender()))
