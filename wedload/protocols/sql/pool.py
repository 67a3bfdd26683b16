"""A pool of connections: whoever came first gets the one that is free first.

It opens connections when they are needed, up to its size, and one anew in place of one that was
lost. It does not reset a connection that comes back: no step leaves anything on one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from wedload.protocols.sql.port import QueryError
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from wedload.protocols.sql.port import Connection, Connector

_AT_ONCE: Final = 10  # connections that are opened at the same time, before the load


class Pool:
    """Up to `size` connections to a database."""

    def __init__(self, connector: Connector, size: int) -> None:
        self._connector = connector
        self._size = size
        self._idle: list[Connection] = []  # the last one used is used next: it is warm
        self._taken: set[Connection] = set()  # those that were handed over included
        self._opening = 0  # leaves to open one that were given included
        #: who waits: for a connection, or (None) for the leave to open one
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._settling: set[asyncio.Task[None]] = set()

    async def fill(self, timeout_ns: int) -> None:
        """Open all connections.

        Raises:
            QueryError: one cannot be.
        """
        gate = asyncio.Semaphore(_AT_ONCE)

        async def open_one() -> None:
            async with gate:
                self._opening += 1
                self._idle.append(await self._open(timeout_ns))

        missing = self._size - len(self._idle) - len(self._taken)
        for ended in await asyncio.gather(
            *(open_one() for _ in range(missing)), return_exceptions=True
        ):
            if isinstance(ended, BaseException):
                raise ended

    async def take(self, timeout_ns: int) -> Connection:
        """A connection for one query; to be given back, whatever happens.

        Raises:
            QueryError: one was to be opened, and cannot be in time (`connect`); or all of them were
                in use for the whole time (`pool_timeout`).
        """
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                self._taken.add(connection)
                return connection
            connection.terminate()
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_ns / NS_PER_S
        if len(self._taken) + self._opening < self._size:
            self._opening += 1
        elif (handed := await self._wait(until_s, timeout_ns)) is not None:
            return handed
        connection = await self._open(max(1, round((until_s - loop.time()) * NS_PER_S)))
        self._taken.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Let the next one have it; one that is lost makes room for another."""
        if not connection.usable:
            self._taken.discard(connection)
            connection.terminate()
            self._give_leave()
        elif not self._pass_on(connection):
            self._taken.discard(connection)
            self._idle.append(connection)

    def give_back_settled(self, connection: Connection) -> None:
        """The same once what was cut off on it is over at the database."""
        task = asyncio.create_task(self._settle(connection), name="settling a query")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def close(self) -> None:
        """End every connection, those in use at once."""
        for task in self._settling:
            task.cancel()
        await asyncio.gather(*self._settling, return_exceptions=True)
        for connection in self._taken:
            connection.terminate()
        await asyncio.gather(*(one.close() for one in self._idle))
        self._idle.clear()
        self._taken.clear()
        await asyncio.sleep(0)  # sockets close on the loop's next turn

    # --- inside -----------------------------------------------------------------------------

    async def _open(self, timeout_ns: int) -> Connection:
        """A new one, in the place that was kept for it."""
        try:
            connection = await self._connector.open(timeout_ns)
        except BaseException:
            asyncio.get_running_loop().call_soon(self._leave_unused)  # another may try
            raise
        self._opening -= 1
        return connection

    async def _wait(self, until_s: float, timeout_ns: int) -> Connection | None:
        """What comes in time.

        Raises:
            QueryError: nothing does.
        """
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Connection | None] = loop.create_future()
        self._waiting.append(turn)
        limit = loop.call_at(until_s, _out_of_time, turn)
        try:
            return await turn
        except TimeoutError:
            raise self._nothing_within(timeout_ns) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                connection = turn.result()  # it came as we left
                if connection is None:
                    self._leave_unused()
                else:
                    self.give_back(connection)
            raise
        finally:
            limit.cancel()

    def _nothing_within(self, timeout_ns: int) -> QueryError:
        """Why: it is the pool only if somebody has a connection of it."""
        within = format_duration_ns(timeout_ns)
        if self._taken:
            return QueryError("pool_timeout", f"no connection of the pool was free within {within}")
        return QueryError("connect", f"no connection within {within}")

    def _give_leave(self) -> None:
        """There is room: who has waited longest may open one, before anybody who comes now."""
        if self._pass_on(None):
            self._opening += 1

    def _leave_unused(self) -> None:
        """Nothing was opened in a place that was kept."""
        self._opening -= 1
        self._give_leave()

    def _pass_on(self, connection: Connection | None) -> bool:
        """Hand something to who has waited longest; whether there was anybody."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _settle(self, connection: Connection) -> None:
        try:
            await connection.settle()
        except BaseException:
            connection.terminate()
            raise
        finally:
            self.give_back(connection)


def _out_of_time(turn: asyncio.Future[Connection | None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
