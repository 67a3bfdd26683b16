"""The port's adapter for SQLite: one thread that writes, a few that read. Knows no table.

The event loop never waits for the file: a transaction runs as one function on a database thread,
so it costs one hop there and one back. SQLite has one writer at a time anyway; giving it a thread
of its own replaces waiting for the lock by waiting in a queue, which is fair.

Source: https://www.sqlite.org/wal.html (readers do not block the writer, nor it them;
`synchronous = NORMAL` may lose the last transactions in a power cut but never corrupts).
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar, cast

import orjson

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
from .dialect import SQLITE, Dialect, numbered_question_marks
from .lane import Job, Lane, Settled

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

T = TypeVar("T")

READERS = 2
# A commit costs about as much as a small transaction does; under load, those that wait in the
# queue share one. Bounded, as each of them is answered only after the last of them has run.
MOST_PER_COMMIT = 32
# Smaller, as a search takes longer than any write.
MOST_PER_READ = 6


class SqliteDatabase:
    """The port on one SQLite file in WAL mode."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path, readers: int = READERS) -> None:
        """Open the file, creating it if need be, with so many threads that read (≥ 1).

        Raises:
            sqlite3.Error: it cannot be opened, or is something else.
        """
        self._connections: list[sqlite3.Connection] = []
        try:
            for _ in range(1 + readers):
                self._connections.append(_connect(path))
            writer, *reading = self._connections
            for reader in reading:
                reader.execute("PRAGMA query_only = ON")
        except BaseException:
            for connection in self._connections:
                connection.close()
            raise
        self._writer = Lane([writer], _write_batch, MOST_PER_COMMIT)
        self._readers = Lane(reading, _read_batch, MOST_PER_READ)

    async def read(self, start: Start[T]) -> T:
        """See the port."""
        return await self._readers.run(start)

    async def write(self, start: Start[T]) -> T:
        """See the port."""
        return await self._writer.run(start)

    async def close(self) -> None:
        """See the port."""
        await self._readers.close()
        await self._writer.close()
        # The writer last: closing the last connection folds the log back into the file.
        for connection in reversed(self._connections):
            connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    # Each connection is used by one thread only, though not by the one that opens it.
    connection = sqlite3.connect(
        path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        # Every commit empties the readers' caches; mapped, the file's pages need no copying back.
        connection.execute("PRAGMA mmap_size = 268435456")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_batch(connection: sqlite3.Connection, batch: list[Job]) -> list[Settled]:
    return [_run_one(connection, start, future) for start, future in batch]


def _write_batch(connection: sqlite3.Connection, batch: list[Job]) -> list[Settled]:
    """Run each transaction inside one commit; one that fails undoes only itself."""
    if len(batch) == 1:
        return [_write_alone(connection, *batch[0])]
    settled: list[Settled] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for start, future in batch:
            connection.execute("SAVEPOINT one")
            outcome = _run_one(connection, start, future)
            if outcome[2] is not None:
                connection.execute("ROLLBACK TO one")
            connection.execute("RELEASE one")
            settled.append(outcome)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        # E.g. the disk is full: SQLite may have rolled back by itself, and nothing is committed.
        _roll_back(connection)
        return [(future, None, _translated(error)) for _, future in batch]
    return settled


def _write_alone(
    connection: sqlite3.Connection, start: Start[Any], future: asyncio.Future[Any]
) -> Settled:
    """The same for one transaction, without the two statements of a savepoint."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        outcome = _run_one(connection, start, future)
        if outcome[2] is None:
            connection.execute("COMMIT")
        else:
            _roll_back(connection)
    except sqlite3.Error as error:
        _roll_back(connection)
        return future, None, _translated(error)
    return outcome


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _run_one(
    connection: sqlite3.Connection, start: Start[Any], future: asyncio.Future[Any]
) -> Settled:
    try:
        return future, _drive(connection, start()), None
    except sqlite3.Error as error:
        return future, None, _translated(error)
    except Exception as error:  # noqa: BLE001 - whatever the transaction raises is its caller's to handle
        return future, None, error


def _drive(connection: sqlite3.Connection, transaction: Transaction[T]) -> T:
    """Feed the transaction the rows of what it yields, until it returns."""
    try:
        statement = next(transaction)
        while True:
            statement = transaction.send(_execute(connection, statement))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _execute(connection: sqlite3.Connection, statement: Statement) -> list[Row]:
    match statement:
        case Bulk(table, columns, rows):
            marks = ", ".join("?" * len(columns))
            names = ", ".join(columns)
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
            return []
        case Many(sql, args):
            connection.executemany(numbered_question_marks(sql), args)
            return []
        case Query(sql, args, many_rows):
            sql = numbered_question_marks(sql)
            if many_rows and (at_once := _AT_ONCE.get(sql)):
                return cast(
                    "list[Row]", orjson.loads(connection.execute(at_once, args).fetchone()[0])
                )
            cursor = connection.execute(sql, args)
            if many_rows:
                _AT_ONCE[sql] = _all_rows_in_one(sql, len(cursor.description))
            return cursor.fetchall()


# Python gives up the interpreter's lock for each row that it fetches, and may have to wait to get
# it back; with a busy event loop this took longer than the queries. So all rows come as one.
_AT_ONCE: dict[str, str] = {}


def _all_rows_in_one(sql: str, columns: int) -> str:
    """The statement that answers with one JSON array of the rows of `sql`, in the same order.

    SQLite keeps a subquery's ORDER BY when an aggregate around it may depend on it (select.c,
    "omit ORDER BY", condition 6).
    """
    names = ", ".join(f"c{n}" for n in range(columns))
    return f"WITH r ({names}) AS ({sql}) SELECT json_group_array(json_array({names})) FROM r"  # noqa: S608


def _translated(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError):
        return ConflictError(str(error))
    if isinstance(error, sqlite3.OperationalError):
        return UnavailableError(str(error))
    return DatabaseError(str(error))
