"""The port's adapter for PostgreSQL: a pool of connections. Knows no table.

asyncpg is an optional dependency, so this module is imported only for a PostgreSQL DSN.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import asyncpg

from .database import (
    Bulk,
    ConflictError,
    DatabaseError,
    Many,
    Query,
    Row,
    Start,
    Statement,
    Transaction,
    UnavailableError,
)
from .dialect import POSTGRES, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

CONNECT_TIMEOUT_S = 5.0
# More connections than cores only queue inside the server; this many hide the round trips.
CONNECTIONS = 10
# A deadlock's victim did nothing wrong and may simply try again.
ATTEMPTS = 5

_RETRIED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_GONE = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    # What asyncpg says when it finds an idle connection closed under it while it begins to use it.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)

_Connection = Any  # asyncpg's pool hands out a proxy that its stubs do not call a connection


class PostgresDatabase:
    """The port on a pool of connections, in a schema of the sandbox's own."""

    dialect: Dialect = POSTGRES

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @classmethod
    async def open(
        cls, dsn: str, connections: int = CONNECTIONS, *, large: bool = False
    ) -> PostgresDatabase:
        """Connect, with so many connections at most (≥ 1); `large` is the catalogue.

        Raises:
            OSError, asyncpg.PostgresError, ValueError, TimeoutError: it cannot be reached, refuses,
                or the DSN makes no sense.
        """
        pool = asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections,
            timeout=CONNECT_TIMEOUT_S,
            # Searches have many shapes, each a statement of its own.
            statement_cache_size=500,
            # A workload of small queries: compiling them costs more than running them.
            server_settings={
                "search_path": "wedload_sandbox",
                "application_name": "wedload sandbox",
                "jit": "off",
                # Planning a search afresh for its arguments takes longer than running it, but for
                # a large catalogue: there a plan for any arguments reads whole tables.
                "plan_cache_mode": "auto" if large else "force_generic_plan",
                # As SQLite's NORMAL: a crash may lose the last moments, never the consistency.
                "synchronous_commit": "off",
            },
        )
        await asyncio.wait_for(pool, CONNECT_TIMEOUT_S)
        return cls(pool)

    async def read(self, start: Start[T]) -> T:
        """See the port."""
        with _translated():
            async with self._pool.acquire() as connection:
                return await _drive(connection, start())

    async def write(self, start: Start[T]) -> T:
        """See the port."""
        with _translated():
            for _ in range(ATTEMPTS - 1):
                with suppress(*_RETRIED):
                    return await self._write_once(start)
            return await self._write_once(start)

    async def _write_once(self, start: Start[T]) -> T:
        async with self._pool.acquire() as connection:
            transaction = start()  # which is told by it that there is a connection
            async with connection.transaction():
                return await _drive(connection, transaction)

    async def close(self) -> None:
        """See the port."""
        try:
            await asyncio.wait_for(self._pool.close(), 2)
        except TimeoutError:
            self._pool.terminate()


@contextmanager
def _translated() -> Iterator[None]:
    """The one place where asyncpg's errors become the port's."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise ConflictError(str(error)) from error
    except _GONE as error:
        raise UnavailableError(str(error) or type(error).__name__) from error
    except asyncpg.PostgresError as error:
        raise DatabaseError(str(error)) from error


async def _drive(connection: _Connection, transaction: Transaction[T]) -> T:
    """Feed the transaction the rows of what it yields, until it returns."""
    try:
        statement = next(transaction)
        while True:
            statement = transaction.send(await _execute(connection, statement))
    except StopIteration as stop:
        result: T = stop.value
        return result


async def _execute(connection: _Connection, statement: Statement) -> list[Row]:
    match statement:
        case Bulk(table, columns, rows):
            await connection.copy_records_to_table(
                table, schema_name="wedload_sandbox", columns=columns, records=rows
            )
            return []
        case Many(sql, args):
            await connection.executemany(sql, args)
            return []
        case Query(sql, args, _):
            return cast("list[Row]", await connection.fetch(sql, *args))
