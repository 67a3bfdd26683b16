"""Ears on servers of loopback. Every test here runs twice: on uvloop, and on asyncio's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from tests.helpers.phoenix_server import PhoenixServer
from tests.helpers.realtime import Notebook, ear_context
from wedload.channels.realtime.ear import RealtimeEar

if TYPE_CHECKING:
    from wedload.plan.channels import Channel


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Listening:
    """An ear, and what it has told."""

    def __init__(self, ear: RealtimeEar, book: Notebook) -> None:
        self.ear = ear
        self.book = book
        self.progress: list[tuple[int, int]] = []

    async def join(self) -> list[str]:
        return await self.ear.join(lambda joined, of: self.progress.append((joined, of)))

    @property
    def present(self) -> int:
        """How many have joined, and not left since."""
        return sum(1 if what == "joined" else -1 for what, _, _ in self.book.stays)


Listen = Callable[..., Listening]


@pytest.fixture
async def server() -> AsyncIterator[PhoenixServer]:
    one = PhoenixServer()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def ear_on() -> AsyncIterator[Listen]:
    """Make ears; they are closed afterwards."""
    made: list[RealtimeEar] = []

    def make(channel: Channel, base_url: str, **said: Any) -> Listening:
        book = Notebook()
        ear = RealtimeEar(ear_context(channel, base_url, hearing=book, **said))
        made.append(ear)
        return Listening(ear, book)

    yield make
    for ear in made:
        await ear.close()


@pytest.fixture
def soon(monkeypatch) -> None:
    """Another attempt comes after some ms, and not after seconds."""
    monkeypatch.setattr("wedload.channels.realtime.schedule._FIRST_WAIT_NS", 10_000_000)
