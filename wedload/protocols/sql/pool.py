"""A pool of connections: whoever came first gets the one that is free first.

It opens connections when they are needed, up to its size, and one anew in place of one that was
lost. It does not reset a connection that comes back: no step leaves anything on one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.protocols.sql.port import Connection, Connector

_AT_ONCE: Final = 10  # connections that are opened at the same time, before the load


class Pool:
    """Up to `size` connections to a database."""

    def __init__(self, connector: Connector, size: int) -> None:
        self._connector = connector
        self._size = size
        self._idle: list[Connection] = []  # the last one used is used next: it is warm
        self._taken: set[Connection] = set()
        self._opening = 0
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
            QueryError: one was to be opened, and cannot be.
        """
        while True:
            while self._idle:
                connection = self._idle.pop()
                if connection.usable:
                    self._taken.add(connection)
                    return connection
                connection.terminate()
            if len(self._taken) + self._opening < self._size:
                connection = await self._open(timeout_ns)
            elif (handed := await self._wait()) is not None:
                connection = handed
            else:
                continue
            self._taken.add(connection)
            return connection

    def give_back(self, connection: Connection) -> None:
        """Let the next one have it; one that is lost makes room for another."""
        self._taken.discard(connection)
        if not connection.usable:
            connection.terminate()
            self._pass_on(None)
        elif not self._pass_on(connection):
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
        self._opening += 1
        try:
            return await self._connector.open(timeout_ns)
        except BaseException:
            asyncio.get_running_loop().call_soon(self._pass_on, None)  # another may try
            raise
        finally:
            self._opening -= 1

    async def _wait(self) -> Connection | None:
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it came as we left
                connection = turn.result()
                if connection is None:
                    self._pass_on(None)
                else:
                    self.give_back(connection)
            raise

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
