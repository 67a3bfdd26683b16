"""The browsers that listen, each with a bounded queue. Knows neither HTTP nor runs."""

from __future__ import annotations

import asyncio
from typing import Final

_MOST: Final = 8
_WAITING: Final = 20  # states: ten seconds of them


class Subscribers:
    """Gives each state to all; who does not take them in time is dropped, never waited for."""

    def __init__(self, most: int = _MOST, waiting: int = _WAITING) -> None:
        self._most = most
        self._waiting = waiting
        self._queues: set[asyncio.Queue[bytes | None]] = set()

    @property
    def count(self) -> int:
        """How many listen."""
        return len(self._queues)

    def join(self) -> asyncio.Queue[bytes | None] | None:
        """A queue, in which None is the end; None: there are enough subscribers already."""
        if len(self._queues) >= self._most:
            return None
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(self._waiting)
        self._queues.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[bytes | None]) -> None:
        """A browser is gone."""
        self._queues.discard(queue)

    def tell(self, state: bytes) -> None:
        """Hand a state to all."""
        for queue in list(self._queues):
            if queue.full():
                self._drop(queue)
            else:
                queue.put_nowait(state)

    def close(self) -> None:
        """Nothing more comes."""
        for queue in list(self._queues):
            self._drop(queue)

    def _drop(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._queues.discard(queue)
        if queue.full():
            queue.get_nowait()  # room for the end
        queue.put_nowait(None)
