"""Lanes: how many requests of one virtual user can be on the way to a host at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

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

    @property
    def free(self) -> bool:
        """Whether a lane can be taken at once."""
        return not self._free.locked()

    async def take(self) -> Lane:
        """A lane of one's own, as soon as one is free; to be given back."""
        await self._free.acquire()
        if not self._idle:
            self._made.append(self._make())
            self._idle.append(self._made[-1])
        return self._idle.pop()

    def give_back(self, lane: Lane) -> None:
        """Let others have a lane that was taken."""
        self._idle.append(lane)
        self._free.release()

    def close(self) -> None:
        """Close the connections of all lanes at once."""
        for lane in self._made:
            lane.close()
