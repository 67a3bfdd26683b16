"""A third party on loopback, clients that send it bytes, and what it tells of them.

Every test here runs twice: on uvloop, as the process of the third parties does, and on asyncio's
own loop.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import uvloop

from tests.helpers.faults import ByHand, flows_by
from tests.helpers.waiting import GENEROUS_S, until
from wedload.alarm import Alarm
from wedload.simulators.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from wedload.plan.third_parties import Dependency
    from wedload.simulators.attempt import Attempt
    from wedload.simulators.limits import Limits


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    loops = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
    if item.path.stem == "test_latencies":  # which take their time
        del loops["asyncio"]
    return loops


Answer = tuple[int, dict[str, str], bytes]


class Peer:
    """A client's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, line: str, body: Any = None, **headers: str) -> None:
        """Send a request; a body that is no bytes is JSON."""
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        named = {"host": "x", "authorization": "Bearer a-token", **headers}
        if body is not None:
            named["content-length"] = str(len(data))
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
        self.writer.write("\r\n".join([f"{line} HTTP/1.1", *lines, "", ""]).encode() + data)

    async def ask(self, line: str, body: Any = None, **headers: str) -> Answer:
        self.send(line, body, **headers)
        return await self.answer()

    async def answer(self, *, head_only: bool = False) -> Answer:
        """The next answer: status, headers by lower-case name, body."""
        async with asyncio.timeout(GENEROUS_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode().rstrip("\r\n").split("\r\n")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            length = 0 if head_only else int(headers.get("content-length", 0))
            return int(first.split()[1]), headers, await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that still comes, until the connection is closed."""
        async with asyncio.timeout(GENEROUS_S):
            return await self.reader.read()

    def hang_up(self) -> None:
        self.writer.close()


@dataclass
class Party:
    """A third party that is played."""

    simulator: Simulator
    faults: ByHand
    told: list[Attempt]
    port: int
    peers: list[Peer] = field(default_factory=list)

    async def peer(self) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self.peers.append(peer)
        return peer

    async def tells(self, number: int) -> list[Attempt]:
        """Its attempts, as soon as there are so many."""
        await until(lambda: len(self.told) >= number)
        assert len(self.told) == number
        return self.told


@pytest.fixture
async def play() -> AsyncIterator[Callable[..., Awaitable[Party]]]:
    parties: list[Party] = []
    alarms: list[Alarm] = []

    async def begin(
        dependency: Dependency, *, name: str = "party", limits: Limits | None = None, **more: Any
    ) -> Party:
        told: list[Attempt] = []
        faults = ByHand()
        alarm = Alarm(asyncio.get_running_loop())
        alarms.append(alarm)
        simulator = Simulator(
            name,
            dependency,
            told=told.append,
            injections=faults,
            make_flows=flows_by(faults, alarm, name),
            limits=limits,
            **more,
        )
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        await simulator.open(listener)
        parties.append(Party(simulator, faults, told, listener.getsockname()[1]))
        return parties[-1]

    yield begin
    for party in parties:
        await party.simulator.close()
        for peer in party.peers:
            peer.hang_up()
    for alarm in alarms:
        alarm.close()
