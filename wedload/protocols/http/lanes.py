"""Lanes: how many requests of one virtual user can be on the way to a host at the same time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: connections of a browser to one host (Chromium and Firefox, with HTTP/1.1)
MOST_AT_ONCE: Final = 6


class Closable(Protocol):
    """What sends a request, one at a time."""

    def close(self) -> None:
        """Close its connections at once."""


Lane = TypeVar("Lane", bound=Closable)


class Lanes(Generic[Lane]):
    """Lanes to one host, made when they are first needed; the one used last is used next."""

    def __init__(self, make: Callable[[], Lane], most_at_once: int = MOST_AT_ONCE) -> None:
        self._make = make
        self._made: list[Lane] = []
        self._idle: list[Lane] = []
        self._free = asyncio.Semaphore(most_at_once)

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[Lane]:
        """A lane of one's own, as soon as one is free."""
        async with self._free:
            if not self._idle:
                self._made.append(self._make())
                self._idle.append(self._made[-1])
            lane = self._idle.pop()
            try:
                yield lane
            finally:
                self._idle.append(lane)

    def close(self) -> None:
        """Close the connections of all lanes at once."""
        for lane in self._made:
            lane.close()
