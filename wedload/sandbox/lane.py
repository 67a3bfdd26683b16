"""A queue in front of the threads that may use a database's connections. Knows no SQL.

Waking a thread, and getting the interpreter's lock back from it, costs more than a small query
does. So the jobs that arrive within one turn of the event loop are handed over together, a thread
takes all that wait (up to a bound), and their results come back in one call.
"""

from __future__ import annotations

import asyncio
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .database import Start, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
C = TypeVar("C")

Job = tuple[Start[Any], "asyncio.Future[Any]"]
# A job's future, its result, and the exception if it has none.
Settled = tuple["asyncio.Future[Any]", Any, BaseException | None]


class Lane(Generic[C]):
    """One thread per connection; `run_batch` does the work, on those threads."""

    def __init__(
        self,
        connections: Sequence[C],
        run_batch: Callable[[C, list[Job]], list[Settled]],
        most_at_once: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: list[Job] = []
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._run_batch = run_batch
        self._most_at_once = most_at_once
        self._closed = False
        self._threads = [
            Thread(target=self._work, args=(connection,), name="database", daemon=True)
            for connection in connections
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, start: Start[T]) -> T:
        """The transaction's result, once a thread has run it.

        Raises:
            UnavailableError: the lane is closed.
        """
        if self._closed:
            raise UnavailableError("the database is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        if not self._arrived:
            self._loop.call_soon(self._hand_over)
        self._arrived.append((start, future))
        return await future

    async def close(self) -> None:
        """Let the threads finish what they were given, and wait for them."""
        self._closed = True
        self._hand_over()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _hand_over(self) -> None:
        for job in self._arrived:
            self._queue.put(job)
        self._arrived.clear()

    def _work(self, connection: C) -> None:
        """A thread's life, until it takes a `None`."""
        ended = False
        while not ended:
            batch: list[Job] = []
            job = self._queue.get()
            while job is not None:
                batch.append(job)
                if len(batch) == self._most_at_once:
                    break
                try:
                    job = self._queue.get_nowait()
                except Empty:
                    break
            ended = job is None
            if batch:
                self._loop.call_soon_threadsafe(_settle, self._run_batch(connection, batch))


def _settle(results: list[Settled]) -> None:
    """On the event loop: hand each result to the handler that awaits it."""
    for future, result, error in results:
        if future.done():  # its handler was cancelled meanwhile
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
