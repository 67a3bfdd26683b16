"""SQLite through the standard library: each connection has a thread, in which its queries run.

No statement opens another file: the plan's was found where plans may have files, and an authorizer
refuses every ATTACH.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from wedload.protocols.sql.outcomes import of_sqlite
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.values import for_sqlite, plain
from wedload.units import NS_PER_MS, NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.database_places import SqlitePlace
    from wedload.plan.statements import Statement

_NOT_HERE: Final = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
_AGAIN_S: Final = 0.01  # between two interrupts of a query that has not noticed
#: how long what was cut off may take to be over, s; a wait for a lock does not end by an interrupt
_SETTLE_S: Final = 5.0


class SqliteConnector:
    """Opens a file. A `Connector`."""

    def __init__(self, place: SqlitePlace) -> None:
        self._file = place.file

    async def open(self, timeout_ns: int) -> SqliteConnection:
        """See `Connector.open`."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(thread, self._opened, timeout_ns)
        except sqlite3.Error as error:
            thread.shutdown(wait=False)
            raise QueryError("connect", str(error)) from None
        return SqliteConnection(found, thread)

    def _opened(self, timeout_ns: int) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(self._file)}?mode=rw",
            uri=True,
            timeout=timeout_ns / NS_PER_S,
            isolation_level=None,
            check_same_thread=False,  # to be interrupted from another one
        )
        connection.execute("SELECT count(*) FROM sqlite_schema")  # a file of another kind says so
        connection.set_authorizer(_authorize)
        return connection


class _Found:
    """Rows of SQLite. A `Found`."""

    __slots__ = ("_columns", "_rows", "row_count")

    def __init__(self, columns: list[str], rows: list[tuple[Any, ...]], row_count: int) -> None:
        self._columns = columns
        self._rows = rows
        self.row_count = row_count

    def plain(self) -> list[dict[str, Any]]:
        """See `Found.plain`."""
        return [dict(zip(self._columns, map(plain, row), strict=True)) for row in self._rows]


class SqliteConnection:
    """A connection to a file. A `Connection`."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self.usable = True  # until it is ended: nobody else ends it
        self._connection = connection
        self._thread = thread
        self._work: asyncio.Future[Any] | None = None  # what is under way
        self._unwanted = threading.Event()  # whether it is to end

    async def run(self, statement: Statement, params: Sequence[Any], timeout_ns: int) -> _Found:
        """See `Connection.run`."""
        sql = statement.with_question_marks()
        values = [for_sqlite(value) for value in params]
        return await self._within(timeout_ns, self._fetch, sql, values)

    async def explain(
        self, statement: Statement, params: Sequence[Any], timeout_ns: int
    ) -> list[Any]:
        """See `Connection.explain`: the lines of EXPLAIN QUERY PLAN."""
        sql = f"EXPLAIN QUERY PLAN {statement.with_question_marks()}"
        values = [for_sqlite(value) for value in params]
        found = await self._within(timeout_ns, self._fetch, sql, values)
        return [{key: row[key] for key in ("id", "parent", "detail")} for row in found.plain()]

    async def settle(self) -> None:
        """See `Connection.settle`: an interrupted statement ends soon."""
        if self._work is not None:
            await asyncio.wait([self._work], timeout=_SETTLE_S)
            if not self._work.done():
                self.terminate()

    async def close(self) -> None:
        """See `Connection.close`."""
        if not self.usable:
            return
        self.usable = False
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)

    def terminate(self) -> None:
        """See `Connection.terminate`."""
        if not self.usable:
            return
        self.usable = False
        if self._work is not None:
            self._end(self._work, self._unwanted)
        self._thread.submit(self._connection.close)
        self._thread.shutdown(wait=False)

    # --- inside -----------------------------------------------------------------------------

    async def _within(
        self,
        timeout_ns: int,
        fetch: Callable[[str, list[Any], int, threading.Event], _Found],
        sql: str,
        values: list[Any],
    ) -> _Found:
        """What is done in the thread; interrupted if it takes too long, or nobody wants it."""
        loop = asyncio.get_running_loop()
        unwanted = self._unwanted = threading.Event()
        work = loop.run_in_executor(self._thread, fetch, sql, values, timeout_ns, unwanted)
        self._work = work
        work.add_done_callback(_looked_at)
        limit = loop.call_later(timeout_ns / NS_PER_S, self._end, work, unwanted)
        try:
            found: _Found = await asyncio.shield(work)
        except asyncio.CancelledError:
            self._end(work, unwanted)
            raise
        except (sqlite3.Error, OverflowError, ValueError) as error:
            outcome = "cancelled" if isinstance(error, _UnwantedError) else of_sqlite(error)
            if outcome == "cancelled":  # nobody else interrupts it
                message = f"no end within {format_duration_ns(timeout_ns)}"
                raise QueryError("timeout", message) from None
            raise QueryError(outcome, str(error)) from None
        finally:
            limit.cancel()
        return found

    def _end(self, work: asyncio.Future[Any], unwanted: threading.Event) -> None:
        """End a query, however far it is: an interrupt is for a statement that runs already.

        Again until it is over, and no handler of SQLite's that is asked while it runs: that would
        want Python's lock in the middle of every query.
        """
        if work.done():
            return
        unwanted.set()
        with suppress(sqlite3.ProgrammingError):  # closed: it is over, and we are not told yet
            self._connection.interrupt()
        asyncio.get_running_loop().call_later(_AGAIN_S, self._end, work, unwanted)

    def _fetch(
        self, sql: str, values: list[Any], timeout_ns: int, unwanted: threading.Event
    ) -> _Found:
        connection = self._connection
        connection.execute(f"PRAGMA busy_timeout = {max(1, timeout_ns // NS_PER_MS)}")
        if unwanted.is_set():
            raise _UnwantedError
        cursor = connection.execute(sql, values)
        if cursor.description is None:
            return _Found([], [], max(0, cursor.rowcount))
        rows = cursor.fetchall()
        return _Found([column[0] for column in cursor.description], rows, len(rows))


class _UnwantedError(sqlite3.Error):
    """Nobody waits for the query any more, before it has begun."""


def _looked_at(work: asyncio.Future[Any]) -> None:
    """What became of a query that nobody waits for any more is nobody's concern."""
    if not work.cancelled():
        work.exception()


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action in _NOT_HERE else sqlite3.SQLITE_OK
